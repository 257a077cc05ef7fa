import type { Client } from "../../postgres/connection";
import { quoteQualified } from "../../postgres/quote";
import type { WalletStateSql } from "../wallet-state";
import { type State, type StateCounts, type StateDetail, states } from "../states";
import type { Wallets } from "../wallets";

/** How all wallets stand, from one scan. */
export interface WalletCounts {
  readonly credentials: number;
  readonly states: StateCounts;
  /** Wallets whose vault_stored says what is not so. */
  readonly flagsWrong: number;
  /** Wallets whose vault value equals their source, byte for byte. */
  readonly verified: number;
}

/** Wallets that stand alike. */
export interface StateGroup {
  readonly finding: StateDetail;
  readonly wrong: boolean;
  readonly wallets: string | number;
}

export const stateOf = (finding: StateDetail): State =>
  finding === "verified" ? "stored" : finding === "revoked" ? "conflict" : finding;

/** SQL of the groups that `sumGroups` adds up. Reads both tables once; takes no lock but the one every reader takes. */
export const stateGroupsSql = (stateSql: WalletStateSql, vault: string): string => `
    select w.finding, w.flag_wrong as wrong, count(*) as wallets
      from ${stateSql.from({ vault })}
     where ${stateSql.inScope}
     group by 1, 2`;

/** Kilobytes: what a scan may take at the least, and at the most. */
const scanMemory = { least: 128 * 1024, most: 1024 * 1024 };

/**
 * Makes a session ready to scan both tables. Sorting would write whole rows, keys with them, to temporary files, and six
 * groups need no sort. So would a hash join, if the vault's values did not fit into memory: they take no more of it than the
 * table has pages, and where that is too much, the tables are joined by their indexes.
 *
 * @param indexed whether the vault's credential_id has an index to join by; without one, nothing but hashing comes to an end
 */
export async function prepareScan(client: Client, wallets: Wallets, indexed: boolean): Promise<void> {
  await client.query(
    `select set_config('enable_sort', 'off', false), set_config('enable_material', 'off', false),
            set_config('work_mem', greatest($2::int8, least(needed, $3))::text || 'kB', false),
            set_config('enable_hashjoin', case when needed > $3::int8 and $4 then 'off' else 'on' end, false)
       from (select pg_relation_size($1::regclass) * 5 / 4 / 1024 as needed) vault`,
    [quoteQualified(wallets.schema, wallets.vaultTable), scanMemory.least, scanMemory.most, indexed],
  );
}

/** Counts the wallets by state, each wallet once. */
export async function countWallets(client: Client, wallets: Wallets, stateSql: WalletStateSql): Promise<WalletCounts> {
  const vault = await vaultForCount(client, wallets, stateSql);
  await prepareScan(client, wallets, vault === stateSql.vaultForScan);
  const { rows } = await client.query<StateGroup>(stateGroupsSql(stateSql, vault));
  return sumGroups(rows);
}

export function sumGroups(groups: readonly StateGroup[]): WalletCounts {
  const total = (of: (group: StateGroup) => boolean): number =>
    groups.filter(of).reduce((sum, group) => sum + Number(group.wallets), 0);
  return {
    credentials: total(() => true),
    states: Object.fromEntries(
      states.map((state) => [state, total(({ finding }) => stateOf(finding) === state)]),
    ) as StateCounts,
    flagsWrong: total(({ wrong }) => wrong),
    verified: total(({ finding }) => finding === "verified"),
  };
}

/**
 * What stands for the vault where all wallets are counted: one row per credential also while nothing keeps a second one
 * out, a real key before a placeholder. With two rows a wallet would be counted twice.
 */
export async function vaultForCount(client: Client, wallets: Wallets, stateSql: WalletStateSql): Promise<string> {
  const { rows } = await client.query<{ unique: boolean }>(
    `select exists (select from pg_index i join pg_class c on c.oid = i.indrelid
                      join pg_namespace n on n.oid = c.relnamespace
                      join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                     where n.nspname = $1 and c.relname = $2 and a.attname = 'credential_id' and i.indnkeyatts = 1
                       and i.indisunique and i.indisvalid and i.indpred is null) as unique`,
    [wallets.schema, wallets.vaultTable],
  );
  if (rows[0]?.unique) return stateSql.vaultForScan;
  // No sort, and only ids, places and yes or no in the hash table: PostgreSQL would put keys into temporary files.
  const table = quoteQualified(wallets.schema, wallets.vaultTable);
  return `(select ${stateSql.vaultColumns("x")} from ${table} x
            where not exists (select from (select y.credential_id, ${stateSql.isEmptyRow("y")} as empty, y.ctid as place
                                             from ${table} y offset 0) y
                               where y.credential_id = x.credential_id
                                 and (y.empty, y.place) < (${stateSql.isEmptyRow("x")}, x.ctid)))`;
}
