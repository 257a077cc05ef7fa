import type { Client } from "pg";
import { WalletVaultError } from "../errors";

/** A plain table as the catalog has it. */
export interface Table {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** True where the connected role may alter it: its owner, a member of the owner, or a superuser. */
  readonly owned: boolean;
  readonly owner: string;
  /** True where row-level security would hide rows from the connected role. */
  readonly rowsHidden: boolean;
  /** `unlogged` tables are emptied by a crash, `temporary` ones seen by one session only. */
  readonly persistence: "permanent" | "unlogged" | "temporary";
  /** Live columns by name. */
  readonly columns: ReadonlyMap<string, Column>;
}

export interface Column {
  readonly name: string;
  /** As format_type prints it without its modifier: `uuid`, `character varying`, `jsonb`; a domain's own name. */
  readonly type: string;
  /** The column itself is declared NOT NULL. */
  readonly notNull: boolean;
  /** A default of the column itself, an identity or a generation expression. */
  readonly hasDefault: boolean;
  /** GENERATED ALWAYS AS (expression), stored or virtual, or AS IDENTITY: PostgreSQL alone writes it. */
  readonly generated: "expression" | "identity" | null;
  /** Characters that fit into a varchar(n), also by way of a domain; null where there is no limit. */
  readonly limit: number | null;
  /** What its type adds: NOT NULL by a domain or one below that, a default by a domain. */
  readonly domain: { readonly notNull: boolean; readonly hasDefault: boolean };
}

interface Relation {
  readonly oid: number;
  readonly kind: string;
  readonly owned: boolean;
  readonly owner: string;
  readonly rows_hidden: boolean;
  readonly inherits: boolean;
  readonly distributed: boolean;
  readonly persistence: string;
}

/**
 * Finds a table by schema and name, and refuses what only looks like one.
 *
 * @throws WalletVaultError ERR_TABLE_MISSING, ERR_TABLE_UNSUPPORTED (a view, a partitioned, inherited, foreign or
 *   Citus-distributed table: a unique index on some columns alone does not hold there, or a row has no fixed place)
 */
export async function requireTable(client: Client, schema: string, name: string): Promise<Table> {
  const relation = await relationNamed(client, schema, name);
  if (relation === undefined) {
    throw new WalletVaultError(
      "ERR_TABLE_MISSING",
      `There is no table ${schema}.${name} in this database.`,
      "Check the configuration (schema, credentialsTable, vaultTable) and that databaseUrl names the right database.",
    );
  }
  const reason = unsupported(relation);
  if (reason !== undefined) {
    throw new WalletVaultError(
      "ERR_TABLE_UNSUPPORTED",
      `${schema}.${name} is ${reason}.`,
      "Only plain tables of this server are supported, because only there a unique index and a row lock mean what this program relies on.",
    );
  }
  return {
    oid: relation.oid,
    schema,
    name,
    owned: relation.owned,
    owner: relation.owner,
    rowsHidden: relation.rows_hidden,
    persistence: relation.persistence === "u" ? "unlogged" : relation.persistence === "t" ? "temporary" : "permanent",
    columns: new Map((await columnsOf(client, relation.oid)).map((column) => [column.name, column])),
  };
}

/** @throws WalletVaultError ERR_COLUMN_MISSING */
export function requireColumn(table: Table, name: string): Column {
  const column = table.columns.get(name);
  if (column !== undefined) return column;
  throw new WalletVaultError(
    "ERR_COLUMN_MISSING",
    `Table ${table.schema}.${table.name} has no column ${name}.`,
    "Check that the configuration names the right table, and that earlier migrations ran.",
  );
}

async function relationNamed(client: Client, schema: string, name: string): Promise<Relation | undefined> {
  // Citus keeps its list of distributed tables in a catalog of its own, which is not there without Citus.
  const citus = await client.query<{ present: boolean }>(
    "select to_regclass('pg_catalog.pg_dist_partition') is not null as present",
  );
  const distributed = citus.rows[0]?.present
    ? "exists (select from pg_catalog.pg_dist_partition d where d.logicalrelid::oid = c.oid)"
    : "false";
  const { rows } = await client.query<Relation>(
    `select c.oid, c.relkind::text as kind, c.relpersistence::text as persistence, pg_get_userbyid(c.relowner)::text as owner,
            pg_has_role(c.relowner, 'usage') as owned,
            row_security_active(c.oid) as rows_hidden,
            exists (select from pg_inherits i where c.oid in (i.inhrelid, i.inhparent)) as inherits,
            ${distributed} as distributed
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'v', 'm', 'f', 'p')`,
    [schema, name],
  );
  return rows[0];
}

async function columnsOf(client: Client, table: number): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `select a.attname::text as name, format_type(a.atttypid, null) as type, a.attnotnull as "notNull",
            (a.atthasdef or a.attidentity <> '') as "hasDefault",
            case when a.attgenerated <> '' then 'expression' when a.attidentity = 'a' then 'identity' end as generated,
            -- A varchar's modifier is its limit and four.
            case when d.varies and d.modifier >= 4 then d.modifier - 4 end as limit,
            json_build_object('notNull', d.not_null, 'hasDefault', d.has_default) as domain
       from pg_attribute a
      cross join lateral (
        with recursive type as (
          select t.oid, t.typtype, t.typbasetype, t.typtypmod, t.typnotnull, t.typdefault, a.atttypmod as modifier
            from pg_type t where t.oid = a.atttypid
          union all
          select b.oid, b.typtype, b.typbasetype, b.typtypmod, b.typnotnull, b.typdefault, t.typtypmod
            from type t join pg_type b on b.oid = t.typbasetype where t.typtype = 'd'
        )
        select bool_or(t.oid = 'varchar'::regtype) as varies,
               max(t.modifier) filter (where t.typtype <> 'd') as modifier,
               coalesce(bool_or(t.typnotnull) filter (where t.typtype = 'd'), false) as not_null,
               -- Of a domain over a domain, only its own default counts.
               bool_or(t.oid = a.atttypid and t.typdefault is not null) as has_default
          from type t) d
      where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
      order by a.attnum`,
    [table],
  );
  return rows;
}

function unsupported(relation: Relation): string | undefined {
  if (relation.distributed) return "distributed by Citus";
  if (relation.kind === "p") return "a partitioned table";
  if (relation.kind === "v") return "a view";
  if (relation.kind === "m") return "a materialized view";
  if (relation.kind === "f") return "a foreign table";
  if (relation.inherits) return "part of an inheritance tree (a partition, a parent or a child)";
  return undefined;
}
