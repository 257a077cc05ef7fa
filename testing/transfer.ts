import { transferKeys, type TransferResult } from "../components/key-transfer/apply";
import type { KeyTransferInputs } from "../components/key-transfer/args";
import { takeSurvey } from "../components/key-transfer/survey";
import type { TransferLimits } from "../components/key-transfer/transfer-job";
import type { Wallets } from "../components/key-transfer/wallets";
import { limits, wallets } from "../fixtures/wallets";

/** The missing constraint, for tests that are not about it. */
export const withConstraint =
  "alter table credential_vault_storage add constraint credential_vault_storage_credential_id_key unique (credential_id)";

/** Surveys and transfers, as one `up` does. */
export async function transfer(
  url: string,
  options: { wallets?: Partial<Wallets>; limits?: Partial<TransferLimits>; report?: (line: string) => void } = {},
): Promise<TransferResult> {
  const these = { ...wallets, ...options.wallets };
  const { survey } = await takeSurvey(url, these);
  return transferKeys(url, these, { ...limits, ...options.limits }, survey, options.report ?? (() => undefined));
}

export const settingsFor = (
  survey: KeyTransferInputs["survey"],
  changes: Partial<KeyTransferInputs> = {},
): KeyTransferInputs => ({
  ...wallets,
  ...limits,
  revision: "r1",
  survey,
  ...changes,
});
