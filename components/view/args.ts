import { z } from "zod/v3";
import { lockTimeoutMs, name } from "../postgres/arguments";
import { WalletVaultError } from "../postgres/errors";
import { defaultLockLimits } from "../postgres/lock-limits";
import { displayName } from "../postgres/printable";
import { type Report, reportAs } from "../postgres/report";
import { requireValidOptions } from "./options";

/** The bounds of the arguments, and what to do about one that is wrong, in words. */
const schema = z.object({
  schema: name.describe("Give one of 1 to 63 bytes."),
  name: name.describe("Give one of 1 to 63 bytes."),
  readers: z
    .array(z.string().refine((reader) => reader.toLowerCase() !== "public"))
    .readonly()
    .describe("Name the roles that are to read it."),
  query: z.string().regex(/\S/).describe("Give one select statement."),
  /** See requireValidOptions. */
  options: z.custom<Readonly<Record<string, string | boolean>>>(),
  readersMayBeMissing: z.boolean().describe("Give true or false."),
  schemaMayBeMissing: z.boolean().describe("Give true or false."),
  lockTimeoutMs: lockTimeoutMs.describe("Give milliseconds from 1 to 60000."),
  lockDeadlineMinutes: z.number().gt(0).finite().describe("Give minutes, more than 0."),
});

/** What a view should be: the inputs of the resource, all defaults filled in. */
export type ViewInputs = Readonly<z.output<typeof schema>>;

export const defaults: Omit<ViewInputs, "schema" | "name" | "query"> = {
  options: {},
  readers: [],
  readersMayBeMissing: false,
  schemaMayBeMissing: false,
  ...defaultLockLimits,
};

/** What is recorded of a view that was made and proven: the outputs of the resource. */
export interface ViewOutputs extends ViewInputs {
  readonly qualifiedName: string;
  readonly columns: readonly string[];
  /** As pg_get_viewdef prints it under the search path of our sessions. */
  readonly definition: string;
  /** The PostgreSQL major that printed the definition. */
  readonly printedBy: number;
  readonly owner: string;
  readonly drift: readonly string[];
}

export const reportOn = (view: { schema: string; name: string }): Report => reportAs(`view ${displayName(view)}`);

/** Where its name and value do not say enough. */
const problems: { readonly [K in keyof ViewInputs]?: (view: ViewInputs) => string } = {
  schema: (view) => `${JSON.stringify(view.schema)} is no name for a view or a schema.`,
  name: (view) => `${JSON.stringify(view.name)} is no name for a view or a schema.`,
  readers: (view) =>
    `PUBLIC cannot be a reader of view ${displayName(view)}: it is no role, but everybody who may log in.`,
  query: (view) => `View ${displayName(view)} has no query.`,
};

/** @throws WalletVaultError ERR_CONFIGURATION for the first argument that is wrong by itself */
export function requireValidInputs(inputs: ViewInputs): void {
  const issue = schema.safeParse(inputs).error?.issues[0];
  if (issue === undefined) return requireValidOptions(inputs.options);
  const key = issue.path[0] as keyof ViewInputs;
  const problem = problems[key]?.(inputs) ?? `${key} is ${String(inputs[key])}.`;
  throw new WalletVaultError("ERR_CONFIGURATION", problem, schema.shape[key].description ?? "");
}
