import { isIPv6 } from "node:net";
import { Client } from "pg";
import { readDatabaseUrl, unreadableUrl, withoutTls } from "../postgres/connection-url";
import { WalletVaultError } from "../postgres/errors";
import { type Tls, tlsOf } from "../postgres/tls";

/** What @pulumi/postgresql's provider needs to reach the database that our own sessions reach. */
export interface ProviderArguments {
  /** An IPv6 address stands in brackets: the plugin puts it into a URL as it is. */
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
 * that both always speak to the same server in the same way; or refuses what the plugin would take for another place.
 *
 * @throws WalletVaultError ERR_CONFIGURATION; it does not repeat the URL, which holds the password
 */
export function providerArguments(databaseUrl: string): ProviderArguments {
  const url = readDatabaseUrl(databaseUrl);
  const tls = tlsOf(url);
  const { host, port, database, user, password } = partsOf(url);
  requireReachable(host, database);
  return {
    host: isIPv6(host) ? `[${host}]` : host,
    port,
    database,
    username: user,
    password,
    sslmode: sslmodes[tls.mode],
    // The plugin reads PGSSLROOTCERT, too, but the two need not agree on who wins.
    sslrootcert: tls.mode === "disable" ? undefined : tls.rootCertificate?.path,
    clientcert: clientCertificate(tls),
  };
}

function partsOf(url: URL) {
  try {
    // TLS is decided already, and PGSSLNEGOTIATION must not make the client refuse to go without it.
    const plain = { connectionString: withoutTls(url), ssl: false, sslnegotiation: "postgres" } as const;
    const { host, port, database, user, password } = new Client(plain);
    return { host, port, database: database ?? "", user: user ?? "", password: password ?? "" };
  } catch {
    throw unreadableUrl();
  }
}

/** The plugin makes a URL of its arguments, and reads it again: what is not escaped there becomes something else. */
function requireReachable(host: string, database: string): void {
  if (host.startsWith("/")) {
    throw unreachable("databaseUrl leads to a socket, which the plugin would take for another server");
  }
  if (/[%?#]/.test(database)) {
    throw unreachable(
      "the name of the database holds %, ? or #, and the plugin would print the password with its error",
    );
  }
}

const unreachable = (why: string): WalletVaultError =>
  new WalletVaultError(
    "ERR_CONFIGURATION",
    `createMonitoringReaders and monitoringSchema need the plugin of @pulumi/postgresql, which cannot reach this database: ${why}.`,
    "Make the roles or the schema by hand and leave both unset, or use another databaseUrl.",
  );

/** `require` is the driver's word for TLS without looking at the certificate. */
const sslmodes = { disable: "disable", "no-verify": "require", "verify-full": "verify-full" } as const;

function clientCertificate({ mode, certificate, key }: Tls): ProviderArguments["clientcert"] {
  if (mode === "disable" || certificate === undefined || key === undefined) return undefined;
  return { cert: certificate.path, key: key.path };
}
