import assert from "node:assert/strict";
import { test } from "node:test";
import { assertCured } from "../support/cured";
import { testedMajors, withDatabase } from "../support/database";
import { assertRefused, type Refusal } from "../support/refused";
import { transfer, withConstraint } from "../../testing/transfer";

interface Fault extends Refusal {
  readonly what: string;
  readonly sql: string;
  /** Oldest major that has such a thing. Default: all. */
  readonly from?: number;
  /** Whether the statement in the message puts it right by itself. */
  readonly cured?: boolean;
}

const vault = "credential_vault_storage";
const audit = "create table audit (wallet uuid);";
const drop = `drop policy own_project_keys on ${vault};`;

const faults: readonly Fault[] = [
  {
    what: "an UNLOGGED vault",
    sql: `alter table ${vault} set unlogged`,
    code: "ERR_TABLE_UNSUPPORTED",
    says: [`public.${vault} is UNLOGGED`],
    cured: true,
  },
  {
    what: "UNLOGGED wallets",
    sql: `alter table ${vault} drop constraint ${vault}_credential_id_fkey; alter table project_credentials set unlogged`,
    code: "ERR_TABLE_UNSUPPORTED",
    says: ["public.project_credentials is UNLOGGED"],
    cured: true,
  },
  {
    what: "a flag that is generated",
    sql: `alter table project_credentials drop vault_stored;
      alter table project_credentials add vault_stored boolean generated always as (vault_backup_date is not null) stored`,
    code: "ERR_COLUMN_TYPE",
    says: ["vault_stored", "public.project_credentials", "a generated column"],
    cured: true,
  },
  {
    what: "a date that is generated",
    sql: `alter table project_credentials drop vault_backup_date;
      alter table project_credentials add vault_backup_date timestamptz generated always as (revoked_at) stored`,
    code: "ERR_COLUMN_TYPE",
    says: ["vault_backup_date", "a generated column"],
    cured: true,
  },
  {
    what: "a virtual flag",
    from: 18,
    sql: `alter table project_credentials drop vault_stored;
      alter table project_credentials add vault_stored boolean generated always as (vault_backup_date is not null) virtual`,
    code: "ERR_COLUMN_TYPE",
    says: ["vault_stored", "a virtual one has to be dropped and added again"],
  },
  {
    what: "a generated vault_id",
    sql: `alter table ${vault} drop vault_id; alter table ${vault} add vault_id text generated always as ('vault-' || encrypted_private_key) stored unique`,
    code: "ERR_COLUMN_TYPE",
    says: ["vault_id", `public.${vault}`, "a generated column"],
    cured: true,
  },
  {
    what: "references that are a GENERATED ALWAYS identity",
    sql: `${drop} alter table ${vault} drop credential_id; alter table ${vault} add credential_id bigint generated always as identity unique`,
    code: "ERR_COLUMN_TYPE",
    says: ["credential_id", "GENERATED ALWAYS AS IDENTITY"],
  },
  ...(["also", "instead"] as const).map((kind): Fault => ({
    what: `a rule on update of the wallets (do ${kind})`,
    sql: `${audit} create rule "Keep" as on update to project_credentials do ${kind} insert into audit values (new.id)`,
    code: "ERR_TABLE_UNSUPPORTED",
    says: ["public.project_credentials", "rule Keep", 'drop rule "Keep"'],
    cured: true,
  })),
  ...["insert", "update"].map((event): Fault => ({
    what: `a rule on ${event} of the vault`,
    sql: `${audit} create rule keep as on ${event} to ${vault} do also insert into audit values (new.id)`,
    code: "ERR_TABLE_UNSUPPORTED",
    says: [`public.${vault}`, "rule keep"],
    cured: true,
  })),
  {
    what: "a disabled rule on update of the vault, which ON CONFLICT minds all the same",
    sql: `create rule keep as on update to ${vault} do also nothing; alter table ${vault} disable rule keep`,
    code: "ERR_TABLE_UNSUPPORTED",
    says: ["rule keep"],
    cured: true,
  },
];

for (const major of testedMajors)
  for (const { what, sql, cured = false, ...refusal } of faults.filter(({ from = 0 }) => from <= major)) {
    const ending = cured ? ", and its advice works" : "";
    test(`${what}: refused before anything is changed${ending} (PostgreSQL ${major})`, async () => {
      const load = ["wallet-system", ["waiting", 3]] as const;
      await withDatabase({ major, load, sql: `${withConstraint}; ${sql}` }, async (database) => {
        await assertRefused(database, refusal);
        if (cured) await assertCured(database);
      });
    });
  }

/** What looks alike, and stands in nobody's way. */
const harmless: Readonly<Record<string, string>> = {
  "a disabled rule on update of the wallets":
    "create rule keep as on update to project_credentials do instead nothing; alter table project_credentials disable rule keep",
  "a rule for replicas only": `create rule keep as on insert to ${vault} do instead nothing; alter table ${vault} enable replica rule keep`,
  "a rule on delete of both": `create rule keep as on delete to ${vault} do instead nothing;
    create rule keep as on delete to project_credentials do instead nothing`,
  "a rule on insert of the wallets": "create rule keep as on insert to project_credentials do also nothing",
  "other columns that are generated": `alter table ${vault} add short text generated always as (left(vault_id, 3)) stored,
    add number bigint generated always as identity;
    alter table project_credentials add has_backup boolean generated always as (vault_backup_date is not null) stored`,
};

for (const major of testedMajors)
  for (const [what, sql] of Object.entries(harmless))
    test(`${what}: works (PostgreSQL ${major})`, async () => {
      const load = ["wallet-system", ["waiting", 3]] as const;
      await withDatabase({ major, load, sql: `${withConstraint}; ${sql}` }, async ({ url }) => {
        const { found } = await transfer(url);
        assert.equal(found.counts.states.stored, 3);
      });
    });
