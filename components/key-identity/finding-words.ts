import type { IdentityFinding } from "./findings";

/** What people are told of a finding: `meaning` in tables, and what to do about it. */
export const findingWords: Readonly<Record<IdentityFinding, { readonly meaning: string }>> = {
  proven: { meaning: "The key opens the wallet's address" },
  mismatch: { meaning: "The key opens another address" },
  addressImpossible: { meaning: "No key can have the wallet's address" },
  notDerivable: { meaning: "No address can be derived: sealed, an unknown form, or no address" },
  unproven: { meaning: "Not looked at yet, or changed since" },
};

/** What is known of a mismatch besides the finding. */
export interface Opened {
  /** The address that the key opens. */
  readonly opens?: string | null;
  /** Ids of the wallets that have that address. */
  readonly openedWallets?: readonly string[];
}

const known =
  "It may be a smart-contract account or a rotated key; if it is neither, the wallet's money cannot be moved with this key. See docs/identity.md.";

/** One or two sentences on a wallet with this finding; never a key. */
export function findingAdvice(
  finding: "mismatch" | "addressImpossible",
  { opens, openedWallets = [] }: Opened,
): string {
  if (finding === "addressImpossible")
    return `No key can have its wallet_address${opens ? `; its key opens ${opens}` : ""}. Find out which address it should be, before anything is sent there. See docs/identity.md.`;
  if (openedWallets.length > 0)
    return `Its key opens ${opens}, the address of wallet ${openedWallets.join(" and ")}: the keys may be swapped. See docs/identity.md.`;
  return `Its key opens ${opens ?? "another address"}, not its wallet_address. ${known}`;
}
