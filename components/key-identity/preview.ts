import { formatNumber, plural } from "../format";
import type { Survey } from "../key-transfer/survey";

/** Keys a second and session, rounded down, as measured for EVM keys (docs/benchmarks.md); other families take as long or less. */
const assumedRate = 350;
/** Sessions side by side; see batches/run-pass.ts. */
const sessions = 2;

/** How many proofs an update is to make, and about how long that takes, for a preview; undefined where there are none. */
export function proofsToMake({ identity, states }: Survey): string | undefined {
  const wanted = identity === undefined ? 0 : identity.unproven + states.pending;
  if (wanted === 0) return undefined;
  const seconds = Math.ceil(wanted / (assumedRate * sessions));
  const time = seconds < 120 ? plural(seconds, "second") : plural(Math.ceil(seconds / 60), "minute");
  return `${plural(wanted, "key")} to prove: about ${time}, at an assumed ${formatNumber(assumedRate)} keys a second in each of ${sessions} sessions.`;
}
