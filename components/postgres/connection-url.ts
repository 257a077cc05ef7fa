import { WalletVaultError } from "./errors";
import { hostOf } from "./tls";
import { requireKnownParameters } from "./url-parameters";

/** One host, at most one segment behind it, no fragment, and no `@` left once the host is over. */
const certain = /^postgres(ql)?:\/\/[^/?#]*(\/[^/?#@]*)?(\?[^#@]*)?$/;

/**
 * An encoded ASCII character in a host that is no socket's folder: somebody has percent-encoded the user, the password
 * and the host as one.
 */
const encodedTooMuch = /^(?!%2f).*%[2-7]/i;

/**
 * Reads databaseUrl as node-postgres does, or refuses it; what is wrong with it is never repeated, for it holds the
 * password.
 *
 * A `/`, `?` or `#` of the password that is not percent-encoded ends the host: the user would be taken for the host, the
 * password for port and database, and both would be printed with the next error, or stand in the state. Such a URL
 * always has an `@` behind what was taken for the host.
 *
 * @throws WalletVaultError ERR_CONFIGURATION, also for a parameter that nobody knows, for several hosts, and for a port that is none
 */
export function readDatabaseUrl(databaseUrl: string): URL {
  const url = parsed(databaseUrl);
  requireKnownParameters(url.searchParams);
  if (hostOf(url).includes(",")) {
    throw new WalletVaultError(
      "ERR_CONFIGURATION",
      "databaseUrl, or PGHOST in the environment, names several hosts.",
      "Name the one that takes writes: which of them a session reaches must not be left to chance.",
    );
  }
  // node-postgres would take what stands before the first sign that is no digit.
  if (!/^([1-9]\d{0,4})?$/.test(portOf(url))) {
    throw new WalletVaultError(
      "ERR_CONFIGURATION",
      "databaseUrl, or PGPORT in the environment, has a port that is no number from 1 to 65535, or several ports.",
      "Name the one that the server listens on.",
    );
  }
  return url;
}

const portOf = (url: URL): string => url.searchParams.get("port") || url.port || process.env["PGPORT"] || "";

function parsed(databaseUrl: string): URL {
  try {
    const url = new URL(databaseUrl);
    // Throws where a `%` encodes nothing.
    const database = decodeURIComponent(url.pathname);
    decodeURIComponent(url.href);
    if (!certain.test(url.href) || encodedTooMuch.test(url.hostname)) throw unreadableUrl();
    // node-postgres would leave %40 and its like as they are in the name of a database.
    url.pathname = encodeURI(database);
    return url;
  } catch {
    throw unreadableUrl();
  }
}

/**
 * What node-postgres is to read of the URL: it would let parameters of its own decide over TLS that was decided already,
 * read files, and print a warning about modes.
 */
export function withoutTls(url: URL): string {
  const rest = new URL(url);
  for (const name of tlsParameters) rest.searchParams.delete(name);
  return rest.toString();
}

const tlsParameters = ["ssl", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslnegotiation", "channel_binding"];

export const unreadableUrl = (): WalletVaultError =>
  new WalletVaultError(
    "ERR_CONFIGURATION",
    "databaseUrl is not a PostgreSQL URL, or cannot be read with certainty.",
    "Set it to postgresql://user:password@host:5432/database, with one host, and with the special characters of the user, the password and the database percent-encoded: @ is %40, / is %2F, # is %23, ? is %3F, % is %25.",
  );
