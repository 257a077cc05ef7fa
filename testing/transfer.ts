import { transferKeys, type TransferResult } from "../components/key-transfer/apply";
import type { KeyTransferInputs } from "../components/key-transfer/args";
import { takeSurvey } from "../components/key-transfer/survey";
import type { TransferLimits } from "../components/key-transfer/transfer-job";
import type { SchemaFacts, Wallets } from "../components/key-transfer/wallets";

/** The wallets of the fixtures. */
export const wallets: Wallets = {
  schema: "public",
  credentialsTable: "project_credentials",
  vaultTable: "credential_vault_storage",
  keyPaths: [["private_key_encrypted"], ["vault_storage", "encrypted_private_key"]],
  placeholders: ["MIGRATION_REQUIRED"],
  credentialTypes: [],
};

/** Their tables on a server of the tests. */
export const schemaFacts: SchemaFacts = {
  metadata: "jsonb",
  utf8: true,
  checksJson: false,
  vaultIdCollation: 'pg_catalog."default"',
  vaultIdLength: null,
  keyLength: null,
  ungroupable: [],
  backupDateType: "timestamp with time zone",
  revocation: ["access_level", "revoked_at"],
};

export const limits: TransferLimits = {
  lockTimeoutMs: 500,
  lockDeadlineMinutes: 1,
  maxReplicationLagSeconds: 10,
  maxArchiveBacklog: 42,
  batchTargetMs: 100,
  maxMinutes: 0,
};

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
