/**
 * What is known of a stored wallet: whether its key opens its address. Exactly one of these, so that the counts add up to the
 * number of stored wallets.
 *
 * - `proven`: the address that the key opens is the wallet's
 * - `mismatch`: the key opens another address
 * - `addressImpossible`: no key can have the wallet's address
 * - `notDerivable`: the address or the key has a form of which nothing can be derived: sealed, unknown, no address
 * - `unproven`: not looked at yet, or the key or the address has changed since
 */
export const identityFindings = ["proven", "mismatch", "addressImpossible", "notDerivable", "unproven"] as const;
export type IdentityFinding = (typeof identityFindings)[number];
export type IdentityCounts = Readonly<Record<IdentityFinding, number>>;

/** Findings that need a person. */
export const identityAttention = ["mismatch", "addressImpossible"] as const;
