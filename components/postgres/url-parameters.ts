import { WalletVaultError } from "./errors";

/** What databaseUrl may say behind its `?`. Of libpq's parameters, those that mean the same here or are put to use. */
export const allowedParameters: readonly string[] = [
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "sslnegotiation",
  "ssl",
  "channel_binding",
  "connect_timeout",
  "host",
  "port",
  "user",
  "password",
  "options",
  "application_name",
];

/** Names that people know from elsewhere, and why they are not taken. */
const known: Readonly<Record<string, string>> = {
  uselibpqcompat: "It would make sslmode=require accept every certificate; say sslmode=no-verify if that is meant.",
  requiressl: "Say sslmode=verify-full.",
  hostaddr: "Put the address where the host is.",
  dbname: "Put the database behind the host: postgresql://user:password@host:5432/database.",
  gssencmode: "GSSAPI encryption is not available here.",
  target_session_attrs: "There is one host, and a read-only server is refused anyway.",
  pgbouncer: "A pooler in transaction mode cannot be used: take the direct connection, or a pooler in session mode.",
};

/**
 * Refuses a parameter that node-postgres would pass over in silence: a misspelt `sslMode=require` would leave the
 * connection, and the password on it, in the clear. Of names and values only those are told that are no part of a
 * password, whatever its special characters did to the URL: names that are ours but for case, `_` and `-`.
 *
 * @throws WalletVaultError ERR_CONFIGURATION
 */
export function requireKnownParameters(parameters: URLSearchParams): void {
  for (const name of new Set(parameters.keys())) {
    if (!allowedParameters.includes(name)) throw unknownParameter(name);
    // node-postgres takes the last, others the first.
    if (parameters.getAll(name).length > 1) {
      throw refusedParameter(`databaseUrl has the parameter ${name} more than once.`, "Leave it there once.");
    }
  }
  if (parameters.has("ssl") && parameters.has("sslmode")) {
    throw refusedParameter("databaseUrl has both ssl and sslmode.", "Leave ssl out.");
  }
}

export const refusedParameter = (found: string, next: string): WalletVaultError =>
  new WalletVaultError("ERR_CONFIGURATION", found, next);

function unknownParameter(name: string): WalletVaultError {
  const meant = allowedParameters.find((allowed) => squashed(allowed) === squashed(name));
  if (meant !== undefined) {
    return refusedParameter(`databaseUrl has the parameter ${name}, which is written ${meant}.`, `Write ${meant}.`);
  }
  const other = Object.keys(known).find((one) => squashed(one) === squashed(name));
  if (other !== undefined) {
    return refusedParameter(`databaseUrl has the parameter ${other}, which is not taken.`, known[other]!);
  }
  return refusedParameter(
    "databaseUrl has a parameter that is not known.",
    `Take it out, or percent-encode the ? or & that is part of the password; allowed are: ${allowedParameters.join(", ")}.`,
  );
}

const squashed = (name: string): string => name.toLowerCase().replace(/[_-]/g, "");
