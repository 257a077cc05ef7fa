import { z } from "zod/v3";
import { lockTimeoutMs, minutes, name } from "../postgres/arguments";
import { defaultLockLimits } from "../postgres/lock-limits";
import { displayName } from "../postgres/printable";
import { type Report, reportAs } from "../postgres/report";
import { parseInputs } from "../pulumi/parse-inputs";

const column = z.object({
  name,
  /** Type as SQL, with its schema and without a modifier: `pg_catalog.uuid`. */
  type: z.string().min(1),
  /** Collation as SQL, with its schema; null for that of the type. */
  collation: z.string().nullable(),
  notNull: z.boolean(),
});

const schema = z.object({
  schema: name,
  name,
  columns: z.array(column).min(1).readonly().describe("one or more columns, each { name, type, collation, notNull }"),
  primaryKey: z.array(name).min(1).readonly().describe("one or more column names"),
  lockTimeoutMs,
  lockDeadlineMinutes: minutes(30_000),
});

/** The table as a program declares it. */
export type TableInputs = Readonly<z.output<typeof schema>>;
export type TableColumn = TableInputs["columns"][number];

/** What is recorded of a table that was made and looked at. */
export interface TableOutputs extends TableInputs {
  readonly owner: string;
  /** What others held on the table at the last refresh; empty where they held nothing. */
  readonly drift: readonly string[];
}

export const defaults = { ...defaultLockLimits };

/** @throws WalletVaultError ERR_CONFIGURATION naming the argument and what is allowed */
export const inputsFrom = (inputs: Readonly<Record<string, unknown>>): TableInputs =>
  parseInputs("Table", schema, inputs, defaults);

export const reportOn = (table: { readonly schema: string; readonly name: string }): Report =>
  reportAs(`table ${displayName(table)}`);
