import type { Client } from "../../postgres/connection";
import type { Standing } from "../standing";
import { states, type State, type StateCounts } from "../wallets";

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
  readonly state: State;
  readonly wrong: boolean;
  readonly verified: boolean;
  readonly wallets: string;
}

/**
 * Counts the wallets by state. Reads both tables once; takes no lock but the one every reader takes.
 *
 * @param vault the vault table, or a stand-in for it while it may hold several rows per credential
 */
export async function counts(client: Client, by: Standing, vault: string = by.vault): Promise<Counts> {
  // Sorting would write whole rows, keys with them, to temporary files; six groups need no sort.
  await client.query("set enable_sort = off; set work_mem = '64MB'");
  const { rows } = await client.query<Group>(`
    select ${by.state} as state, ${by.flagWrong} as wrong, ${by.verified} as verified, count(*) as wallets
      from ${by.credentials} left join ${vault} on v.credential_id = c.id
     where ${by.concerned}
     group by 1, 2, 3`);
  const total = (of: (group: Group) => boolean): number =>
    rows.filter(of).reduce((sum, group) => sum + Number(group.wallets), 0);
  return {
    credentials: total(() => true),
    states: Object.fromEntries(states.map((state) => [state, total((group) => group.state === state)])) as StateCounts,
    flagsWrong: total((group) => group.wrong),
    verified: total((group) => group.verified),
  };
}

/** The vault with one row per credential, a real key before a placeholder: for counting before the constraint stands. */
export function distinctVault(by: Standing): string {
  return `(select distinct on (w.credential_id) w.* from ${by.vault.replace(/ v$/, " w")}
            order by w.credential_id, ${by.isEmptyRow("w")}) v`;
}
