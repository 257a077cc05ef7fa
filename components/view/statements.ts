import type { Client } from "../postgres/connection";
import { qualified, quoted } from "../postgres/identifiers";
import { withClause } from "./options";
import type { ViewSpec } from "./spec";

/**
 * Creates the view or replaces it in place. Always says all options: a replacement that names none would silently lose
 * the ones there are (security_invoker among them) and keep the grants.
 */
export async function createOrReplaceView(client: Client, spec: ViewSpec): Promise<void> {
  const head = `create or replace view ${qualified(spec.schema, spec.name)} ${withClause(spec.options)} as`;
  // The extended protocol takes one command only, so a query with a second command after a semicolon is refused.
  await client.query({ text: `${head}\n${spec.query}`, queryMode: "extended" } as { text: string });
}

/** Without cascade: what depends on the view is never dropped with it. */
export async function dropView(client: Client, view: { schema: string; name: string }): Promise<void> {
  await client.query(`drop view if exists ${qualified(view.schema, view.name)}`);
}

export async function giveTo(client: Client, spec: ViewSpec, owner: string): Promise<void> {
  await client.query(`alter view ${qualified(spec.schema, spec.name)} owner to ${quoted(owner)}`);
}

/** The recorded owner while that role is there and the connected one may act for it; else the connected role. */
export async function rightfulOwner(client: Client, recorded: string | undefined): Promise<string> {
  const { rows } = await client.query<{ owner: string }>(
    `select coalesce(
              (select r.rolname from pg_roles r where r.rolname = $1 and pg_has_role(r.oid, 'usage')),
              current_user)::text as owner`,
    [recorded ?? null],
  );
  return rows[0]!.owner;
}
