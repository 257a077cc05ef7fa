import type { Client } from "./connection";
import type { Deadline } from "./deadline";
import { sqlstateOf, WalletVaultError } from "./errors";
import { backOff, pollUntil } from "./retry";

/** What a server says where it does not have a function, or does not let us use it; Aurora says the last of them. */
const unavailable = ["42883", "42501", "0A000", "55000"];

/**
 * Returns once everything that this session has seen is on the server's disk. Batches commit without waiting for it.
 *
 * A commit of our own that does wait comes later in the write-ahead log than all that was seen, and the log is written in
 * order. It needs an entry to wait for: of a transaction that wrote none, no commit is written at once. A standby is not
 * waited for, as no batch was: what is lost with a server is the wallet's flag together with its vault row.
 *
 * Asked in the session that saw it: after a crash of the server, this fails, and all is looked at again.
 *
 * @throws WalletVaultError ERR_DATABASE where the log is not on disk at the deadline
 */
export async function waitForWalFlush(client: Client, deadline: Deadline): Promise<void> {
  try {
    await client.query(`begin read write; set local synchronous_commit = local;
      select pg_logical_emit_message(true, 'wallet-vault', 'read back'); commit`);
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    if (!unavailable.includes(sqlstateOf(error) ?? "")) throw error;
    await waitForWalWriter(client, deadline);
  }
}

/** The server's WAL writer brings the log to disk within a few times `wal_writer_delay`, 10 s at the most. */
async function waitForWalWriter(client: Client, deadline: Deadline): Promise<void> {
  const { rows } = await client.query<{ lsn: string }>("select pg_current_wal_insert_lsn()::text as lsn");
  const end = rows[0]?.lsn ?? "0/0";
  await pollUntil(backOff(20, 20), async () => {
    const flushed = await client.query<{ done: boolean }>("select pg_current_wal_flush_lsn() >= $1::pg_lsn as done", [
      end,
    ]);
    if (flushed.rows[0]?.done !== false) return true;
    if (!deadline.passed) return false;
    throw new WalletVaultError(
      "ERR_DATABASE",
      `The server's WAL writer did not bring its write-ahead log to disk in ${deadline.minutes} min.`,
      "Look at the server's log and at its disk, then run the same command again. The keys are moved, but a crash of the server could undo it.",
    );
  });
}
