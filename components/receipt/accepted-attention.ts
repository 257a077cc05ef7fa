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
  return attentionCounts(found).every(([name, wallets]) => wallets <= acceptedFor(name, accepted));
}

/** How many wallets of a state, or with a finding, are accepted. */
export function acceptedFor(name: string, accepted: readonly string[]): number {
  const counts = accepted.filter((entry) => entry.startsWith(`${name}:`)).map((entry) => Number(entry.split(":")[1]));
  return counts.length === 0 ? 0 : Math.min(...counts);
}

/** The command that accepts the wallets that need a person now: for somebody who has looked at them. */
export function acceptCommand(found: Parameters<typeof isAccepted>[0], stack: string): string {
  const entries = attentionCounts(found).flatMap(([name, wallets]) => (wallets > 0 ? [`${name}:${wallets}`] : []));
  return `npm run pulumi -- config set acceptAttention '${JSON.stringify(entries)}' --stack ${stack}`;
}
