import type { Client } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import { quoted } from "../postgres/identifiers";
import { requireKnownServer } from "../postgres/server";
import { displayName, misdeclared, unsupportedOption, type ViewSpec } from "./spec";

interface Place {
  readonly role: string;
  readonly major: number;
  readonly schema_exists: boolean;
  readonly may_create: boolean;
  /** pg_class.relkind of what has the name now; `T` for a type; null where the name is free. */
  readonly kind: string | null;
  readonly owner: string | null;
  readonly owned: boolean;
  readonly missing_readers: string[];
  readonly shut_out: string[];
  readonly may_let_in: boolean;
}

/**
 * Refuses, before anything is changed, what could not be made. Reads the catalog only.
 *
 * @param moment `preview`: what the same run still makes may be missing. `apply`: everything must be there.
 * @throws WalletVaultError ERR_CONFIGURATION (arguments, no such schema, no such role), ERR_SERVER_UNSUPPORTED,
 *   ERR_SERVER_READ_ONLY, ERR_NAME_TAKEN, ERR_PRIVILEGE
 */
export async function requirePlace(
  client: Client,
  spec: ViewSpec,
  moment: "preview" | "apply",
  report: (line: string) => void,
): Promise<void> {
  const wrong = misdeclared(spec);
  if (wrong !== undefined) throw wrong;
  await requireKnownServer(client);
  const place = await placeFor(client, spec);
  const unsupported = unsupportedOption(spec, place.major);
  if (unsupported !== undefined) throw unsupported;
  if (!place.schema_exists) {
    if (moment === "preview" && spec.schemaMayBeMissing) return;
    throw new WalletVaultError(
      "ERR_CONFIGURATION",
      `There is no schema ${spec.schema} for view ${spec.name}.`,
      "Check the configuration and that databaseUrl names the right database, or create the schema.",
    );
  }
  requireName(spec, place, moment);
  requireReaders(spec, place, moment);
  // Where the schema is there for the views, the View lets its readers in, if it may.
  const toldOf = spec.schemaMayBeMissing && place.may_let_in ? [] : place.shut_out;
  for (const reader of moment === "preview" ? toldOf : []) {
    report(
      `${reader} cannot enter schema ${spec.schema}: grant usage on schema ${quoted(spec.schema)} to ${quoted(reader)}`,
    );
  }
}

function requireReaders(spec: ViewSpec, place: Place, moment: "preview" | "apply"): void {
  const [missing] = place.missing_readers;
  if (missing === undefined) return;
  if (!spec.readersMayBeMissing) {
    throw new WalletVaultError(
      "ERR_CONFIGURATION",
      `There is no role ${missing}, which should read view ${displayName(spec)}.`,
      `Check the spelling of the readers, or run: create role ${quoted(missing)}.`,
    );
  }
  if (moment === "preview") return;
  throw new WalletVaultError(
    "ERR_CONFIGURATION",
    `There is no role ${missing}, which should read view ${displayName(spec)}, and which this stack should have made.`,
    "It was dropped since? Run: npm run pulumi -- up --refresh, which finds out, and makes it again.",
  );
}

function requireName(spec: ViewSpec, place: Place, moment: "preview" | "apply"): void {
  const isView = place.kind === "v";
  if (place.kind !== null && !isView) {
    throw new WalletVaultError(
      "ERR_NAME_TAKEN",
      `${displayName(spec)} should be a view, and is ${kinds[place.kind] ?? "another kind of relation"}.`,
      "Nothing is dropped to make room: rename it, or give the view another name.",
    );
  }
  if (isView && !place.owned) {
    throw new WalletVaultError(
      "ERR_PRIVILEGE",
      `View ${displayName(spec)} belongs to ${place.owner}, and ${place.role} is not a member of that role.`,
      `Connect as its owner, or have it run: alter view ${quoted(spec.schema)}.${quoted(spec.name)} owner to ${quoted(place.role)}.`,
    );
  }
  // PostgreSQL asks for CREATE also where a view is replaced; a preview with nothing to do need not.
  if (!place.may_create && (!isView || moment === "apply")) {
    throw new WalletVaultError(
      "ERR_PRIVILEGE",
      `Role ${place.role} lacks CREATE on schema ${spec.schema}, so it cannot make view ${displayName(spec)}.`,
      `Have the schema's owner run: grant usage, create on schema ${quoted(spec.schema)} to ${quoted(place.role)}.`,
    );
  }
}

async function placeFor(client: Client, spec: ViewSpec): Promise<Place> {
  const { rows } = await client.query<Place>(
    `select current_user::text as role, current_setting('server_version_num')::int / 10000 as major,
            n.oid is not null as schema_exists,
            coalesce(has_schema_privilege(n.oid, 'usage') and has_schema_privilege(n.oid, 'create'), false) as may_create,
            coalesce(c.relkind::text, case when t.oid is not null then 'T' end) as kind,
            pg_get_userbyid(c.relowner)::text as owner,
            coalesce(pg_has_role(c.relowner, 'usage'), false) as owned,
            array(select reader from unnest($3::text[]) reader
                   where not exists (select from pg_roles r where r.rolname = reader)) as missing_readers,
            array(select r.rolname::text from pg_roles r
                   where r.rolname = any($3::text[]) and not has_schema_privilege(r.oid, n.oid, 'usage')) as shut_out,
            coalesce(has_schema_privilege(n.oid, 'usage with grant option'), false) as may_let_in
       from (values (1)) one
       left join pg_namespace n on n.nspname = $1
       left join pg_class c on c.relnamespace = n.oid and c.relname = $2
       left join pg_type t on t.typnamespace = n.oid and t.typname = $2 and t.typelem = 0 and t.typrelid = 0`,
    [spec.schema, spec.name, spec.readers],
  );
  return rows[0]!;
}

const kinds: Readonly<Record<string, string>> = {
  r: "a table",
  p: "a partitioned table",
  m: "a materialized view",
  f: "a foreign table",
  i: "an index",
  I: "an index",
  S: "a sequence",
  c: "a composite type",
  T: "a type",
};
