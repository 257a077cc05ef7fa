import { type Client, withClient, withTransaction } from "../postgres/connection";
import { standing } from "./standing";
import { walletsInAttention } from "./statements/attention";
import { type Counts, counts } from "./statements/counts";
import type { Shape, State, Wallets } from "./wallets";

/** At most this many wallets are named in the outputs. */
export const attentionLimit = 20;

export interface ReadBack {
  readonly counts: Counts;
  readonly inAttention: readonly { credentialId: string; state: State }[];
}

/**
 * Looks again at every wallet, on a session of its own: what the summary says is what the database says, not what the
 * transfer believes. The answer is given only once all that it tells of is on disk.
 */
export async function readBack(databaseUrl: string, wallets: Wallets, shape: Shape): Promise<ReadBack> {
  const by = standing(wallets, shape);
  return withClient(databaseUrl, { purpose: "reading back the wallets", readOnly: true }, async (client) => {
    const { written, ...result } = await withTransaction(client, "read only", async () => {
      // The snapshot is taken first: all that it sees was written before the place in the log that is asked for then.
      await client.query("set transaction isolation level repeatable read");
      const end = await endOfLog(client);
      const found = await counts(client, by);
      const { conflict, ambiguousSource, unreadableSource, missingKey } = found.states;
      const any = conflict + ambiguousSource + unreadableSource + missingKey > 0;
      return {
        written: end,
        counts: found,
        inAttention: any ? await walletsInAttention(client, by, attentionLimit) : [],
      };
    });
    await untilOnDisk(client, written);
    return result;
  });
}

/**
 * Where the server's write-ahead log ends now. Asked for by the session that waits for it: after a crash the log may end
 * earlier, and a place from before would be waited for in vain.
 */
async function endOfLog(client: Client): Promise<string> {
  const { rows } = await client.query<{ lsn: string }>("select pg_current_wal_insert_lsn()::text as lsn");
  return rows[0]?.lsn ?? "0/0";
}

/** Batches commit without waiting for the disk; the server's WAL writer follows within a second. */
async function untilOnDisk(client: Client, lsn: string): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ done: boolean }>("select pg_current_wal_flush_lsn() >= $1::pg_lsn as done", [
      lsn,
    ]);
    if (rows[0]?.done !== false) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
