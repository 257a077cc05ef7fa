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
    `select c.id::text as "credentialId", w.state
       from ${by.from()}
      where ${by.concerned} and w.state = any ($1::text[])
      order by c.id
      limit $2`,
    [attentionStates, limit],
  );
  return rows;
}
