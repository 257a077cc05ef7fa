import type { Client } from "../../postgres/connection";
import { qualified } from "../../postgres/identifiers";
import type { Standing } from "../standing";
import { type Finding, type State, states, type StateCounts, type Wallets } from "../wallets";

/** How all wallets stand, from one scan. */
export interface Counts {
  readonly credentials: number;
  readonly states: StateCounts;
  /** Wallets whose vault_stored says what is not so. */
  readonly flagsWrong: number;
  /** Wallets whose vault value equals their source, byte for byte. */
  readonly verified: number;
}

/** Wallets that stand alike. */
export interface Group {
  readonly finding: Finding;
  readonly wrong: boolean;
  readonly wallets: string | number;
}

export const stateOf = (finding: Finding): State =>
  finding === "verified" ? "stored" : finding === "revoked" ? "conflict" : finding;

/** SQL of the groups that `counted` adds up. Reads both tables once; takes no lock but the one every reader takes. */
export const tally = (by: Standing, vault: string): string => `
    select w.finding, w.flag_wrong as wrong, count(*) as wallets
      from ${by.from({ vault })}
     where ${by.concerned}
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
    [qualified(wallets.schema, wallets.vaultTable), scanMemory.least, scanMemory.most, indexed],
  );
}

/** Counts the wallets by state, each wallet once. */
export async function counts(client: Client, wallets: Wallets, by: Standing): Promise<Counts> {
  const vault = await vaultToCount(client, wallets, by);
  await prepareScan(client, wallets, vault === by.scannedVault);
  const { rows } = await client.query<Group>(tally(by, vault));
  return counted(rows);
}

export function counted(groups: readonly Group[]): Counts {
  const total = (of: (group: Group) => boolean): number =>
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
export async function vaultToCount(client: Client, wallets: Wallets, by: Standing): Promise<string> {
  const { rows } = await client.query<{ unique: boolean }>(
    `select exists (select from pg_index i join pg_class c on c.oid = i.indrelid
                      join pg_namespace n on n.oid = c.relnamespace
                      join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                     where n.nspname = $1 and c.relname = $2 and a.attname = 'credential_id' and i.indnkeyatts = 1
                       and i.indisunique and i.indisvalid and i.indpred is null) as unique`,
    [wallets.schema, wallets.vaultTable],
  );
  if (rows[0]?.unique) return by.scannedVault;
  // No sort, and only ids, places and yes or no in the hash table: PostgreSQL would put keys into temporary files.
  const table = qualified(wallets.schema, wallets.vaultTable);
  return `(select ${by.vaultColumns("x")} from ${table} x
            where not exists (select from (select y.credential_id, ${by.isEmptyRow("y")} as empty, y.ctid as place
                                             from ${table} y offset 0) y
                               where y.credential_id = x.credential_id
                                 and (y.empty, y.place) < (${by.isEmptyRow("x")}, x.ctid)))`;
}
