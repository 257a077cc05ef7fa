import type { Limits } from "../../components/key-transfer/run";
import type { Settings } from "../../components/key-transfer/settings";
import { takeSurvey } from "../../components/key-transfer/survey";
import { transferKeys, type TransferResult } from "../../components/key-transfer/transfer";
import type { Shape, Wallets } from "../../components/key-transfer/wallets";

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
export const shape: Shape = {
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

export const limits: Limits = {
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
  options: { wallets?: Partial<Wallets>; limits?: Partial<Limits>; report?: (line: string) => void } = {},
): Promise<TransferResult> {
  const these = { ...wallets, ...options.wallets };
  const { survey } = await takeSurvey(url, these);
  return transferKeys(url, these, { ...limits, ...options.limits }, survey, options.report ?? (() => undefined));
}

export const settingsFor = (survey: Settings["survey"], changes: Partial<Settings> = {}): Settings => ({
  ...wallets,
  ...limits,
  revision: "r1",
  survey,
  ...changes,
});
