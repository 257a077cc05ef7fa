import { findingAdvice } from "../key-identity/finding-words";
import { identityAttention } from "../key-identity/findings";
import { oneLine, printableId } from "../postgres/printable";
import { stateAdvice } from "../receipt/state-words";
import { attentionLimit, type ReadBack } from "./read-back";
import type { Refusal } from "./sql/batch";
import type { OpenWallet } from "./sql/open-wallets";
import { type Attention, refusalReason } from "./summary";
import { type State, states } from "./states";

/** What is known besides the wallets themselves. */
export interface Causes {
  readonly refusals: readonly Refusal[];
  /** Why wallets that nobody refused are open, as a sentence. */
  readonly whyOpen?: string | undefined;
  /** What was said of them before; for a look without a run, which cannot know. */
  readonly before?: readonly Attention[];
  /** Why an earlier step of the same update ended incomplete, as a sentence. */
  readonly incomplete?: string | undefined;
}

const notRun = "Its key waits in metadata.";

/**
 * Up to 20 wallets that are not as they should be, each once: its state as it was seen last, and why it is open or what to
 * do; ids, never values. The last one tells how many more there are.
 */
export function attentionOf({ open, openByState }: ReadBack, causes: readonly Refusal[] | Causes): Attention[] {
  const { refusals, whyOpen = notRun, before = [] } = "refusals" in causes ? causes : { refusals: causes };
  const refused = new Map(refusals.map((refusal) => [refusal.id, refusal]));
  const said = new Map(before.map((entry) => [entry.credentialId, entry]));
  const named = open.slice(0, attentionLimit);
  const entries = named.map((wallet): Attention => {
    const { credentialId, state } = wallet;
    const earlier = said.get(printableId(credentialId));
    const kept = state === "pending" && earlier?.state === state ? withoutCount(earlier.advice) : undefined;
    const finding = identityAttention.find((found) => found === wallet.identity);
    const advice = kept ?? adviceFor(wallet, finding, refused.get(credentialId), whyOpen);
    return finding === undefined ? { credentialId, state, advice } : { credentialId, state, finding, advice };
  });
  const more = notNamed(named, openByState);
  const last = entries.at(-1);
  const all =
    more === "" || last === undefined
      ? entries
      : [...entries.slice(0, -1), { ...last, advice: `${last.advice} Not listed here: ${more}.` }];
  return all.map((entry) => ({
    ...entry,
    credentialId: printableId(entry.credentialId),
    advice: oneLine(entry.advice),
  }));
}

const others = / Not listed here: [^.]*\.$/;

/** Advice as it is about the wallet itself, without the count that the last one has. */
export const withoutCount = (advice: string): string => advice.replace(others, "");

/** Under which name openCounts counts a wallet of the list. */
export const countedAs = ({ state, finding }: Attention): string => finding ?? state;

function adviceFor(
  wallet: OpenWallet,
  mismatch: Attention["finding"],
  refusal: Refusal | undefined,
  whyOpen: string,
): string {
  const { finding, state, flagWrong } = wallet;
  if (state === "pending") {
    if (refusal === undefined) return `${whyOpen} The next up moves it.`;
    const what = refusal.cause === "locked" ? "It could not be moved" : "The database refused the vault row";
    return `${what}: ${refusalReason(refusal)}. Put that right and run again.`;
  }
  const advice = mismatch === undefined ? stateAdvice(finding) : findingAdvice(mismatch, wallet);
  if (!flagWrong) return advice;
  const flag =
    refusal === undefined
      ? `Its vault_stored is wrong. ${whyOpen} The next up puts it right.`
      : `Its vault_stored is wrong, and could not be put right: ${refusalReason(refusal)}. Put that right and run again.`;
  return advice === "" ? flag : `${advice} ${flag}`;
}

/** `480 pending, 3 conflict` */
function notNamed(named: readonly OpenWallet[], openByState: ReadBack["openByState"]): string {
  const left = (state: State): number =>
    (openByState[state] ?? 0) - named.filter((wallet) => wallet.state === state).length;
  return states
    .filter((state) => left(state) > 0)
    .map((state) => `${left(state)} ${state}`)
    .join(", ");
}
