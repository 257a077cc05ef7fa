import assert from "node:assert/strict";
import type { Client } from "pg";
import type { TransferLimits } from "../../components/key-transfer/transfer-job";
import type { TransferResult } from "../../components/key-transfer/apply";
import { transfer } from "../../testing/transfer";

/**
 * Runs a transfer that has to pause at once. When it says so no key has moved; then `remedy` lets it go on.
 *
 * @param admin a session of the same database
 * @returns what it said first, and how it ended
 */
export async function pausedTransfer(
  url: string,
  admin: Client,
  limits: Partial<TransferLimits>,
  remedy: () => unknown,
): Promise<TransferResult & { said: string | undefined }> {
  const lines: string[] = [];
  let mended: Promise<unknown> | undefined;
  const mend = async (): Promise<void> => {
    try {
      const moved = await admin.query<{ n: number }>("select count(*)::int as n from credential_vault_storage");
      assert.equal(moved.rows[0]?.n, 0, "no key moves while it pauses");
    } finally {
      // Also where the claim is wrong: the transfer would pause for ever.
      await remedy();
    }
  };
  const result = await transfer(url, {
    limits,
    report: (line) => {
      lines.push(line);
      mended ??= mend();
    },
  });
  await mended;
  return { ...result, said: lines[0] };
}
