import { test } from "node:test";
import { withDatabase } from "../support/database";
import { assertRefused, type Refusal } from "../support/refused";

const credentialColumns = ["project_id", "credential_type", "network", "wallet_address", "key_vault_id", "metadata"];
const load = ["wallet-system", ["waiting", 3]] as const;

interface Fault extends Refusal {
  readonly what: string;
  readonly sql: string;
}

/** `renamed` as something else with the table's columns. */
const standIn = (table: string, make: string): string => `alter table ${table} rename to renamed; ${make}`;

const faults: readonly Fault[] = [
  {
    what: "a schema that is not there",
    sql: "",
    wallets: { schema: "nowhere" },
    code: "ERR_TABLE_MISSING",
    says: ["nowhere", "schema"],
  },
  ...["project_credentials", "credential_vault_storage"].map((table): Fault => ({
    what: `no table ${table}`,
    sql: `alter table ${table} rename to renamed`,
    code: "ERR_TABLE_MISSING",
    says: [`public.${table}`],
  })),
  {
    what: "a table name in the wrong case",
    sql: "",
    wallets: { credentialsTable: "Project_Credentials" },
    code: "ERR_TABLE_MISSING",
    says: ["public.Project_Credentials"],
  },
  ...[...credentialColumns, "id", "vault_stored", "vault_backup_date"].map((column): Fault => ({
    what: `no column ${column} of the wallets`,
    sql: `alter table project_credentials rename ${column} to gone`,
    code: "ERR_COLUMN_MISSING",
    says: ["project_credentials", column],
  })),
  ...["credential_id", "vault_id", "encrypted_private_key"].map((column): Fault => ({
    what: `no column ${column} of the vault`,
    sql: `alter table credential_vault_storage rename ${column} to gone`,
    code: "ERR_COLUMN_MISSING",
    says: ["credential_vault_storage", column],
  })),
  {
    what: "metadata of type text",
    sql: "alter table project_credentials alter metadata type text",
    code: "ERR_COLUMN_TYPE",
    says: ["metadata", "text", "jsonb"],
  },
  {
    what: "a flag of type text",
    sql: "alter table project_credentials alter vault_stored drop default, alter vault_stored type text",
    code: "ERR_COLUMN_TYPE",
    says: ["vault_stored", "boolean"],
  },
  {
    what: "a key column that pads with blanks",
    sql: "alter table credential_vault_storage alter encrypted_private_key type character(200)",
    code: "ERR_COLUMN_TYPE",
    says: ["encrypted_private_key", "character"],
  },
  {
    what: "a key column of type bytea",
    sql: "alter table credential_vault_storage alter encrypted_private_key type bytea using ''",
    code: "ERR_COLUMN_TYPE",
    says: ["encrypted_private_key", "bytea"],
  },
  {
    what: "ids of two types",
    sql: `alter table credential_vault_storage drop constraint credential_vault_storage_credential_id_fkey;
      drop policy own_project_keys on credential_vault_storage;
      alter table credential_vault_storage alter credential_id type text`,
    code: "ERR_COLUMN_TYPE",
    says: ["uuid", "text", "credential_id"],
  },
  {
    what: "a column of the vault that must be filled and has no default",
    sql: "alter table credential_vault_storage add owner_name text not null",
    code: "ERR_COLUMN_TYPE",
    says: ["owner_name", "NOT NULL"],
  },
  {
    what: "wallets without a unique id",
    sql: "alter table project_credentials drop constraint project_credentials_pkey cascade",
    code: "ERR_TABLE_UNSUPPORTED",
    says: ["project_credentials", "unique index on id"],
  },
  {
    what: "a unique index on id that leaves rows out",
    sql: `alter table project_credentials drop constraint project_credentials_pkey cascade;
      create unique index on project_credentials (id) where is_active`,
    code: "ERR_TABLE_UNSUPPORTED",
    says: ["unique index on id"],
  },
  {
    what: "a view in place of the wallets",
    sql: standIn("project_credentials", "create view project_credentials as select * from renamed"),
    code: "ERR_TABLE_UNSUPPORTED",
    says: ["public.project_credentials", "a view"],
  },
  {
    what: "a materialized view in place of the vault",
    sql: standIn(
      "credential_vault_storage",
      "create materialized view credential_vault_storage as select * from renamed",
    ),
    code: "ERR_TABLE_UNSUPPORTED",
    says: ["public.credential_vault_storage", "a materialized view"],
  },
  {
    what: "a partitioned table",
    sql: standIn(
      "project_credentials",
      "create table project_credentials (like renamed) partition by hash (id); create table part partition of project_credentials for values with (modulus 1, remainder 0)",
    ),
    code: "ERR_TABLE_UNSUPPORTED",
    says: ["a partitioned table"],
  },
  {
    what: "a table with children",
    sql: "create table child () inherits (credential_vault_storage)",
    code: "ERR_TABLE_UNSUPPORTED",
    says: ["public.credential_vault_storage", "inheritance"],
  },
  {
    what: "a table that Citus distributes (told by its catalog)",
    sql: `set allow_system_table_mods = on;
      create table pg_catalog.pg_dist_partition (logicalrelid regclass, partmethod "char");
      insert into pg_catalog.pg_dist_partition values ('project_credentials', 'h'); reset allow_system_table_mods`,
    code: "ERR_TABLE_UNSUPPORTED",
    says: ["public.project_credentials", "Citus"],
  },
];

for (const { what, sql, ...refusal } of faults) {
  test(`${what}: refused by name before anything is changed`, async () => {
    await withDatabase({ load, sql }, (database) => assertRefused(database, refusal));
  });
}
