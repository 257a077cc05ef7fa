import { WalletVaultError } from "../postgres/errors";

let databaseUrl: string | undefined;

/**
 * Keeps the connection that Pulumi's `configure` hands over for as long as the provider process lives. It is secret
 * configuration and never a resource input or output: a rotated password is no diff and stands in no state.
 */
export function setDatabaseUrl(url: string): void {
  databaseUrl = url;
}

/** @throws WalletVaultError ERR_CONFIGURATION where `configure` did not run */
export function configuredDatabaseUrl(): string {
  if (databaseUrl === undefined) {
    throw new WalletVaultError(
      "ERR_CONFIGURATION",
      "There is no databaseUrl.",
      "Run: npm run pulumi -- config set --secret databaseUrl postgresql://user:password@host:5432/database",
    );
  }
  return databaseUrl;
}
