import { backOff } from "../postgres/back-off";
import { Deadline } from "../postgres/deadline";
import { isConnectionLoss, WalletVaultError } from "../postgres/errors";
import type { TransferRun } from "./transfer-run";

const firstPauseMs = 100;

/** Runs `look`, again and again where the connection is lost or the server restarts, until the lock deadline. */
export async function retryOnConnectionLoss<T>(run: TransferRun, look: () => Promise<T>): Promise<T> {
  const deadline = new Deadline(run.limits.lockDeadlineMinutes);
  const pause = backOff(firstPauseMs);
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (!isConnectionLost(error) || deadline.passed) throw error;
      run.totals.retries += 1;
      await pause();
    }
  }
}

/** True where a new connection may succeed. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof WalletVaultError ? error.code === "ERR_CONNECTION" : isConnectionLoss(error);
}
