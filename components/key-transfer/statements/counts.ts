import type { Client } from "../../postgres/connection";
import type { Standing } from "../standing";
import { qualified } from "../../postgres/identifiers";
import { type Finding, states, type State, type StateCounts, type Wallets } from "../wallets";

/** How all wallets stand, from one scan. */
export interface Counts {
  readonly credentials: number;
  readonly states: StateCounts;
  /** Wallets whose vault_stored says what is not so. */
  readonly flagsWrong: number;
  /** Wallets whose vault value equals their source, byte for byte. */
  readonly verified: number;
}

interface Group {
  readonly finding: Finding;
  readonly wrong: boolean;
  readonly wallets: string;
}

/**
 * Counts the wallets by state. Reads both tables once; takes no lock but the one every reader takes.
 *
 * @param vault another stand-in for the vault table while it may hold several rows per credential
 */
export async function counts(client: Client, by: Standing, vault = by.scannedVault): Promise<Counts> {
  // Sorting would write whole rows, keys with them, to temporary files; six groups need no sort.
  await client.query("set enable_sort = off; set work_mem = '128MB'");
  const { rows } = await client.query<Group>(`
    select w.finding, w.flag_wrong as wrong, count(*) as wallets
      from ${by.from({ vault })}
     where ${by.concerned}
     group by 1, 2`);
  const total = (of: (group: Group) => boolean): number =>
    rows.filter(of).reduce((sum, group) => sum + Number(group.wallets), 0);
  const stateOf = ({ finding }: Group): State =>
    finding === "verified" ? "stored" : finding === "revoked" ? "conflict" : finding;
  return {
    credentials: total(() => true),
    states: Object.fromEntries(
      states.map((state) => [state, total((group) => stateOf(group) === state)]),
    ) as StateCounts,
    flagsWrong: total((group) => group.wrong),
    verified: total(({ finding }) => finding === "verified"),
  };
}

/** The vault with one row per credential, a real key before a placeholder: for counting before the constraint stands. */
export function distinctVault(wallets: Wallets, by: Standing): string {
  return `(select distinct on (x.credential_id) ${by.vaultColumns("x")} from ${qualified(wallets.schema, wallets.vaultTable)} x
            order by x.credential_id, ${by.isEmptyRow("x")})`;
}
