import type { State, StateDetail } from "../key-transfer/states";

/**
 * What people are told of a state. `label` stands in legends and table heads, `afterCount` after a number (`3 without a
 * key`), `meaning` and `advice` in outputs, their short forms on a terminal. A state without advice needs no decision.
 */
type StateWords = Readonly<
  Record<"label" | "afterCount" | "meaning" | "shortMeaning", string> &
    Partial<Record<"advice" | "shortAdvice", string>>
>;

export const stateWords = {
  stored: {
    label: "stored",
    afterCount: "stored",
    meaning: "The vault has the key",
    shortMeaning: "in the vault, and the flag says so",
  },
  pending: {
    label: "pending",
    afterCount: "pending",
    meaning: "The key waits in metadata",
    shortMeaning: "the key waits in metadata",
  },
  conflict: {
    label: "conflict",
    afterCount: "in conflict",
    meaning: "Vault and metadata hold different keys",
    shortMeaning: "vault and metadata hold different keys",
    advice:
      "The vault and metadata hold different keys. Find out which one opens the wallet's address, with the wallet's own software and outside of the database, then set the other one aside. Statements: docs/after-the-transfer.md.",
    shortAdvice: "find which one opens the address, remove the other",
  },
  ambiguousSource: {
    label: "ambiguous source",
    afterCount: "with an ambiguous source",
    meaning: "metadata holds different keys",
    shortMeaning: "metadata holds different keys",
    advice:
      "metadata holds different keys. Find out which one opens the wallet's address, with the wallet's own software and outside of the database, then set the others aside. Statements: docs/after-the-transfer.md.",
    shortAdvice: "find which one opens the address, remove the other",
  },
  unreadableSource: {
    label: "unreadable source",
    afterCount: "with an unreadable source",
    meaning: "metadata holds something that is not a text",
    shortMeaning: "not a string where the key should be",
    advice:
      "A key path, or a step on the way to it, holds something of the wrong kind: a number, a list, or JSON that was encoded twice and so became a string. A query in docs/after-the-transfer.md shows which, without the value; store the key as a string.",
    shortAdvice: "store the key in its metadata as a string",
  },
  missingKey: {
    label: "missing key",
    afterCount: "without a key",
    meaning: "No key anywhere",
    shortMeaning: "no key anywhere",
    advice:
      "No key anywhere. Put a key from a backup into metadata and run up, or make the wallet anew; who can do without accepts it with acceptAttention.",
    shortAdvice: "restore it from a backup, or make the wallet anew",
  },
} as const satisfies Record<State, StateWords>;

const revokedAdvice =
  "Its vault row was revoked and emptied, and is not filled again. Remove the revocation if it was a mistake, else take the key out of metadata. Statements: docs/after-the-transfer.md.";

export function stateAdvice(detail: StateDetail): string {
  if (detail === "revoked") return revokedAdvice;
  const words: StateWords = stateWords[detail === "verified" ? "stored" : detail];
  return words.advice ?? "";
}
