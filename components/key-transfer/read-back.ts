import { withClient } from "../postgres/connection";
import type { Patience } from "./deadline";
import { withTablesHeld } from "./held-tables";
import { untilOnDisk } from "./on-disk";
import { standing } from "./standing";
import { type Look, lookAtAll } from "./statements/attention";
import { vaultToCount } from "./statements/counts";
import type { Shape, Wallets } from "./wallets";

/** At most this many wallets are named in the outputs. */
export const attentionLimit = 20;

export type ReadBack = Look;

/**
 * Looks again at every wallet, on a session of its own: what the summary says is what the database says, not what the
 * transfer believes. The answer is given only once all that it tells of is on disk.
 *
 * @param known ids of wallets of which it is known why they are left; they are named first
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export async function readBack(
  databaseUrl: string,
  wallets: Wallets,
  shape: Shape,
  patience: Patience,
  known: readonly string[] = [],
): Promise<ReadBack> {
  const by = standing(wallets, shape);
  return withClient(databaseUrl, { purpose: "reading back the wallets", readOnly: true }, async (client) => {
    const found = await withTablesHeld(client, wallets, "reading back the wallets", patience, async () =>
      lookAtAll(client, wallets, by, await vaultToCount(client, wallets, by), attentionLimit, known),
    );
    await untilOnDisk(client);
    return found;
  });
}
