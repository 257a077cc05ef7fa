import type { Client } from "../../postgres/connection";
import { quoteIdent, quoteLiteral } from "../../postgres/quote";
import type { Found } from "../finding";
import { nameList } from "../names";
import { type KeyColumn, keyColumnOf, keyColumns, keyColumnValues, type Tables } from "../tables";

interface Publication {
  readonly table: number;
  readonly publication: string;
  /** Whether it names the table, and not all tables or all of a schema. */
  readonly by_name: boolean;
  readonly inserts: boolean;
  readonly updates: boolean;
  readonly filtered: boolean;
}

interface Replication {
  readonly table: number;
  /** Whether old rows are sent with the key: `full`, or an index with the key column. */
  readonly identity: "full" | "index" | null;
  /** Slots of this database that decode changes. */
  readonly logical: string[];
}

/** Publications that send a key column, respecting column lists, and replica identities that send the old key as well. */
export async function publications(client: Client, tables: Tables): Promise<Found[]> {
  const values = keyColumnValues(tables);
  const replication = await client.query<Replication>(
    `select k.oid as table,
            case when c.relreplident = 'f' then 'full'
                 when c.relreplident = 'i' and exists (select from pg_index i where i.indrelid = k.oid and i.indisreplident and k.attnum = any (i.indkey::int2[])) then 'index'
            end as identity,
            array(select s.slot_name::text from pg_replication_slots s
                   where s.slot_type = 'logical' and s.database = current_database() and not s.temporary order by 1) as logical
       from ${keyColumns} join pg_class c on c.oid = k.oid order by 1`,
    values,
  );
  // Row filters and column lists came with PostgreSQL 15: read by way of JSON, they are null before.
  const published = await client.query<Publication>(
    `select k.oid as table, p.pubname::text as publication, r.oid is not null as by_name, p.pubinsert as inserts, p.pubupdate as updates,
            to_jsonb(r) ->> 'prqual' is not null as filtered
       from ${keyColumns} join pg_class c on c.oid = k.oid join pg_namespace n on n.oid = c.relnamespace
       join pg_publication_tables t on t.schemaname = n.nspname and t.tablename = c.relname
       join pg_publication p on p.pubname = t.pubname
       left join pg_publication_rel r on r.prpubid = p.oid and r.prrelid = k.oid
      where (p.pubinsert or p.pubupdate or p.pubdelete)
        and coalesce(k.attnum = any (string_to_array(translate(to_jsonb(r) ->> 'prattrs', '[,]', ''), ' ')::int2[]), true)
      order by 1, 2`,
    values,
  );
  const of = (oid: number): Replication | undefined => replication.rows.find(({ table }) => table === oid);
  return [
    ...published.rows.map((row) => publicationFinding(row, of(row.table), tables)),
    ...replication.rows
      .filter(
        ({ identity, logical, table }) =>
          identity !== null && (logical.length > 0 || published.rows.some((row) => row.table === table)),
      )
      .map(({ table, identity, logical }) => identityFinding(identity ?? "full", logical, keyColumnOf(tables, table))),
  ];
}

function publicationFinding(row: Publication, replication: Replication | undefined, tables: Tables): Found {
  const { publication, by_name: byName, inserts, updates, filtered } = row;
  const column = keyColumnOf(tables, row.table);
  const slots = replication?.logical ?? [];
  const what = [...(inserts ? ["inserts"] : []), ...(updates ? ["updates"] : [])].join(" and ") || "deletes";
  const to =
    slots.length === 0
      ? "No replication slot of this database reads changes now; a new subscriber would copy the table, and follow it."
      : `Replication slots of this database: ${nameList(slots)}.`;
  const name = quoteIdent(publication);
  const others = tables.major >= 15 ? `, or publish it with a column list without ${column.column}` : "";
  const leaveOut = byName
    ? `alter publication ${name} drop table ${column.tableSql};${others}`
    : `publish tables by name instead of all of them: ${name} takes every new table, too${others}`;
  // A change of the wallets is an update; the vault gets new rows as well.
  const sent = column === tables.vault ? inserts || updates : updates;
  return {
    kind: "publication",
    object: column.name,
    detail: `Publication ${publication} sends it with ${what}${filtered ? " of the rows that its filter allows" : ""}. ${to}`,
    advice: `Look: select * from pg_publication_tables where pubname = ${quoteLiteral(publication)}; To leave it out: ${leaveOut} Subscribers keep what they have.`,
    ...(sent && slots.length > 0 ? { copiesDuringRun: true } : {}),
  };
}

function identityFinding(identity: "full" | "index", slots: readonly string[], column: KeyColumn): Found {
  const { tableSql, name } = column;
  return {
    kind: "replicaIdentity",
    object: name,
    detail:
      `The replica identity ${identity === "full" ? "is full" : "is an index with this column"}: an update or a delete sends the old value as well, also the one that removes a key.` +
      (slots.length > 0 ? ` Replication slots of this database: ${nameList(slots)}.` : ""),
    advice: `alter table ${tableSql} replica identity default; where the table has a primary key.`,
    ...(slots.length > 0 ? { copiesDuringRun: true } : {}),
  };
}
