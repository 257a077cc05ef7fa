import type { Client } from "../postgres/connection";
import { quoteIdent, quoteQualified } from "../postgres/quote";
import type { Report } from "../postgres/report";
import { withRoleSettings } from "../postgres/role-settings";
import { displayName } from "../postgres/printable";
import type { ViewInputs } from "./args";
import type { CatalogView, Privilege } from "./catalog";

/**
 * What somebody holds that only the owner may hold. A reader may hold SELECT, on the view or on some of its columns, but
 * not pass it on. Superusers, and members of pg_read_all_data, need no privilege and are not seen here.
 */
export function extraPrivileges(catalogView: CatalogView, readers: readonly string[]): Privilege[] {
  return catalogView.privileges.filter(
    ({ grantee, privilege, grantable }) =>
      grantee === null || !readers.includes(grantee) || privilege !== "SELECT" || grantable,
  );
}

/** `anon holds INSERT, SELECT`, one clause for each who holds something. */
export function formatPrivileges(privileges: readonly Privilege[]): string[] {
  const words = new Map<string, Set<string>>();
  for (const { grantee, privilege, grantable } of privileges) {
    const who = grantee ?? "PUBLIC";
    words.set(who, (words.get(who) ?? new Set()).add(`${privilege}${grantable ? " with grant option" : ""}`));
  }
  return [...words].map(([who, held]) => `${who} holds ${[...held].join(", ")}`);
}

/**
 * What the readers lack, one clause each. USAGE counts only where the schema is made for the views: elsewhere it is its
 * owner's to give.
 */
export function missingPrivileges(catalogView: CatalogView, letIn: boolean): string[] {
  return [
    ...catalogView.missingReaders.map((reader) => `its reader ${reader} is gone from the server`),
    ...catalogView.lackingSelect.map((reader) => `${reader} lacks SELECT`),
    ...(letIn ? catalogView.lackingUsage.map((reader) => `${reader} lacks USAGE on the schema`) : []),
  ];
}

/**
 * Takes away all excess, for example what default privileges gave to web roles when the view was created. With cascade,
 * because who holds a grant option may have passed it on.
 */
export async function revokeExtraPrivileges(client: Client, inputs: ViewInputs, view: CatalogView, report: Report) {
  const found = extraPrivileges(view, inputs.readers);
  const statements = new Set(found.map((item) => revocation(inputs, item)));
  for (const statement of statements) await withRoleSettings(client, () => client.query(statement));
  if (found.length > 0) report(`revoked on ${displayName(inputs)}: ${formatPrivileges(found).join("; ")}`);
}

/** Table-level, which takes away what is granted on single columns as well (PostgreSQL manual, REVOKE). */
function revocation(inputs: ViewInputs, { grantee, privilege }: Privilege): string {
  const view = quoteQualified(inputs.schema, inputs.name);
  const whom = grantee === null ? "public" : quoteIdent(grantee);
  if (grantee === null || !inputs.readers.includes(grantee)) return `revoke all on table ${view} from ${whom} cascade`;
  if (privilege === "SELECT") return `revoke grant option for select on table ${view} from ${whom} cascade`;
  return `revoke ${keyword(privilege)} on table ${view} from ${whom} cascade`;
}

/** The server's own word for a privilege, and nothing that could be more than a word. */
function keyword(privilege: string): string {
  if (!/^[A-Z]+$/.test(privilege)) throw new TypeError("not a privilege");
  return privilege.toLowerCase();
}

/** Gives the readers what they lack, and takes nothing away. */
export async function grantMissingPrivileges(client: Client, inputs: ViewInputs, view: CatalogView, report: Report) {
  for (const reader of view.lackingSelect) {
    await withRoleSettings(client, () =>
      client.query(`grant select on table ${quoteQualified(inputs.schema, inputs.name)} to ${quoteIdent(reader)}`),
    );
  }
  for (const reader of inputs.schemaMayBeMissing ? view.lackingUsage : []) {
    await withRoleSettings(client, () =>
      client.query(`grant usage on schema ${quoteIdent(inputs.schema)} to ${quoteIdent(reader)}`),
    );
  }
  const found = missingPrivileges(view, inputs.schemaMayBeMissing);
  if (found.length > 0) report(`granted on ${displayName(inputs)} what was missing: ${found.join("; ")}`);
}
