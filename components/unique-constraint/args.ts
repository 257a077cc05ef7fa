import { WalletVaultError } from "../postgres/errors";
import { defaultLockLimits, type LockLimits } from "../postgres/lock-limits";

/** What may be removed where several rows stand for one credential. */
export interface CollapseInputs {
  /** The column that holds the value worth keeping. */
  readonly valueColumn: string;
  /** Values that are worth nothing. Null, empty and white space never are worth anything. */
  readonly placeholders: readonly string[];
  /**
   * Further columns in which the row that goes may differ from the one that stays: whatever else they hold goes with it.
   * Beside them a primary key of one column, created_at and updated_at may differ; no other may, a declared one neither.
   */
  readonly mayDiffer: readonly string[];
}

/** The constraint as a program declares it. */
export interface UniqueConstraintInputs extends LockLimits {
  readonly schema: string;
  readonly table: string;
  /** One to 32 columns. Their order matters only where the constraint has to be created. */
  readonly columns: readonly string[];
  /** The name to create it under where nothing serves yet. At most 63 bytes: PostgreSQL would cut a longer one. */
  readonly name: string;
  /** Minutes for the index to be there, waiting for other builds and sessions included; 0.001 to 30000. */
  readonly indexDeadlineMinutes: number;
  /** Absent: no row is ever removed. */
  readonly collapse?: CollapseInputs | undefined;
}

export const defaults = { indexDeadlineMinutes: 30, ...defaultLockLimits };

/**
 * Reads a resource's inputs.
 *
 * @throws WalletVaultError ERR_CONFIGURATION naming the argument and what is allowed
 */
export function inputsFrom(inputs: Readonly<Record<string, unknown>>): UniqueConstraintInputs {
  const columns = inputs["columns"];
  if (!isNames(columns) || columns.length > 32 || new Set(columns).size !== columns.length) {
    throw refused("columns", "one to 32 different column names");
  }
  return {
    schema: nameIn(inputs, "schema"),
    table: nameIn(inputs, "table"),
    columns,
    name: nameIn(inputs, "name"),
    indexDeadlineMinutes: numberIn(inputs, "indexDeadlineMinutes", 0.001, 30_000),
    lockTimeoutMs: numberIn(inputs, "lockTimeoutMs", 1, 60_000),
    lockDeadlineMinutes: numberIn(inputs, "lockDeadlineMinutes", 0.001, 30_000),
    collapse: collapseIn(inputs["collapse"]),
  };
}

function nameIn(inputs: Readonly<Record<string, unknown>>, key: string): string {
  const value = inputs[key];
  if (isName(value)) return value;
  throw refused(key, "a name of 1 to 63 bytes");
}

function numberIn(
  inputs: Readonly<Record<string, unknown>>,
  key: keyof typeof defaults,
  least: number,
  most: number,
): number {
  const value = inputs[key] ?? defaults[key];
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw refused(key, `a number from ${least} to ${most}`);
}

function collapseIn(value: unknown): CollapseInputs | undefined {
  if (value === undefined || value === null) return undefined;
  const { valueColumn, placeholders, mayDiffer } = value as Record<string, unknown>;
  const areTexts = Array.isArray(placeholders) && placeholders.every((each) => typeof each === "string");
  if (isName(valueColumn) && areTexts && Array.isArray(mayDiffer) && mayDiffer.every(isName)) {
    return { valueColumn, placeholders, mayDiffer };
  }
  const allowed = "{ valueColumn: a column, placeholders: a list of texts, mayDiffer: a list of columns }, or nothing";
  throw refused("collapse", allowed);
}

const isName = (value: unknown): value is string =>
  typeof value === "string" && value.length > 0 && Buffer.byteLength(value) <= 63 && !value.includes("\0");

const isNames = (value: unknown): value is string[] => Array.isArray(value) && value.length > 0 && value.every(isName);

const refused = (key: string, allowed: string): WalletVaultError =>
  new WalletVaultError("ERR_CONFIGURATION", `UniqueConstraint: ${key} is not ${allowed}.`, `Set ${key} to ${allowed}.`);
