import type { Client } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import { quoteIdent } from "../postgres/quote";
import { requireSupportedServer } from "../postgres/server-version";
import { displayName, invalidInputs, unsupportedOption, type ViewInputs } from "./args";

interface TargetFacts {
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
export async function requirePreconditions(
  client: Client,
  inputs: ViewInputs,
  moment: "preview" | "apply",
  report: (line: string) => void,
): Promise<void> {
  const wrong = invalidInputs(inputs);
  if (wrong !== undefined) throw wrong;
  await requireSupportedServer(client);
  const facts = await targetFacts(client, inputs);
  const unsupported = unsupportedOption(inputs, facts.major);
  if (unsupported !== undefined) throw unsupported;
  if (!facts.schema_exists) {
    if (moment === "preview" && inputs.schemaMayBeMissing) return;
    throw new WalletVaultError(
      "ERR_CONFIGURATION",
      `There is no schema ${inputs.schema} for view ${inputs.name}.`,
      "Check the configuration and that databaseUrl names the right database, or create the schema.",
    );
  }
  requireName(inputs, facts, moment);
  requireReaders(inputs, facts, moment);
  // Where the schema is there for the views, the View lets its readers in, if it may.
  const toldOf = inputs.schemaMayBeMissing && facts.may_let_in ? [] : facts.shut_out;
  for (const reader of moment === "preview" ? toldOf : []) {
    report(
      `${reader} cannot enter schema ${inputs.schema}: grant usage on schema ${quoteIdent(inputs.schema)} to ${quoteIdent(reader)}`,
    );
  }
}

function requireReaders(inputs: ViewInputs, facts: TargetFacts, moment: "preview" | "apply"): void {
  const [missing] = facts.missing_readers;
  if (missing === undefined) return;
  if (!inputs.readersMayBeMissing) {
    throw new WalletVaultError(
      "ERR_CONFIGURATION",
      `There is no role ${missing}, which should read view ${displayName(inputs)}.`,
      `Check the spelling of the readers, or run: create role ${quoteIdent(missing)}.`,
    );
  }
  if (moment === "preview") return;
  throw new WalletVaultError(
    "ERR_CONFIGURATION",
    `There is no role ${missing}, which should read view ${displayName(inputs)}, and which this stack should have made.`,
    "It was dropped since? Run: npm run pulumi -- up --refresh, which finds out, and makes it again.",
  );
}

function requireName(inputs: ViewInputs, facts: TargetFacts, moment: "preview" | "apply"): void {
  const isView = facts.kind === "v";
  if (facts.kind !== null && !isView) {
    throw new WalletVaultError(
      "ERR_NAME_TAKEN",
      `${displayName(inputs)} should be a view, and is ${kinds[facts.kind] ?? "another kind of relation"}.`,
      "Nothing is dropped to make room: rename it, or give the view another name.",
    );
  }
  if (isView && !facts.owned) {
    throw new WalletVaultError(
      "ERR_PRIVILEGE",
      `View ${displayName(inputs)} belongs to ${facts.owner}, and ${facts.role} is not a member of that role.`,
      `Connect as its owner, or have it run: alter view ${quoteIdent(inputs.schema)}.${quoteIdent(inputs.name)} owner to ${quoteIdent(facts.role)}.`,
    );
  }
  // PostgreSQL asks for CREATE also where a view is replaced; a preview with nothing to do need not.
  if (!facts.may_create && (!isView || moment === "apply")) {
    throw new WalletVaultError(
      "ERR_PRIVILEGE",
      `Role ${facts.role} lacks CREATE on schema ${inputs.schema}, so it cannot make view ${displayName(inputs)}.`,
      `Have the schema's owner run: grant usage, create on schema ${quoteIdent(inputs.schema)} to ${quoteIdent(facts.role)}.`,
    );
  }
}

async function targetFacts(client: Client, inputs: ViewInputs): Promise<TargetFacts> {
  const { rows } = await client.query<TargetFacts>(
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
    [inputs.schema, inputs.name, inputs.readers],
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
