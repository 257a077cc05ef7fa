import { Client } from "pg";
import { readDatabaseUrl, unreadableUrl } from "../postgres/database-url";

/** What @pulumi/postgresql's provider needs to reach the database that our own sessions reach. */
export interface ProviderArguments {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  /** Empty where the server asks for none. */
  readonly password: string;
  /** One of the four that the plugin's driver knows. */
  readonly sslmode: "disable" | "require" | "verify-ca" | "verify-full";
  readonly sslrootcert: string | undefined;
  readonly clientcert: { readonly cert: string; readonly key: string } | undefined;
}

/**
 * Takes databaseUrl apart as node-postgres does for our own sessions, with the same defaults (PGHOST, PGPASSWORD, …), so
 * that both always speak to the same server in the same way.
 *
 * @throws WalletVaultError ERR_CONFIGURATION; it does not repeat the URL, which holds the password
 */
export function providerArguments(databaseUrl: string): ProviderArguments {
  try {
    const parameters = readDatabaseUrl(databaseUrl).searchParams;
    const client = new Client({ connectionString: withoutTls(databaseUrl) });
    const [cert, key] = [parameters.get("sslcert"), parameters.get("sslkey")];
    return {
      host: client.host,
      port: client.port,
      database: client.database ?? "",
      username: client.user ?? "",
      password: client.password ?? "",
      sslmode: sslmode(parameters),
      sslrootcert: parameters.get("sslrootcert") ?? undefined,
      clientcert: cert !== null && key !== null ? { cert, key } : undefined,
    };
  } catch {
    throw unreadableUrl();
  }
}

/** Nothing is connected here, so no certificate need be read, and node-postgres need not warn about the mode. */
function withoutTls(databaseUrl: string): string {
  const url = readDatabaseUrl(databaseUrl);
  for (const name of ["ssl", "sslmode", "sslrootcert", "sslcert", "sslkey"]) url.searchParams.delete(name);
  return url.toString();
}

/** Our sessions verify wherever they use TLS, and use none where nothing asks for it; the plugin must do the same. */
function sslmode(parameters: URLSearchParams): ProviderArguments["sslmode"] {
  const asked = parameters.get("sslmode") ?? (parameters.get("ssl") ? undefined : process.env["PGSSLMODE"]);
  if (asked === "disable" || ["0", "false"].includes(parameters.get("ssl") ?? "")) return "disable";
  // node-postgres's own word for TLS without looking at the certificate; the driver's `require` is that.
  if (asked === "no-verify") return "require";
  const wanted = asked ?? parameters.get("ssl") ?? parameters.get("sslrootcert") ?? parameters.get("sslcert");
  return wanted ? "verify-full" : "disable";
}
