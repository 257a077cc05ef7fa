import type * as dynamic from "@pulumi/pulumi/dynamic";
import type { TransferOutputs } from "../key-transfer/args";
import { withClient } from "../postgres/connection";
import { safeError } from "../postgres/errors";
import { reportAs } from "../postgres/report";
import { requireCurrentConnection } from "../pulumi/current-connection";
import { configuredDatabaseUrl, setDatabaseUrl } from "../pulumi/provider-config";
import { hasUnknown } from "../pulumi/unknown-value";
import { proveIdentity } from "./apply";
import { type KeyIdentityInputs, type KeyIdentityState, requireValidInputs } from "./args";
import { deleteIdentity } from "./delete";
import { diffIdentity } from "./diff";
import { outputsAfterProof } from "./outputs";
import { requireTemporary } from "./preconditions";
import { readIdentity } from "./read";

/** What Pulumi's engine asks of the provider; each answer is a function of its own that takes the URL of the database. */

export { setDatabaseUrl as configure };

/** A failure rather than an error: it stops the preview, and Pulumi prints it without a stack. */
export async function check(_olds: unknown, news: KeyIdentityInputs): Promise<dynamic.CheckResult<KeyIdentityInputs>> {
  try {
    if (!hasUnknown(news)) requireValidInputs(news);
    const session = { purpose: "checking what a proof needs", readOnly: true };
    await withClient(configuredDatabaseUrl(), session, requireTemporary);
    return { inputs: news };
  } catch (error) {
    return { inputs: news, failures: [{ property: "schema", reason: safeError(error, "checking").message }] };
  }
}

export async function diff(_id: string, olds: KeyIdentityState, news: KeyIdentityInputs): Promise<dynamic.DiffResult> {
  return diffIdentity(olds, news);
}

export async function create(news: KeyIdentityInputs): Promise<dynamic.CreateResult> {
  return { id: `${news.schema}.${news.credentialsTable}`, outs: await apply(news) };
}

export async function update(
  _id: string,
  _olds: KeyIdentityState,
  news: KeyIdentityInputs,
): Promise<dynamic.UpdateResult> {
  return { outs: await apply(news) };
}

export async function read(id: string, props: KeyIdentityState): Promise<dynamic.ReadResult> {
  await requireCurrentConnection();
  return readIdentity(configuredDatabaseUrl(), id, props);
}

export { deleteIdentity as delete };

async function apply(news: KeyIdentityInputs): Promise<KeyIdentityInputs & TransferOutputs> {
  const result = await proveIdentity(configuredDatabaseUrl(), news, news, news.survey, reportAs("identity"));
  return { ...news, ...outputsAfterProof(news, result) };
}
