import { isConnectionLoss, WalletVaultError } from "../postgres/errors";
import type { Run } from "./run";

const firstPauseMs = 100;
const longestPauseMs = 5_000;

/** Runs `look`, again and again where the connection is lost or the server restarts, until the lock deadline. */
export async function throughRestarts<T>(run: Run, look: () => Promise<T>): Promise<T> {
  const giveUp = Date.now() + run.limits.lockDeadlineMinutes * 60_000;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    try {
      return await look();
    } catch (error) {
      if (!lostConnection(error) || Date.now() > giveUp) throw error;
      run.totals.retries += 1;
      await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
    }
  }
}

/** True where a new connection may succeed. */
export function lostConnection(error: unknown): boolean {
  return error instanceof WalletVaultError ? error.code === "ERR_CONNECTION" : isConnectionLoss(error);
}
