/** The state of a wallet: exactly one of these, so that the counts add up to the number of wallets. */
export const states = ["stored", "pending", "conflict", "ambiguousSource", "unreadableSource", "missingKey"] as const;
export type State = (typeof states)[number];
export type StateCounts = Readonly<Record<State, number>>;

/**
 * A more exact state. `verified` is `stored` with a source that equals the vault's value byte for byte. `revoked` is a `conflict`
 * where somebody emptied and revoked the vault row: a transfer must not undo that.
 */
export type StateDetail = State | "verified" | "revoked";

/** States that only a person can end. */
export const attentionStates = ["conflict", "ambiguousSource", "unreadableSource", "missingKey"] as const;
