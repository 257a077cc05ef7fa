import type * as dynamic from "@pulumi/pulumi/dynamic";
import { withClient } from "../postgres/connection";
import { safeError } from "../postgres/errors";
import { requirePresentConnection } from "../postgres/present-connection";
import { reportAs } from "../postgres/progress";
import { setTarget, target } from "../postgres/target";
import { difference } from "./difference";
import { deleteView } from "./drop";
import { ensureView } from "./ensure";
import { requirePlace } from "./preconditions";
import { requireReplaceable } from "./replaceable";
import { refreshed } from "./refresh";
import { displayName, type ViewSpec, type ViewState } from "./spec";

/** What Pulumi's engine asks of the provider; each answer is a function of its own that takes the URL of the database. */

/** How a value looks to `check` that only a resource of the same run will know. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const configure = (databaseUrl: string): void => setTarget(databaseUrl);

/** A failure rather than an error: it stops the preview, and Pulumi prints it without a stack. */
export async function check(_olds: unknown, news: ViewSpec): Promise<dynamic.CheckResult> {
  if (JSON.stringify(news).includes(unknown)) return { inputs: news };
  try {
    await checkView(target(), news);
    return { inputs: news };
  } catch (error) {
    return { inputs: news, failures: [{ property: "name", reason: safeError(error, "checking a view").message }] };
  }
}

/** Reads only. @throws WalletVaultError what requirePlace throws */
export function checkView(databaseUrl: string, spec: ViewSpec): Promise<void> {
  const session = { purpose: `checking view ${displayName(spec)}`, readOnly: true };
  return withClient(databaseUrl, session, async (client) => {
    await requirePlace(client, spec, "preview", reporter(spec));
    await requireReplaceable(client, spec);
  });
}

export function diff(_id: string, olds: ViewState, news: ViewSpec): Promise<dynamic.DiffResult> {
  return difference(target(), olds, news, reporter(news));
}

export async function create(inputs: ViewSpec): Promise<dynamic.CreateResult> {
  const outs = await ensureView(target(), inputs, undefined, reporter(inputs));
  return { id: outs.qualifiedName, outs };
}

export async function update(_id: string, olds: ViewState, news: ViewSpec): Promise<dynamic.UpdateResult> {
  return { outs: await ensureView(target(), news, olds.owner, reporter(news)) };
}

export async function read(id: string, props: ViewState): Promise<dynamic.ReadResult> {
  await requirePresentConnection();
  return refreshed(target(), id, props, reporter(props));
}

async function remove(_id: string, props: ViewState): Promise<void> {
  await requirePresentConnection();
  return deleteView(target(), props, reporter(props));
}
export { remove as delete };

const reporter = (view: { schema: string; name: string }) => reportAs(`view ${displayName(view)}`);
