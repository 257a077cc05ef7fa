import type * as dynamic from "@pulumi/pulumi/dynamic";
import { safeError } from "../postgres/errors";
import { requireCurrentConnection } from "../pulumi/current-connection";
import { configuredDatabaseUrl, setDatabaseUrl } from "../pulumi/provider-config";
import { hasUnknown } from "../pulumi/unknown-value";
import { applyTable } from "./apply";
import { displayName } from "../postgres/printable";
import { inputsFrom, reportOn, type TableInputs, type TableOutputs } from "./args";
import { deleteTable } from "./delete";
import { diffTable } from "./diff";
import { checkTable } from "./preconditions";
import { readTable } from "./read";

/** What Pulumi's engine asks of the provider; each answer is a function of its own that takes the URL of the database. */

export { setDatabaseUrl as configure };

/** Answers with a failure, not an error: it stops the preview as well, and Pulumi prints it without a stack. */
export async function check(_olds: unknown, news: TableInputs): Promise<dynamic.CheckResult> {
  if (hasUnknown(news)) return { inputs: news };
  try {
    await checkTable(configuredDatabaseUrl(), inputsFrom(news));
    return { inputs: news };
  } catch (error) {
    return { inputs: news, failures: [{ property: "name", reason: safeError(error, "checking a table").message }] };
  }
}

export function diff(_id: string, olds: TableOutputs, news: TableInputs): Promise<dynamic.DiffResult> {
  return diffTable(configuredDatabaseUrl(), olds, news, reportOn(news));
}

export async function create(news: TableInputs): Promise<dynamic.CreateResult> {
  return { id: displayName(news), outs: await apply(news) };
}

export async function update(_id: string, _olds: TableOutputs, news: TableInputs): Promise<dynamic.UpdateResult> {
  return { outs: await apply(news) };
}

const apply = (news: TableInputs): Promise<TableOutputs> =>
  applyTable(configuredDatabaseUrl(), inputsFrom(news), reportOn(news));

export async function read(id: string, props: TableOutputs): Promise<dynamic.ReadResult> {
  await requireCurrentConnection();
  return readTable(configuredDatabaseUrl(), id, props);
}

export { deleteTable as delete };
