import type { Client } from "../../postgres/connection";
import type { WalletStateSql } from "../wallet-state";
import { type State, type StateDetail, states } from "../states";
import type { Wallets } from "../wallets";
import { prepareScan, type StateGroup, stateGroupsSql, sumGroups, type WalletCounts } from "./state-counts";

/** A wallet that is not as it should be when all is done. */
export interface OpenWallet {
  readonly credentialId: string;
  readonly state: State;
  readonly finding: StateDetail;
  /** Whether vault_stored says what is not so. */
  readonly flagWrong: boolean;
}

export interface WalletScan {
  readonly counts: WalletCounts;
  /** Some of the wallets that need a word, in order of state and then of id. */
  readonly open: readonly OpenWallet[];
  /** How many of them there are, by state: what is not named can be counted. */
  readonly openByState: Readonly<Partial<Record<State, number>>>;
}

/**
 * Counts all wallets and names up to `limit` of those that are pending, need a person or have a wrong flag. One statement,
 * so that counts and names come from one snapshot; where all is well, it scans once.
 *
 * @param vault what stands for the vault table; see vaultForCount
 * @param known ids of which more is known: within a state they are named before others
 */
export async function scanWallets(
  client: Client,
  wallets: Wallets,
  stateSql: WalletStateSql,
  vault: string,
  limit: number,
  known: readonly string[],
): Promise<WalletScan> {
  await prepareScan(client, wallets, vault === stateSql.vaultForScan);
  // The open ones by themselves first: PostgreSQL would walk through all ids in order, in the hope that a few come soon.
  const { rows } = await client.query<{ groups: StateGroup[] | null; named: OpenWallet[] | null }>(
    `with groups as materialized (${stateGroupsSql(stateSql, vault)}
     ), found as materialized (
       select c.id, w.state, w.finding, w.flag_wrong
         from ${stateSql.from({ vault })}
        where ${stateSql.inScope} and (w.state <> 'stored' or w.flag_wrong)
          and exists (select from groups g where g.wrong or g.finding not in ('stored', 'verified'))
     ), first as materialized (
       select f.*, array_position($1::text[], f.state) as rank from found f
        order by array_position($1::text[], f.state), (f.id::text = any ($2::text[])) desc, f.id
        limit $3
     )
     select (select json_agg(g) from groups g) as groups,
            (select json_agg(json_build_object('credentialId', f.id::text, 'state', f.state, 'finding', f.finding,
                                               'flagWrong', f.flag_wrong) order by f.rank, f.id) from first f) as named`,
    [states, known, limit],
  );
  const groups = rows[0]?.groups ?? [];
  const openGroups = groups.map((group) =>
    group.wrong ? group : { ...group, wallets: isWell(group) ? 0 : group.wallets },
  );
  return { counts: sumGroups(groups), open: rows[0]?.named ?? [], openByState: sumGroups(openGroups).states };
}

const isWell = ({ finding }: StateGroup): boolean => finding === "stored" || finding === "verified";
