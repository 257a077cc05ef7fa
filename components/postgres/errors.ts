import { oneLine } from "./printable";
import { conditionName, isStandard, raiseException } from "./sqlstate";

/** Every code an error of this project can carry. Stable: scripts may switch on them. */
export type ErrorCode =
  | "ERR_CONFIGURATION"
  | "ERR_PLUGIN_MISSING"
  | "ERR_CONNECTION"
  | "ERR_AUTHENTICATION"
  | "ERR_TLS"
  | "ERR_POOLER"
  | "ERR_SERVER_UNSUPPORTED"
  | "ERR_SERVER_READ_ONLY"
  | "ERR_TABLE_MISSING"
  | "ERR_TABLE_UNSUPPORTED"
  | "ERR_COLUMN_MISSING"
  | "ERR_COLUMN_TYPE"
  | "ERR_PRIVILEGE"
  | "ERR_ROWS_HIDDEN"
  | "ERR_NAME_TAKEN"
  | "ERR_DUPLICATES"
  | "ERR_DEFERRABLE"
  | "ERR_ARBITER"
  | "ERR_VAULT_ID"
  | "ERR_PUBLICATION"
  | "ERR_CONNECTION_LIMIT"
  | "ERR_DEPENDANTS"
  | "ERR_LOCK_DEADLINE"
  | "ERR_VIEW_NOT_PROVEN"
  | "ERR_NOT_PROVEN"
  | "ERR_ATTENTION"
  | "ERR_DATABASE";

/**
 * The one error type meant for a person's eyes. The message says what was found and where, then what to do next.
 * It never holds a row's value, a key, a password, or text that PostgreSQL wrote.
 */
export class WalletVaultError extends Error {
  readonly code: ErrorCode;
  /** SQLSTATE that caused it, where there was one (PostgreSQL manual, appendix A). */
  readonly sqlstate: string | undefined;

  constructor(code: ErrorCode, problem: string, hint: string, sqlstate?: string) {
    super(oneLine(`${problem} ${hint} [${code}]`));
    this.name = "WalletVaultError";
    this.code = code;
    this.sqlstate = sqlstate;
    // Pulumi prints the stack of an error thrown by check, diff, read and delete; the message is the whole story.
    this.stack = this.message;
  }
}

/** The fields of a PostgreSQL error that name objects or codes. The others (message, detail) may quote a row. */
export interface ServerError {
  readonly code: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  /** The lines of functions that it came out of. May quote a row: only whether there are any is of use. */
  readonly where?: string;
}

/** What a guarded block caught in the server and let out of it: a stand-in for the server's error, without its text. */
export class CaughtError extends Error {
  constructor(
    readonly sqlstate: string,
    /** A name that some constraint of the database has. */
    readonly constraint: string | null = null,
  ) {
    super(`caught in the server: ${sqlstate}`);
    this.name = "CaughtError";
  }
}

/** The SQLSTATE of an error that the server sent, or undefined for any other error. */
export function sqlstateOf(error: unknown): string | undefined {
  if (error instanceof CaughtError) return error.sqlstate;
  return isServerError(error) ? error.code : undefined;
}

/**
 * Turns whatever a database call threw into an error that is safe to print: SQLSTATE and its standard name; never the
 * server's own text, and no name that came with the error. A trigger may raise any text as the name of a table, a column or
 * a constraint, and any five characters as a SQLSTATE, even a key's.
 *
 * @param doing what was being done, as a clause: "reading the states of the wallets"
 * @param place the objects concerned, where the catalog knows them; see `objectsNamedInError`
 */
export function safeError(error: unknown, doing: string, place?: string): WalletVaultError {
  if (error instanceof WalletVaultError) return error;
  const raised = sqlstateOf(error);
  if (raised !== undefined && !isConnectionLoss(error)) {
    const sqlstate = isStandard(raised) ? raised : raiseException;
    const where = error instanceof CaughtError && error.constraint !== null ? `constraint ${error.constraint}` : place;
    return new WalletVaultError(
      "ERR_DATABASE",
      `While ${doing}, PostgreSQL reported ${sqlstate} ${conditionName(sqlstate)}${where ? ` (${where})` : ""}.`,
      "Nothing half-done was committed; look the code up in the PostgreSQL manual, appendix A, put its cause right and run the same command again.",
      sqlstate,
    );
  }
  const system = sqlstateOf(error) ?? systemCode(error);
  if (system !== undefined || isConnectionLoss(error)) {
    return new WalletVaultError(
      "ERR_CONNECTION",
      `While ${doing}, the connection to the database was lost${system ? ` (${system})` : ""}.`,
      "Nothing half-done was committed; check that the server is up and run the same command again.",
      sqlstateOf(error),
    );
  }
  // A mistake in this program: its text is ours and holds no row. Anything else is named by its type only.
  const name = error instanceof Error ? error.name : typeof error;
  const text = error instanceof TypeError || error instanceof RangeError ? `: ${error.message}` : "";
  return new WalletVaultError(
    "ERR_DATABASE",
    `While ${doing}, something unexpected happened (${name}${text}).`,
    "Run the same command again; if it stays, report it with this line.",
  );
}

/** True where the server or the network ended the connection, so that a new one may succeed. */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof CaughtError) return false;
  if (error instanceof WalletVaultError) return error.code === "ERR_CONNECTION";
  const state = sqlstateOf(error);
  if (state !== undefined)
    return state.startsWith("08") || ["57P01", "57P02", "57P03", "57P05", "25P03", "25P04"].includes(state);
  const system = systemCode(error);
  if (system !== undefined) return ["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT"].includes(system);
  // node-postgres has no code for these three.
  return (
    error instanceof Error &&
    /^(Connection terminated|Client has encountered a connection error|Client was closed)/.test(error.message)
  );
}

export function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && "severity" in error && "code" in error && /^[0-9A-Z]{5}$/.test(String(error.code));
}

/** Node's name of a failed system call (ECONNREFUSED), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return /^(E[A-Z]+|[A-Z]+(_[A-Z]+)+)$/.test(String(error.code)) ? String(error.code) : undefined;
}
