import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";
import type { Wallets } from "../wallets";
import { vaultColumns } from "./columns";

interface Lacking {
  readonly role: string;
  /** `EXECUTE on function app.next_code()`, `USAGE on sequence app.codes` */
  readonly privilege: string;
  /** `the default of column code` */
  readonly needed_by: string;
  readonly table: string;
  readonly schema: string;
}

/**
 * With every row that our role writes, PostgreSQL runs expressions as our role: defaults of the vault's other columns, and in both
 * tables CHECKs, generated columns and indexes on expressions, also those of domains. A role that may not run all of them can
 * write no row at all (42501). This finds what the expressions depend on, but no sequence that is named in a text.
 *
 * @throws WalletVaultError ERR_PRIVILEGE
 */
export async function requireCodeOfTables(
  client: Client,
  credentials: Table,
  vault: Table,
  wallets: Wallets,
): Promise<void> {
  const { rows } = await client.query<Lacking>(
    `with recursive written as (
       select a.attrelid, a.attnum, a.attname, a.atttypid,
              a.attrelid = $2 and not a.attname = any ($3) as by_default
         from pg_attribute a where a.attrelid in ($1, $2) and a.attnum > 0 and not a.attisdropped
     ), domain as (
       select w.attrelid, w.attname, w.by_default, t.oid, t.typbasetype
         from written w join pg_type t on t.oid = w.atttypid and t.typtype = 'd'
       union all
       -- The default of a domain below is no default of this one.
       select d.attrelid, d.attname, false, t.oid, t.typbasetype
         from domain d join pg_type t on t.oid = d.typbasetype and t.typtype = 'd'
     ), expression as (
       select w.attrelid as relation, 'pg_attrdef'::regclass as class, d.oid, 0 as part,
              case when a.attgenerated = '' then 'the default of column ' else 'generated column ' end || w.attname as needed_by
         from written w join pg_attrdef d on d.adrelid = w.attrelid and d.adnum = w.attnum
         join pg_attribute a on a.attrelid = w.attrelid and a.attnum = w.attnum
        where w.by_default or a.attgenerated = 's'
       union all
       -- Before PostgreSQL 15, what a generated column depends on is kept with the column.
       select w.attrelid, 'pg_class'::regclass, w.attrelid, w.attnum, 'generated column ' || w.attname
         from written w join pg_attribute a on a.attrelid = w.attrelid and a.attnum = w.attnum where a.attgenerated = 's'
       union all
       select k.conrelid, 'pg_constraint'::regclass, k.oid, 0, 'CHECK constraint ' || k.conname
         from pg_constraint k where k.conrelid in ($1, $2) and k.contype = 'c'
       union all
       select i.indrelid, 'pg_class'::regclass, i.indexrelid, 0, 'index ' || c.relname
         from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid in ($1, $2) and i.indislive
       union all
       select d.attrelid, 'pg_type'::regclass, d.oid, 0, 'the default of column ' || d.attname from domain d where d.by_default
       union all
       select d.attrelid, 'pg_constraint'::regclass, k.oid, 0, 'CHECK constraint ' || k.conname || ' of the domain of column ' || d.attname
         from domain d join pg_constraint k on k.contypid = d.oid and k.contype = 'c' where d.attrelid = $2
     )
     select distinct current_user::text as role, n.nspname::text as schema, r.relname::text as table, e.needed_by,
            coalesce('EXECUTE on function ' || p.oid::regprocedure, 'USAGE on sequence ' || s.oid::regclass) as privilege
       from expression e
       join pg_class r on r.oid = e.relation
       join pg_namespace n on n.oid = r.relnamespace
       join pg_depend x on x.classid = e.class and x.objid = e.oid and x.objsubid = e.part
       left join pg_operator o on x.refclassid = 'pg_operator'::regclass and o.oid = x.refobjid
       left join pg_proc p on p.oid = case when x.refclassid = 'pg_proc'::regclass then x.refobjid else o.oprcode end
                          and not has_function_privilege(p.oid, 'execute')
       left join pg_class s on x.refclassid = 'pg_class'::regclass and s.oid = x.refobjid
                           -- Asked of sequences only: of another relation it is an error.
                           and case when s.relkind = 'S' then not has_sequence_privilege(s.oid, 'usage, update') end
      where p.oid is not null or s.oid is not null
      order by privilege, needed_by limit 1`,
    [credentials.oid, vault.oid, [...Object.keys(vaultColumns), ...Object.keys(wallets.vaultValues ?? {})]],
  );
  const lacking = rows[0];
  if (lacking === undefined) return;
  throw new WalletVaultError(
    "ERR_PRIVILEGE",
    `Role ${lacking.role} lacks ${lacking.privilege}, which ${lacking.needed_by} of ${lacking.schema}.${lacking.table} needs: every row it writes would be refused.`,
    "Grant it, or put the owner of the tables into databaseUrl (Supabase: postgres).",
  );
}
