import { reportAs } from "../postgres/report";
import { requireCurrentConnection } from "../pulumi/current-connection";
import { configuredDatabaseUrl, setDatabaseUrl } from "../pulumi/provider-config";
import { applyConstraint, originKept } from "./apply";
import { inputsFrom, type Properties } from "./args";
import { deleteConstraint } from "./delete";
import { diffConstraint } from "./diff";
import { checkConstraint } from "./preconditions";
import { readConstraint } from "./read";

/** What Pulumi's engine asks of the provider; each answer is a function of its own that takes the URL of the database. */

export const configure = (databaseUrl: string): void => setDatabaseUrl(databaseUrl);

export async function check(_olds: Properties, news: Properties) {
  return checkConstraint(configuredDatabaseUrl(), news, reportAs("constraint"));
}

export async function diff(_id: string, olds: Properties, news: Properties) {
  return diffConstraint(configuredDatabaseUrl(), olds, news, reportAs("constraint"));
}

export async function create(inputs: Properties) {
  const outs = await applyConstraint(configuredDatabaseUrl(), inputsFrom(inputs));
  return { id: `${outs.schema}.${outs.table} (${outs.columns.join(", ")})`, outs };
}

export async function update(_id: string, olds: Properties, news: Properties) {
  return { outs: originKept(olds, await applyConstraint(configuredDatabaseUrl(), inputsFrom(news))) };
}

export async function read(id: string, props: Properties) {
  await requireCurrentConnection();
  return readConstraint(configuredDatabaseUrl(), id, props);
}

async function remove(_id: string, props: Properties) {
  return deleteConstraint(props, reportAs("constraint"));
}
export { remove as delete };
