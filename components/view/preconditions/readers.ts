import { WalletVaultError } from "../../postgres/errors";
import { quoteIdent } from "../../postgres/quote";
import { displayName } from "../../postgres/printable";
import type { ViewInputs } from "../args";
import type { TargetFacts } from "./target-facts";

/** @throws WalletVaultError ERR_CONFIGURATION where a reader is no role */
export function requireReaders(inputs: ViewInputs, facts: TargetFacts, moment: "preview" | "apply"): void {
  const [missing] = facts.missing_readers;
  if (missing === undefined) return;
  if (!inputs.readersMayBeMissing) {
    throw new WalletVaultError(
      "ERR_CONFIGURATION",
      `There is no role ${missing}, which should read view ${displayName(inputs)}.`,
      `Check the spelling of the readers, or run: create role ${quoteIdent(missing)}.`,
    );
  }
  if (moment === "preview") return;
  throw new WalletVaultError(
    "ERR_CONFIGURATION",
    `There is no role ${missing}, which should read view ${displayName(inputs)}, and which this stack should have made.`,
    "It was dropped since? Run: npm run pulumi -- up --refresh, which finds out, and makes it again.",
  );
}
