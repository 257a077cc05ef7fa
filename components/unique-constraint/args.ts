import { z } from "zod/v3";
import { lockTimeoutMs, minutes, name } from "../postgres/arguments";
import { defaultLockLimits } from "../postgres/lock-limits";
import { parseInputs } from "../pulumi/parse-inputs";

export const defaults = { indexDeadlineMinutes: 30, ...defaultLockLimits };

/** What may be removed where several rows stand for one credential. */
const collapse = z.object({
  /** The column that holds the value worth keeping. */
  valueColumn: name,
  /** Values that are worth nothing. Null, empty and white space never are worth anything. */
  placeholders: z.array(z.string()).readonly(),
  /**
   * Further columns in which the row that goes may differ from the one that stays: whatever else they hold goes with it.
   * Beside them a primary key of one column, created_at and updated_at may differ; no other may, a declared one neither.
   */
  mayDiffer: z.array(name).readonly(),
});

/** The bounds of each argument, and what is allowed, in words. */
const schema = z.object({
  /** One to 32 columns. Their order matters only where the constraint has to be created. */
  columns: z
    .array(name)
    .min(1)
    .max(32)
    .refine((columns) => new Set(columns).size === columns.length)
    .readonly()
    .describe("one to 32 different column names"),
  schema: name,
  table: name,
  /** The name to create it under where nothing serves yet. At most 63 bytes: PostgreSQL would cut a longer one. */
  name,
  /** Minutes for the index to be there, waiting for other builds and sessions included. */
  indexDeadlineMinutes: minutes(30_000),
  lockTimeoutMs,
  lockDeadlineMinutes: minutes(30_000),
  /** Absent: no row is ever removed. */
  collapse: collapse
    .optional()
    .describe("{ valueColumn: a column, placeholders: a list of texts, mayDiffer: a list of columns }, or nothing"),
});

export type CollapseInputs = Readonly<z.output<typeof collapse>>;

/** The constraint as a program declares it. */
export type UniqueConstraintInputs = Readonly<z.output<typeof schema>>;

/** Properties as Pulumi hands them over: from this version of the program, from an older one, or partly unknown. */
export type Properties = Readonly<Record<string, unknown>>;

/** @throws WalletVaultError ERR_CONFIGURATION naming the argument and what is allowed */
export const inputsFrom = (inputs: Properties): UniqueConstraintInputs =>
  parseInputs("UniqueConstraint", schema, inputs, defaults);
