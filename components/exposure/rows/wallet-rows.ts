import { bareText, givesAway, tellingLength } from "../../key-transfer/key-in-text";
import { prepareCount } from "../../key-transfer/sql/state-counts";
import { walletStateSql } from "../../key-transfer/wallet-state";
import type { SchemaFacts, Wallets } from "../../key-transfer/wallets";
import type { Client } from "../../postgres/connection";
import { quoteIdent } from "../../postgres/quote";
import { mayNameKeys, namesKeys, words } from "./field-names";
import { occursMoreOften } from "./occurrences";
import { textColumns } from "./text-columns";
import { type Shape, shapeOf } from "./value-shape";

/** What one scan of the wallets, with their vault rows, found. Numbers of wallets. */
export interface WalletRows {
  readonly wallets: number;
  /** By column of the wallets' table: the wallets whose key, or a part of it, is in it. */
  readonly inColumns: readonly { readonly column: string; readonly wallets: number }[];
  /** Their key is in `metadata` outside of the key paths. */
  readonly elsewhere: number;
  /** The vault has their key, and a key path has it as well. */
  readonly inBoth: number;
  /** By word: the wallets with a field of such a name. */
  readonly fieldNames: readonly { readonly word: string; readonly wallets: number }[];
  /** Values at the key paths which the vault does not have. */
  readonly shapes: Readonly<Record<Shape, number>>;
  readonly shared: { readonly keys: number; readonly wallets: number };
}

/** Bits of the flags that each wallet gets: behind these come the columns, then the words. */
const bits = { elsewhere: 0, inBoth: 1, sealed: 2, plain: 3, unknown: 4, first: 5 };

/**
 * Looks at every wallet once. Between the scan and the sums there is, for each wallet, a number of flags and a digest of its key
 * with a random seed: neither the hash table nor a file, where the server has to make one, holds a key.
 */
export async function readWalletRows(client: Client, wallets: Wallets, facts: SchemaFacts): Promise<WalletRows> {
  const stateSql = walletStateSql(wallets, facts);
  const columns = await textColumns(client, wallets.schema, wallets.credentialsTable, "metadata");
  const vault = await prepareCount(client, wallets, stateSql);
  // What Memoize keeps would be the keys of all wallets, each once.
  await client.query("set local max_parallel_workers_per_gather = 1; set local enable_memoize = off");
  const keys = stateSql.keys.map((_, n) => `own.key_${n}`);
  const bares = keys.map((_, n) => `bare.key_${n}`);
  const atPaths = `coalesce(${keys.slice(1).join(", ")})`;
  const document = facts.metadata === "json" ? "j.document" : stateSql.document;
  const flags: readonly (readonly [bit: number, sql: string])[] = [
    [bits.elsewhere, elsewhere("doc.text", keys, bares)],
    [bits.inBoth, "w.finding = 'verified'"],
    ...(["sealed", "plain", "unknown"] as const).map((shape) => [bits[shape], `look.shape = '${shape}'`] as const),
    ...columns.map((column, n) => [bits.first + n, heldBy(`c.${quoteIdent(column)}::text`, bares)] as const),
    ...words.map(
      (word, n) =>
        [
          bits.first + columns.length + n,
          `doc.may_name and ${namesKeys(word, "doc.text", document, wallets.keyPaths)}`,
        ] as const,
    ),
  ];
  const counted = ([bit]: readonly [number, string]): string => `count(*) filter (where flags & ${2 ** bit} <> 0)`;
  const { rows } = await client.query<{ wallets: string; counts: string[]; shared: { keys: string; wallets: string } }>(
    `with seen as materialized (
       select hashtextextended(nullif(coalesce(${bares.join(", ")}), ''), $1) as digest,
              ${flags.map(([bit, sql]) => `case when ${sql} then ${2 ** bit} else 0 end`).join("\n            | ")} as flags
         from ${stateSql.from({ vault })}
        cross join lateral (select ${stateSql.keys.map((key, n) => `${key} as key_${n}`).join(", ")} offset 0) own
        cross join lateral (select ${keys.map((key, n) => `${bareText(n === 0 ? key : `nullif(${key}, ${keys[0]})`)} as key_${n}`).join(", ")} offset 0) bare
        cross join lateral (select x.text, ${mayNameKeys("x.text", document, wallets.keyPaths)} as may_name
                              from (select lower(${document}::text collate "C") as text offset 0) x offset 0) doc
        cross join lateral (select case when ${atPaths} is distinct from own.key_0 and ${atPaths} is not null then ${shapeOf(atPaths)} end as shape offset 0) look
        where ${stateSql.inScope}
     ), shared as (
       select count(*) as wallets from seen where digest is not null group by digest having count(*) > 1
     )
     select count(*) as wallets, array[${flags.map(counted).join(", ")}] as counts,
            (select json_build_object('keys', count(*), 'wallets', coalesce(sum(s.wallets), 0)) from shared s) as shared
       from seen`,
    [randomSeed()],
  );
  const row = rows[0];
  const count = (bit: number): number => Number(row?.counts[flags.findIndex(([of]) => of === bit)] ?? 0);
  return {
    wallets: Number(row?.wallets ?? 0),
    inColumns: columns.map((column, n) => ({ column, wallets: count(bits.first + n) })),
    elsewhere: count(bits.elsewhere),
    inBoth: count(bits.inBoth),
    fieldNames: words.map(({ word }, n) => ({ word, wallets: count(bits.first + columns.length + n) })),
    shapes: { sealed: count(bits.sealed), plain: count(bits.plain), unknown: count(bits.unknown) },
    shared: { keys: Number(row?.shared.keys ?? 0), wallets: Number(row?.shared.wallets ?? 0) },
  };
}

/** SQL of a boolean: whether a column's text gives away any of the keys, which `bareText` has made. */
export const heldBy = (
  text: string,
  keys: readonly string[],
): string => `(length(${text}) >= ${tellingLength} and exists (
      select from (select ${bareText(text)} as text offset 0) x where ${keys.map((key) => givesAway("x.text", key)).join(" or ")}))`;

/**
 * SQL of a boolean: whether the document holds a key more often than the values at the key paths do, capital letters and a leading
 * 0x aside.
 *
 * @param text SQL of the document as text, in small letters
 * @param keys SQL of the vault's key and of the values at the key paths
 * @param bares SQL of the same as `bareText` made them; null where a value is the vault's
 */
function elsewhere(text: string, keys: readonly string[], bares: readonly string[]): string {
  const holds = (key: string, sought: string, as: (key: string) => string): string =>
    occursMoreOften(
      text,
      sought,
      keys
        .slice(1)
        .map((one) => `case when ${one} = ${key} then 1 when strpos(${as(one)}, ${sought}) > 0 then 1 else 0 end`),
    );
  // As JSON writes it, without the quotation marks.
  const written = (key: string): string => `ltrim(btrim(to_json(lower(${key}))::text, '"'), '0x')`;
  const found = keys.map((key, n) => {
    const bare = bares[n] ?? "";
    const alike = holds(key, bare, (one) => `lower(${one})`);
    return `case when length(${bare}) < ${tellingLength} or ${bare} is null then false
                 when ${key} !~ '[^0-9A-Za-z]' then ${alike} else ${holds(key, written(key), written)} end`;
  });
  return `(${found.join("\n              or ")})`;
}

/** A number that fits into int8, as text. */
const randomSeed = (): string => String(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER));
