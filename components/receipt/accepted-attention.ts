import type { IdentityCounts } from "../key-identity/findings";
import type { StateCounts } from "../key-transfer/states";
import { attentionCounts } from "../key-transfer/summary";

/**
 * Whether a person has accepted every wallet that needs one: no state of attention, and no finding of a proof, holds more
 * wallets than are accepted for it. If one is named twice, the smaller count holds.
 *
 * @param accepted `state:count`, as configuration.ts allows it: `["missingKey:12"]`
 */
export function isAccepted(
  found: { readonly states: StateCounts; readonly identity?: IdentityCounts },
  accepted: readonly string[],
): boolean {
  return attentionCounts(found).every(([name, wallets]) => {
    const counts = accepted.filter((entry) => entry.startsWith(`${name}:`)).map((entry) => Number(entry.split(":")[1]));
    return wallets <= (counts.length === 0 ? 0 : Math.min(...counts));
  });
}
