import { isIPv6 } from "node:net";
import type { Client } from "pg";
import { sqlstateOf, systemCode, WalletVaultError } from "./errors";
import { isStandard, raiseException } from "./sqlstate";
import type { Tls } from "./tls";

/** Why a session did not come about, in words of our own: what the server or a pooler wrote may quote the login. */
export function connectionError(error: unknown, client: Client, tls: Tls): WalletVaultError {
  const place = serverOf(client);
  const raised = sqlstateOf(error);
  // An event trigger on login may raise any five characters.
  const sqlstate = raised === undefined || isStandard(raised) ? raised : raiseException;
  const text = error instanceof Error ? error.message : "";
  if (sqlstate === "28000" && tls.mode === "disable") {
    return new WalletVaultError(
      "ERR_AUTHENTICATION",
      `The server at ${place} refused the login, which came without TLS (28000${whyPlain[tls.saidBy]}).`,
      "Where the server wants TLS (RDS, Azure), say sslmode=require in databaseUrl; else check the user in databaseUrl, and pg_hba.conf.",
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
      `The server at ${place} does not speak TLS, and ${whyTls[tls.saidBy]}.`,
      "Turn TLS on at the server, or say sslmode=disable in databaseUrl where the network itself is trusted: the password and all that is read crosses it in plain text.",
    );
  }
  const system = systemCode(error);
  if (/certificate|self.signed|altname/i.test(text) || /CERT|TLS|SSL/.test(system ?? "")) {
    return new WalletVaultError(
      "ERR_TLS",
      `The certificate of the server at ${place} is not trusted${system ? ` (${system})` : ""}${fromEnvironment(tls)}.`,
      adviceForCertificate(system, tls),
    );
  }
  if (text.includes("password must be a string") || text.includes("no password")) {
    return new WalletVaultError(
      "ERR_AUTHENTICATION",
      `The server at ${place} asks for a password, and databaseUrl has none.`,
      "Put it into databaseUrl: postgresql://user:password@host:5432/database.",
    );
  }
  if (text === "timeout expired") {
    return new WalletVaultError(
      "ERR_CONNECTION",
      `The server at ${place} let nobody in for as long as was waited (connect_timeout in databaseUrl, else 15 s).`,
      "Check host and port in databaseUrl, that a firewall lets this machine through, and that no session holds up every login, as vacuum full of the catalog does.",
    );
  }
  return new WalletVaultError(
    "ERR_CONNECTION",
    `The server at ${place} cannot be reached${system ? ` (${system})` : ""}.`,
    "Check host and port in databaseUrl, that the server is up, and that a firewall lets this machine through.",
  );
}

const whyPlain: Readonly<Record<Tls["saidBy"], string>> = {
  databaseUrl: "; databaseUrl says so",
  PGSSLMODE: "; PGSSLMODE=disable in the environment says so",
  default: "",
};

const whyTls: Readonly<Record<Tls["saidBy"], string>> = {
  databaseUrl: "databaseUrl asks for it",
  PGSSLMODE: "PGSSLMODE in the environment asks for it",
  default: "TLS is the default to any host but this machine",
};

/** There, libpq's `require` and `verify-ca` are known for less. */
const fromEnvironment = ({ saidBy }: Tls): string =>
  saidBy === "PGSSLMODE" ? `; ${whyTls.PGSSLMODE}, and every mode but disable and no-verify verifies here` : "";

function adviceForCertificate(system: string | undefined, { rootCertificate: root }: Tls): string {
  if (system === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return "It is for another host: use the name that it is for as the host in databaseUrl.";
  }
  if (system === "CERT_HAS_EXPIRED") return "It has expired, or the clock of this machine is wrong.";
  return root === undefined
    ? "Add sslrootcert=/path/to/the/provider's/ca.crt to databaseUrl (Supabase: Database settings, SSL configuration)."
    : `The authorities in ${JSON.stringify(root.path)} (${root.named}) do not vouch for it: name the file of the provider's authority there (Supabase: Database settings, SSL configuration).`;
}

/** Where the session was to go, after all defaults: a socket's folder, PGHOST, PGPORT. */
function serverOf({ host, port, database }: Client): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}, database ${JSON.stringify(database ?? "")}`;
}

function adviceFor(sqlstate: string): string {
  switch (sqlstate) {
    case "53300":
      return "All its connections are taken: free some, or try again in a moment.";
    case "57P03":
      return "It is starting or stopping: try again in a moment.";
    case raiseException:
      return "Code of this database refuses it: look at its event triggers on login (PostgreSQL 17 and later).";
    // Poolers have no better ones: Supavisor says XX000 for an unknown tenant and for a full pool, PgBouncer 08P01.
    case "XX000":
    case "08P01":
      return "A pooler answers so where it does not know the user or the database (Supabase: the user of the session pooler is postgres.<project ref>, as the dashboard shows it under Connect), or where its pool is full: check databaseUrl, then try again in a moment.";
    default:
      return "Look the code up in the PostgreSQL manual, appendix A.";
  }
}
