import type * as dynamic from "@pulumi/pulumi/dynamic";
import { safeError } from "../postgres/errors";
import { requireCurrentConnection } from "../pulumi/current-connection";
import { configuredDatabaseUrl, setDatabaseUrl } from "../pulumi/provider-config";
import { hasUnknown } from "../pulumi/unknown-value";
import { applyView } from "./apply";
import { reportOn, type ViewInputs, type ViewOutputs } from "./args";
import { deleteView } from "./delete";
import { diffView } from "./diff";
import { checkView } from "./preconditions";
import { readView } from "./read";

/** What Pulumi's engine asks of the provider; each answer is a function of its own that takes the URL of the database. */

export const configure = (databaseUrl: string): void => setDatabaseUrl(databaseUrl);

/** Answers with a failure, not an error: it stops the preview as well, and Pulumi prints it without a stack. */
export async function check(_olds: unknown, news: ViewInputs): Promise<dynamic.CheckResult> {
  if (hasUnknown(news)) return { inputs: news };
  try {
    await checkView(configuredDatabaseUrl(), news);
    return { inputs: news };
  } catch (error) {
    return { inputs: news, failures: [{ property: "name", reason: safeError(error, "checking a view").message }] };
  }
}

export function diff(_id: string, olds: ViewOutputs, news: ViewInputs): Promise<dynamic.DiffResult> {
  return diffView(configuredDatabaseUrl(), olds, news, reportOn(news));
}

export async function create(inputs: ViewInputs): Promise<dynamic.CreateResult> {
  const outs = await applyView(configuredDatabaseUrl(), inputs, undefined, reportOn(inputs));
  return { id: outs.qualifiedName, outs };
}

export async function update(_id: string, olds: ViewOutputs, news: ViewInputs): Promise<dynamic.UpdateResult> {
  return { outs: await applyView(configuredDatabaseUrl(), news, olds.owner, reportOn(news)) };
}

export async function read(id: string, props: ViewOutputs): Promise<dynamic.ReadResult> {
  await requireCurrentConnection();
  return readView(configuredDatabaseUrl(), id, props, reportOn(props));
}

async function remove(_id: string, props: ViewOutputs): Promise<void> {
  await requireCurrentConnection();
  return deleteView(configuredDatabaseUrl(), props, reportOn(props));
}
export { remove as delete };
