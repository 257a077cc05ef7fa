/** How a wallet stands; exactly one of these, so that the counts add up to the number of wallets. */
export const states = ["stored", "pending", "conflict", "ambiguousSource", "unreadableSource", "missingKey"] as const;
export type State = (typeof states)[number];
export type StateCounts = Readonly<Record<State, number>>;

/**
 * A state, said more exactly: `verified` is `stored` with a source that the vault's value equals byte for byte; `revoked` is
 * a `conflict` where somebody emptied and revoked the vault row, which a transfer must not undo.
 */
export type StateDetail = State | "verified" | "revoked";

/** States that only a person can end. */
export const attentionStates = ["conflict", "ambiguousSource", "unreadableSource", "missingKey"] as const;
