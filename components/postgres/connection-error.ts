import { isIPv6 } from "node:net";
import type { Client } from "pg";
import { sqlstateOf, systemCode, WalletVaultError } from "./errors";

/** Why a session did not come about, in words of our own: what the server or a pooler wrote may quote the login. */
export function connectionError(error: unknown, client: Client): WalletVaultError {
  const place = placeOf(client);
  const sqlstate = sqlstateOf(error);
  const text = error instanceof Error ? error.message : "";
  if (sqlstate === "28000" && !client.ssl) {
    return new WalletVaultError(
      "ERR_AUTHENTICATION",
      `The server at ${place} refused the login, which came without TLS (28000).`,
      "Where the server wants TLS (RDS, Azure), add sslmode=require to databaseUrl; else check the user in databaseUrl, and pg_hba.conf.",
      sqlstate,
    );
  }
  if (sqlstate === "28P01" || sqlstate === "28000") {
    return new WalletVaultError(
      "ERR_AUTHENTICATION",
      `The server at ${place} refused the login (${sqlstate}).`,
      "Check the user and the password in databaseUrl, that special characters are percent-encoded, and pg_hba.conf.",
      sqlstate,
    );
  }
  if (sqlstate === "3D000") {
    return new WalletVaultError(
      "ERR_CONNECTION",
      `The server at ${place} has no such database.`,
      "Check the last part of databaseUrl.",
      sqlstate,
    );
  }
  if (sqlstate !== undefined) {
    return new WalletVaultError(
      "ERR_CONNECTION",
      `The server at ${place} does not let us in now (${sqlstate}).`,
      adviceFor(sqlstate),
      sqlstate,
    );
  }
  if (text.includes("does not support SSL")) {
    return new WalletVaultError(
      "ERR_TLS",
      `The server at ${place} does not speak TLS, and databaseUrl asks for it.`,
      "Turn TLS on at the server, or use sslmode=disable where the network itself is trusted.",
    );
  }
  const system = systemCode(error);
  if (/certificate|self.signed|altname/i.test(text) || /CERT|TLS|SSL/.test(system ?? "")) {
    return new WalletVaultError(
      "ERR_TLS",
      `The certificate of the server at ${place} is not trusted${system ? ` (${system})` : ""}.`,
      "Add sslrootcert=/path/to/the/provider's/ca.crt to databaseUrl (Supabase: Database settings, SSL configuration).",
    );
  }
  if (text.includes("password must be a string") || text.includes("no password")) {
    return new WalletVaultError(
      "ERR_AUTHENTICATION",
      `The server at ${place} asks for a password, and databaseUrl has none.`,
      "Put it into databaseUrl: postgresql://user:password@host:5432/database.",
    );
  }
  return new WalletVaultError(
    "ERR_CONNECTION",
    `The server at ${place} cannot be reached${system ? ` (${system})` : ""}.`,
    "Check host and port in databaseUrl, that the server is up, and that a firewall lets this machine through.",
  );
}

/** For a certificate or key that node-postgres could not read while it looked at databaseUrl. */
export const unreadableFile = (system: string): WalletVaultError =>
  new WalletVaultError(
    "ERR_TLS",
    `A file that databaseUrl names in sslrootcert, sslcert or sslkey cannot be read (${system}).`,
    "Give its full path on the machine that runs Pulumi. Instead of sslrootcert=system, leave sslrootcert out: the authorities that Node.js knows are trusted then.",
  );

/** Where the session was to go, after all defaults: a socket's folder, PGHOST, PGPORT. */
function placeOf({ host, port, database }: Client): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}, database ${JSON.stringify(database ?? "")}`;
}

function adviceFor(sqlstate: string): string {
  switch (sqlstate) {
    case "53300":
      return "All its connections are taken: free some, or try again in a moment.";
    case "57P03":
      return "It is starting or stopping: try again in a moment.";
    // Poolers have no better ones: Supavisor says XX000 for an unknown tenant and for a full pool, PgBouncer 08P01.
    case "XX000":
    case "08P01":
      return "A pooler answers so where it does not know the user or the database (Supabase: the user of the session pooler is postgres.<project ref>, as the dashboard shows it under Connect), or where its pool is full: check databaseUrl, then try again in a moment.";
    default:
      return "Look the code up in the PostgreSQL manual, appendix A.";
  }
}
