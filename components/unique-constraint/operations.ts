import { WalletVaultError } from "../postgres/errors";
import { reportAs } from "../postgres/report";
import { requireCurrentConnection } from "../pulumi/current-connection";
import { configuredDatabaseUrl, setDatabaseUrl } from "../pulumi/provider-config";
import { applyConstraint, type UniqueConstraintOutputs } from "./apply";
import { hasUnknown } from "../pulumi/unknown-value";
import { inputsFrom } from "./args";
import { diffOf } from "./diff";
import { requirePreconditions } from "./preconditions";
import { readConstraint, targetFrom } from "./read";

/** Properties as Pulumi hands them over: from this version of the program, from an older one, or partly unknown. */
export type Properties = Readonly<Record<string, unknown>>;

/** Takes the connection from Pulumi's configuration; once per provider process. */
export function configure(databaseUrl: string): void {
  setDatabaseUrl(databaseUrl);
}

export async function check(_olds: Properties, news: Properties) {
  return checkAt(configuredDatabaseUrl(), news);
}

/** What is in the way comes back as check failures, which stop the preview; Pulumi prints the reason. */
export async function checkAt(databaseUrl: string, news: Properties, report = reportAs("constraint")) {
  const failures: { property: string; reason: string }[] = [];
  try {
    if (!hasUnknown(news)) await requirePreconditions(databaseUrl, inputsFrom(news), report);
  } catch (error) {
    if (!(error instanceof WalletVaultError)) throw error;
    // Pulumi prints the property's value beside the reason: a table's name is short and says where to look.
    failures.push({ property: "table", reason: error.message });
  }
  return { inputs: news, failures };
}

export async function diff(_id: string, olds: Properties, news: Properties) {
  return diffOf(configuredDatabaseUrl(), olds, news, reportAs("constraint"));
}

export async function create(inputs: Properties) {
  const outs = await applyConstraint(configuredDatabaseUrl(), inputsFrom(inputs));
  return { id: `${outs.schema}.${outs.table} (${outs.columns.join(", ")})`, outs };
}

/** The same work as create; a constraint that turns out to be in order keeps its origin. */
export async function update(
  _id: string,
  olds: Properties,
  news: Properties,
): Promise<{ outs: UniqueConstraintOutputs }> {
  const outs = await applyConstraint(configuredDatabaseUrl(), inputsFrom(news));
  const same = outs.origin === "adopted" && outs.name === olds["name"] && outs.index === olds["index"];
  return { outs: same && isOrigin(olds["origin"]) ? { ...outs, origin: olds["origin"] } : outs };
}

/**
 * The live state, for `pulumi refresh`. Where nothing serves ON CONFLICT any more the resource is gone: an empty id
 * takes it out of the state, and the next update makes it again.
 */
export async function read(id: string, props: Properties) {
  await requireCurrentConnection();
  return readAt(configuredDatabaseUrl(), id, props);
}

export async function readAt(databaseUrl: string, id: string, props: Properties) {
  const target = targetFrom(props);
  const live = target && (await readConstraint(databaseUrl, target, String(props["name"]), true));
  if (live === undefined) return { id: "", props: {} };
  return { id, props: { ...props, ...live, arbiterProven: true } };
}

/**
 * Keeps the constraint: it guards the vault against a second key for a credential also when nobody deploys any more,
 * and it may have been there before us.
 */
export async function deleteResource(): Promise<void> {}
export { deleteResource as delete };

const isOrigin = (value: unknown): value is UniqueConstraintOutputs["origin"] =>
  ["created", "adopted", "promoted", "repaired"].includes(String(value));
