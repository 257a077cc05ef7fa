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

/** Sorting would write whole rows, keys with them, to temporary files; six groups need no sort. */
export const scanSettings = "set enable_sort = off; set work_mem = '256MB'; set hash_mem_multiplier = 2";

/** Counts the wallets by state, each wallet once. */
export async function counts(client: Client, wallets: Wallets, by: Standing): Promise<Counts> {
  const vault = await vaultToCount(client, wallets, by);
  await client.query(scanSettings);
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
