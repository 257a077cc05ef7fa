import type * as dynamic from "@pulumi/pulumi/dynamic";
import { withClient } from "../postgres/connection";
import { safeError } from "../postgres/errors";
import { reportAs } from "../postgres/report";
import { requireCurrentConnection } from "../pulumi/current-connection";
import { configuredDatabaseUrl, setDatabaseUrl } from "../pulumi/provider-config";
import { transferKeys } from "./apply";
import { type KeyTransferInputs, type KeyTransferState, requireValidInputs, type TransferOutputs } from "./args";
import { deleteTransfer } from "./delete";
import { diffTransfer } from "./diff";
import { outputsAfterRun } from "./outputs";
import { requirePreconditions } from "./preconditions";
import { readTransfer } from "./read";

/** What Pulumi's engine asks of the provider; each answer is a function of its own that takes the URL of the database. */

export { setDatabaseUrl as configure };

/** A failure rather than an error: it stops the preview, and Pulumi prints it without a stack. Reads the catalog only. */
export async function check(_olds: unknown, news: KeyTransferInputs): Promise<dynamic.CheckResult<KeyTransferInputs>> {
  try {
    requireValidInputs(news);
    await withClient(configuredDatabaseUrl(), { purpose: "checking the wallet tables", readOnly: true }, (client) =>
      requirePreconditions(client, news, "preview"),
    );
    return { inputs: news };
  } catch (error) {
    return { inputs: news, failures: [{ property: "vaultTable", reason: safeError(error, "checking").message }] };
  }
}

export async function diff(_id: string, olds: KeyTransferState, news: KeyTransferInputs): Promise<dynamic.DiffResult> {
  return diffTransfer(olds, news);
}

export async function create(news: KeyTransferInputs): Promise<dynamic.CreateResult> {
  return { id: `${news.schema}.${news.vaultTable}`, outs: await apply(news) };
}

export async function update(
  _id: string,
  _olds: KeyTransferState,
  news: KeyTransferInputs,
): Promise<dynamic.UpdateResult> {
  return { outs: await apply(news) };
}

export async function read(id: string, props: KeyTransferState): Promise<dynamic.ReadResult> {
  await requireCurrentConnection();
  return readTransfer(configuredDatabaseUrl(), id, props);
}

async function remove(): Promise<void> {
  await requireCurrentConnection();
  return deleteTransfer(configuredDatabaseUrl(), reportAs("transfer"));
}
export { remove as delete };

async function apply(news: KeyTransferInputs): Promise<KeyTransferInputs & TransferOutputs> {
  const result = await transferKeys(configuredDatabaseUrl(), news, news, news.survey, reportAs("transfer"));
  return { ...news, ...outputsAfterRun(news, result) };
}
