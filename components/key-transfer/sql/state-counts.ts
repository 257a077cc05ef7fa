import type { Client } from "../../postgres/connection";
import { type IdentityCounts, type IdentityFinding, identityFindings } from "../../key-identity/findings";
import { quoteQualified } from "../../postgres/quote";
import type { WalletStateSql } from "../wallet-state";
import { type State, type StateCounts, type StateDetail, states } from "../states";
import type { Wallets } from "../wallets";

/** Counts of all wallets, from one scan. */
export interface WalletCounts {
  readonly credentials: number;
  readonly states: StateCounts;
  /** Wallets whose vault_stored contradicts the facts. */
  readonly flagsWrong: number;
  /** Wallets whose vault value equals their source, byte for byte. */
  readonly verified: number;
  /** Of the stored wallets, by what a proof found; only where proofs are looked at. */
  readonly identity?: IdentityCounts;
}

/** Wallets that share a state, whether their flag is wrong, and what a proof found. */
export interface StateGroup {
  readonly finding: StateDetail;
  readonly wrong: boolean;
  /** Absent where no proofs are looked at, null for a wallet that is not stored. */
  readonly identity?: IdentityFinding | null;
  readonly wallets: string | number;
}

export const stateOf = (finding: StateDetail): State =>
  finding === "verified" ? "stored" : finding === "revoked" ? "conflict" : finding;

/** SQL of the groups that `sumGroups` adds up. Reads both tables once, with no lock but a reader's. */
export const stateGroupsSql = (stateSql: WalletStateSql, vault: string): string => `
    select w.finding, w.flag_wrong as wrong, ${stateSql.identity === undefined ? "" : `${stateSql.identity} as identity, `}count(*) as wallets
      from ${stateSql.from({ vault })}
     where ${stateSql.inScope}
     group by 1, 2${stateSql.identity === undefined ? "" : ", 3"}`;

/** Bounds of work_mem for a scan, in kilobytes. */
const scanMemory = { least: 128 * 1024, most: 1024 * 1024 };

/**
 * Makes a session ready to scan both tables without temporary files, which would hold keys. A sort would write whole rows to
 * one, and so would a hash join where the vault's values do not fit into memory. The groups need no sort. The values need no more
 * memory than the table has pages; where that is too much, PostgreSQL joins the tables by their indexes.
 *
 * @param indexed whether the vault's credential_id has an index; without one, only a hash join ends in reasonable time
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

/**
 * Counts the wallets by state, each wallet once.
 *
 * @param begun called when the server has the statement that scans
 */
export async function countWallets(
  client: Client,
  wallets: Wallets,
  stateSql: WalletStateSql,
  begun: () => void = () => undefined,
): Promise<WalletCounts> {
  const vault = await prepareCount(client, wallets, stateSql);
  const scan = client.query<StateGroup>(stateGroupsSql(stateSql, vault));
  begun();
  return sumGroups((await scan).rows, stateSql.identity !== undefined);
}

/** @param proofs whether the groups tell what proofs found: of a table without wallets there are none */
export function sumGroups(groups: readonly StateGroup[], proofs: boolean): WalletCounts {
  const total = (of: (group: StateGroup) => boolean): number =>
    groups.filter(of).reduce((sum, group) => sum + Number(group.wallets), 0);
  const identityCounts = Object.fromEntries(
    identityFindings.map((found) => [found, total(({ identity }) => identity === found)]),
  ) as IdentityCounts;
  return {
    credentials: total(() => true),
    states: Object.fromEntries(
      states.map((state) => [state, total(({ finding }) => stateOf(finding) === state)]),
    ) as StateCounts,
    flagsWrong: total(({ wrong }) => wrong),
    verified: total(({ finding }) => finding === "verified"),
    ...(proofs ? { identity: identityCounts } : {}),
  };
}

/**
 * Makes a session ready to count all wallets.
 *
 * @returns SQL that stands in for the vault table. It has one row per credential, also while no unique index forbids a second
 *   one: with two rows a wallet would be counted twice. A real key goes before a placeholder.
 */
export async function prepareCount(client: Client, wallets: Wallets, stateSql: WalletStateSql): Promise<string> {
  const vault = await vaultForCount(client, wallets, stateSql);
  await prepareScan(client, wallets, vault === stateSql.vaultForScan);
  return vault;
}

async function vaultForCount(client: Client, wallets: Wallets, stateSql: WalletStateSql): Promise<string> {
  const { rows } = await client.query<{ unique: boolean }>(
    `select exists (select from pg_index i join pg_class c on c.oid = i.indrelid
                      join pg_namespace n on n.oid = c.relnamespace
                      join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                     where n.nspname = $1 and c.relname = $2 and a.attname = 'credential_id' and i.indnkeyatts = 1
                       and i.indisunique and i.indisvalid and i.indpred is null) as unique`,
    [wallets.schema, wallets.vaultTable],
  );
  if (rows[0]?.unique) return stateSql.vaultForScan;
  // No sort, and no key in the hash table, only ids, ctids and booleans: PostgreSQL would put keys into temporary files.
  const table = quoteQualified(wallets.schema, wallets.vaultTable);
  return `(select ${stateSql.vaultColumns("x")} from ${table} x
            where not exists (select from (select y.credential_id, ${stateSql.isEmptyRow("y")} as empty, y.ctid as row_ctid
                                             from ${table} y offset 0) y
                               where y.credential_id = x.credential_id
                                 and (y.empty, y.row_ctid) < (${stateSql.isEmptyRow("x")}, x.ctid)))`;
}
