import { attentionStates, type StateCounts } from "../key-transfer/states";

/**
 * Whether a person has accepted every wallet that needs one: no state of attention holds more wallets than are accepted
 * for it. If a state is named twice, the smaller count holds.
 *
 * @param accepted `state:count`, as configuration.ts allows it: `["missingKey:12"]`
 */
export function isAccepted(states: StateCounts, accepted: readonly string[]): boolean {
  return attentionStates.every((state) => {
    const counts = accepted
      .filter((entry) => entry.startsWith(`${state}:`))
      .map((entry) => Number(entry.split(":")[1]));
    return states[state] <= (counts.length === 0 ? 0 : Math.min(...counts));
  });
}
