import type { Client } from "../../postgres/connection";
import type { Standing } from "../standing";
import { attentionStates, type State } from "../wallets";

/** Ids, at most `limit`, of the wallets that need a person, in order of id. */
export async function walletsInAttention(
  client: Client,
  by: Standing,
  limit: number,
): Promise<{ credentialId: string; state: State }[]> {
  const { rows } = await client.query<{ credentialId: string; state: State }>(
    // By themselves first: PostgreSQL would walk through all ids in their order, in the hope that a few come soon.
    `with found as materialized (
       select c.id, w.state from ${by.from({ vault: by.scannedVault })} where ${by.concerned} and w.state = any ($1::text[])
     )
     select id::text as "credentialId", state from found order by id limit $2`,
    [attentionStates, limit],
  );
  return rows;
}
