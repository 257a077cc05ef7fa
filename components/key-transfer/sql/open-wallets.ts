import { identityAttention, type IdentityFinding } from "../../key-identity/findings";
import type { Client } from "../../postgres/connection";
import type { WalletStateSql } from "../wallet-state";
import { type State, type StateDetail, states } from "../states";
import type { Wallets } from "../wallets";
import { prepareCount, type StateGroup, stateGroupsSql, sumGroups, type WalletCounts } from "./state-counts";

/** A wallet that is pending, needs a person or has a wrong flag. */
export interface OpenWallet {
  readonly credentialId: string;
  readonly state: State;
  readonly finding: StateDetail;
  /** Whether vault_stored contradicts the facts. */
  readonly flagWrong: boolean;
  /** What a proof found; only where proofs are looked at, and null for a wallet that is not stored. */
  readonly identity?: IdentityFinding | null;
  /** The address that its key opens, where a proof knows it. */
  readonly opens?: string | null;
  /** Ids of the wallets whose address that is. */
  readonly openedWallets?: readonly string[];
}

export interface WalletScan {
  readonly counts: WalletCounts;
  /** The first open wallets, in order of state and then of id. */
  readonly open: readonly OpenWallet[];
  /** How many open wallets there are in all, by state. */
  readonly openByState: Readonly<Partial<Record<State, number>>>;
}

/**
 * Counts all wallets, and names up to `limit` of those that are pending, need a person or have a wrong flag. One statement, so
 * that counts and names come from one snapshot. Where no wallet is open, it scans the tables once.
 *
 * @param known ids of wallets whose refusal is known: they are named first within a state
 */
export async function scanWallets(
  client: Client,
  wallets: Wallets,
  stateSql: WalletStateSql,
  limit: number,
  known: readonly string[],
): Promise<WalletScan> {
  const vault = await prepareCount(client, wallets, stateSql);
  const { identity } = stateSql;
  const proof =
    identity === undefined ? "null::text as identity, null::text as opens" : `${identity} as identity, i.opens`;
  const needsAttention = `in (${identityAttention.map((finding) => `'${finding}'`).join(", ")})`;
  const mismatched = (of: string): string => (identity === undefined ? "" : ` or ${of} ${needsAttention}`);
  // Open wallets as a step of their own: for LIMIT, PostgreSQL would read all ids in order and expect a few matches soon.
  const { rows } = await client.query<{ groups: StateGroup[] | null; named: OpenWallet[] | null }>(
    `with groups as materialized (${stateGroupsSql(stateSql, vault)}
     ), found as materialized (
       select c.id, w.state, w.finding, w.flag_wrong, ${proof}
         from ${stateSql.from({ vault })}
        where ${stateSql.inScope} and (w.state <> 'stored' or w.flag_wrong${mismatched(`(${identity})`)})
          and exists (select from groups g where g.wrong or g.finding not in ('stored', 'verified')${mismatched("g.identity")})
     ), first as materialized (
       select f.*, array_position($1::text[], f.state) as rank from found f
        order by array_position($1::text[], f.state), (f.id::text = any ($2::text[])) desc, f.id
        limit $3
     )
     select (select json_agg(g) from groups g) as groups,
            (select json_agg(json_build_object('credentialId', f.id::text, 'state', f.state, 'finding', f.finding,
                                               'flagWrong', f.flag_wrong, 'identity', f.identity, 'opens', f.opens) order by f.rank, f.id) from first f) as named`,
    [states, known, limit],
  );
  const groups = rows[0]?.groups ?? [];
  const openGroups = groups.map((group) =>
    group.wrong ? group : { ...group, wallets: isWell(group) ? 0 : group.wallets },
  );
  return {
    counts: sumGroups(groups, identity !== undefined),
    open: rows[0]?.named ?? [],
    openByState: sumGroups(openGroups, false).states,
  };
}

const isWell = ({ finding, identity }: StateGroup): boolean =>
  (finding === "stored" || finding === "verified") && !identityAttention.some((found) => found === identity);
