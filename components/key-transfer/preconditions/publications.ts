import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";
import { quoteQualified } from "../../postgres/quote";

/** A publication that makes PostgreSQL refuse every UPDATE of a table, also without a subscriber. */
interface Obstacle {
  readonly publication: string;
  readonly fault: "no identity" | "column list" | "row filter" | "generated column";
  /** Columns that the fault is about. */
  readonly columns: readonly string[];
  readonly full: boolean;
  readonly has_primary_key: boolean;
}

/**
 * The transfer updates both tables in one statement. A publication that blocks updates of either table therefore blocks every key,
 * also a key that needs an INSERT only.
 *
 * @throws WalletVaultError ERR_PUBLICATION
 */
export async function requireUpdatesPublishable(client: Client, table: Table): Promise<void> {
  const obstacle = await obstacleFor(client, table);
  if (obstacle === undefined) return;
  const { publication, fault, columns } = obstacle;
  const where = `${table.schema}.${table.name}`;
  const list = columns.join(", ");
  const identity = obstacle.full ? "its replica identity (full: all columns)" : "its replica identity";
  const problem = {
    "no identity": `Publication ${publication} publishes updates of ${where}, which has no replica identity`,
    "column list": `Publication ${publication} publishes updates of ${where} with a column list that leaves out ${list} of ${identity}`,
    "row filter": `Publication ${publication} publishes updates of ${where} with a row filter on ${list}, not part of ${identity}`,
    "generated column": `Publication ${publication} publishes updates of ${where} without its generated columns (${list}), which are part of ${identity}`,
  }[fault];
  const full = `alter table ${quoteQualified(table.schema, table.name)} replica identity full;`;
  const hint = {
    "no identity": obstacle.has_primary_key ? full.replace("full;", "default;") : `${full} (or add a primary key)`,
    "column list": `Put ${obstacle.full ? "the table into the publication without a column list" : `${list} into its column list`}`,
    "row filter": `Filter by columns of the replica identity only, or: ${full}`,
    "generated column":
      "Publish them (publish_generated_columns = stored), or give the table a replica identity without them",
  }[fault];
  throw new WalletVaultError(
    "ERR_PUBLICATION",
    `${problem}: PostgreSQL refuses every UPDATE of the table.`,
    `${hint}${hint.endsWith(";") || hint.endsWith(")") ? "" : "."}`,
  );
}

/** Columns that only later majors have (row filters and column lists: 15) are read by way of JSON: absent, they are null. */
async function obstacleFor(client: Client, table: Table): Promise<Obstacle | undefined> {
  const { rows } = await client.query<Obstacle>(
    `with usable as (
       select i.indisprimary, i.indisreplident, i.indkey from pg_index i
        where i.indrelid = $1 and i.indisvalid and i.indimmediate and i.indpred is null
     ), identity as (
       select c.relreplident = 'f' as full,
              exists (select from usable u where u.indisprimary) as has_primary_key,
              (select u.indkey::int2[] from usable u
                where case c.relreplident when 'd' then u.indisprimary when 'i' then u.indisreplident else false end) as key
         from pg_class c where c.oid = $1
     ), published as (
       select p.pubname, to_jsonb(p) ->> 'pubgencols' as gencols, r.oid as entry,
              string_to_array(translate(to_jsonb(r) ->> 'prattrs', '[,]', ''), ' ')::int2[] as list, to_jsonb(r) ->> 'prqual' is not null as filtered
         from pg_publication p
         left join pg_publication_rel r on r.prpubid = p.oid and r.prrelid = $1
        where p.pubupdate
          and exists (select from pg_publication_tables t where t.pubname = p.pubname and t.schemaname = $2 and t.tablename = $3)
     ), fault as (
       select 1 as rank, p.pubname, 'no identity' as fault, '{}'::int2[] as columns
         from published p, identity i where not i.full and i.key is null
       union all
       select 2, p.pubname, 'column list', array(
                select a.attnum from pg_attribute a
                 where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped and a.attnum <> all (p.list)
                   and (i.full or a.attnum = any (i.key)))
         from published p, identity i where p.list is not null and (i.full or not i.key <@ p.list)
       union all
       select 3, p.pubname, 'row filter', array(
                select distinct x.refobjsubid::int2 from pg_depend x
                 where x.classid = 'pg_publication_rel'::regclass and x.objid = p.entry
                   and x.refclassid = 'pg_class'::regclass and x.refobjid = $1 and x.refobjsubid > 0
                   -- Columns of a list are in pg_depend as well.
                   and x.refobjsubid <> all (coalesce(p.list, '{}')) and x.refobjsubid <> all (i.key))
         from published p, identity i where p.filtered and not i.full
       union all
       select 4, p.pubname, 'generated column', array(
                select a.attnum from pg_attribute a
                 where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
                   and (a.attgenerated = 'v' or (a.attgenerated = 's' and p.gencols = 'n')) and (i.full or a.attnum = any (i.key)))
         from published p, identity i where p.gencols is not null and p.list is null
     )
     select f.pubname::text as publication, f.fault, i.full, i.has_primary_key,
            array(select a.attname::text from pg_attribute a where a.attrelid = $1 and a.attnum = any (f.columns) order by a.attnum) as columns
       from fault f, identity i
      where f.fault = 'no identity' or f.columns <> '{}'
      order by f.rank, f.pubname limit 1`,
    [table.oid, table.schema, table.name],
  );
  return rows[0];
}
