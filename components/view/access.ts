import type { Client } from "../postgres/connection";
import { qualified, quoted } from "../postgres/identifiers";
import type { LiveView, Privilege } from "./live";
import { displayName, type ViewSpec } from "./spec";

/**
 * What somebody holds that only the owner may hold. A reader may hold SELECT, on the view or on some of its columns, but
 * not pass it on. Superusers, and members of pg_read_all_data, need no privilege and are not seen here.
 */
export function excess(live: LiveView, readers: readonly string[]): Privilege[] {
  return live.privileges.filter(
    ({ grantee, privilege, grantable }) =>
      grantee === null || !readers.includes(grantee) || privilege !== "SELECT" || grantable,
  );
}

/** `anon holds INSERT, SELECT`, one clause for each who holds something. */
export function describedPrivileges(privileges: readonly Privilege[]): string[] {
  const words = new Map<string, Set<string>>();
  for (const { grantee, privilege, grantable } of privileges) {
    const who = grantee ?? "PUBLIC";
    words.set(who, (words.get(who) ?? new Set()).add(`${privilege}${grantable ? " with grant option" : ""}`));
  }
  return [...words].map(([who, held]) => `${who} holds ${[...held].join(", ")}`);
}

/** The readers that hold SELECT on the whole view; one that may read a column or two must not become one of them. */
export function readersWithSelect(live: LiveView, readers: readonly string[]): string[] {
  return readers.filter((reader) =>
    live.privileges.some((held) => held.grantee === reader && held.privilege === "SELECT" && held.whole),
  );
}

/**
 * Takes away all excess, for example what default privileges gave to web roles when the view was created. With cascade,
 * because who holds a grant option may have passed it on.
 */
export async function revokeExcess(client: Client, spec: ViewSpec, live: LiveView, report: (line: string) => void) {
  const found = excess(live, spec.readers);
  const statements = new Set(found.map((item) => revocation(spec, item)));
  for (const statement of statements) await client.query(statement);
  if (found.length > 0) report(`revoked on ${displayName(spec)}: ${describedPrivileges(found).join("; ")}`);
}

/** Table-level, which takes away what is granted on single columns as well (PostgreSQL manual, REVOKE). */
function revocation(spec: ViewSpec, { grantee, privilege }: Privilege): string {
  const view = qualified(spec.schema, spec.name);
  const whom = grantee === null ? "public" : quoted(grantee);
  if (grantee === null || !spec.readers.includes(grantee)) return `revoke all on table ${view} from ${whom} cascade`;
  if (privilege === "SELECT") return `revoke grant option for select on table ${view} from ${whom} cascade`;
  return `revoke ${keyword(privilege)} on table ${view} from ${whom} cascade`;
}

/** The server's own word for a privilege, and nothing that could be more than a word. */
function keyword(privilege: string): string {
  if (!/^[A-Z]+$/.test(privilege)) throw new TypeError("not a privilege");
  return privilege.toLowerCase();
}

/** Gives back what a reader held before the view was dropped, or what went away with somebody else's grant option. */
export async function grantSelect(client: Client, spec: ViewSpec, reader: string): Promise<void> {
  await client.query(`grant select on table ${qualified(spec.schema, spec.name)} to ${quoted(reader)}`);
}
