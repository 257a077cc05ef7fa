import { WalletVaultError } from "../postgres/errors";

/** What a view should be: the inputs of the resource, all defaults filled in. */
export interface ViewInputs {
  readonly schema: string;
  readonly name: string;
  readonly query: string;
  readonly options: Readonly<Record<string, string | boolean>>;
  readonly readers: readonly string[];
  readonly readersMayBeMissing: boolean;
  readonly schemaMayBeMissing: boolean;
  readonly lockTimeoutMs: number;
  readonly lockDeadlineMinutes: number;
}

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

/** `schema.name`, for people. SQL uses quoteQualified(). */
export const displayName = (view: { schema: string; name: string }): string => `${view.schema}.${view.name}`;

/** The parameters a view can have, and the PostgreSQL major each came with. All but check_option are booleans. */
const since: Readonly<Record<string, number>> = { security_barrier: 14, check_option: 14, security_invoker: 15 };

/** What is wrong with the arguments by themselves, or undefined. */
export function invalidInputs(inputs: ViewInputs): WalletVaultError | undefined {
  const wrong = (problem: string, hint: string) => new WalletVaultError("ERR_CONFIGURATION", problem, hint);
  for (const name of [inputs.schema, inputs.name]) {
    // PostgreSQL cuts longer names off without an error; nothing would be found under the full one.
    if (name === "" || Buffer.byteLength(name) > 63) {
      return wrong(`${JSON.stringify(name)} is no name for a view or a schema.`, "Give one of 1 to 63 bytes.");
    }
  }
  if (inputs.readers.some((reader) => reader.toLowerCase() === "public")) {
    return wrong(
      `PUBLIC cannot be a reader of view ${displayName(inputs)}: it is no role, but everybody who may log in.`,
      "Name the roles that are to read it.",
    );
  }
  if (inputs.query.trim() === "")
    return wrong(`View ${displayName(inputs)} has no query.`, "Give one select statement.");
  if (!(inputs.lockTimeoutMs >= 1 && inputs.lockTimeoutMs <= 60_000)) {
    return wrong(`lockTimeoutMs is ${inputs.lockTimeoutMs}.`, "Give milliseconds from 1 to 60000.");
  }
  if (!(inputs.lockDeadlineMinutes > 0)) {
    return wrong(`lockDeadlineMinutes is ${inputs.lockDeadlineMinutes}.`, "Give minutes, more than 0.");
  }
  for (const [option, value] of Object.entries(inputs.options)) {
    const allowed = option === "check_option" ? ["local", "cascaded"] : ["true", "false"];
    if (!Object.hasOwn(since, option)) {
      return wrong(`${option} is no parameter of a view.`, `Allowed are ${Object.keys(since).join(", ")}.`);
    }
    if (!allowed.includes(String(value))) {
      return wrong(`The value of ${option} is not allowed.`, `Give ${allowed.join(" or ")}.`);
    }
  }
  return undefined;
}

/** What this server's version cannot do of what is declared, or undefined. */
export function unsupportedOption(inputs: ViewInputs, major: number): WalletVaultError | undefined {
  const option = Object.keys(inputs.options).find((name) => (since[name] ?? 0) > major);
  if (option === undefined) return undefined;
  return new WalletVaultError(
    "ERR_SERVER_UNSUPPORTED",
    `View ${displayName(inputs)} is declared with ${option}, which PostgreSQL ${major} does not have.`,
    `Leave it out, or use PostgreSQL ${since[option]} or later.`,
  );
}
