import { enabledEventTriggers } from "../postgres/catalog/event-triggers";
import type { Client } from "../postgres/connection";
import { sqlstateOf } from "../postgres/errors";
import { quoteIdent, quoteQualified } from "../postgres/quote";
import { withRoleSettings } from "../postgres/role-settings";
import type { ViewInputs } from "./args";
import { withClause } from "./options";
import { dependsOnSearchPath } from "./search-path-dependencies";

/**
 * Creates the view or replaces it in place. Always says all options: a replacement that names none would silently lose
 * the ones there are (security_invoker among them) and keep the grants.
 *
 * Where there are event triggers, they find the role's own search path. So does the query then, and a function or operator of
 * another role could stand in for one of pg_catalog: what the view depends on is looked at, and where that is not what
 * the query names, it is made again under our own path. In a transaction.
 */
export async function createOrReplaceView(client: Client, inputs: ViewInputs): Promise<void> {
  const head = `create or replace view ${quoteQualified(inputs.schema, inputs.name)} ${withClause(inputs.options)} as`;
  // The extended protocol takes one command only, so a query with a second command after a semicolon is refused.
  const create = () => client.query({ text: `${head}\n${inputs.query}`, queryMode: "extended" } as { text: string });
  if ((await enabledEventTriggers(client)).length === 0) {
    await create();
    return;
  }
  await client.query("savepoint wallet_vault_view");
  try {
    await withRoleSettings(client, create);
    if (!(await dependsOnSearchPath(client, inputs))) return;
  } catch (error) {
    // A name in the role's path can also make the query one that PostgreSQL refuses.
    if (!sqlstateOf(error)?.startsWith("42")) throw error;
  }
  await client.query("rollback to savepoint wallet_vault_view");
  await create();
}

/** Without cascade: what depends on the view is never dropped with it. */
export async function dropView(client: Client, view: { schema: string; name: string }): Promise<void> {
  await withRoleSettings(client, () => client.query(`drop view if exists ${quoteQualified(view.schema, view.name)}`));
}

export async function setOwner(client: Client, inputs: ViewInputs, owner: string): Promise<void> {
  await withRoleSettings(client, () =>
    client.query(`alter view ${quoteQualified(inputs.schema, inputs.name)} owner to ${quoteIdent(owner)}`),
  );
}

/** The recorded owner while that role is there and the connected one may act for it; else the connected role. */
export async function desiredOwner(client: Client, recorded: string | undefined): Promise<string> {
  const { rows } = await client.query<{ owner: string }>(
    `select coalesce(
              (select r.rolname from pg_roles r where r.rolname = $1 and pg_has_role(r.oid, 'usage')),
              current_user)::text as owner`,
    [recorded ?? null],
  );
  return rows[0]!.owner;
}
