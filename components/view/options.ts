import { WalletVaultError } from "../postgres/errors";

/** The parameters that a view can have: the PostgreSQL major each came with, and its values. */
export const parameters: Readonly<Record<string, { readonly since: number; readonly values: readonly string[] }>> = {
  security_barrier: { since: 14, values: ["true", "false"] },
  check_option: { since: 14, values: ["local", "cascaded"] },
  security_invoker: { since: 15, values: ["true", "false"] },
};

/** View parameters by name, in the one spelling in which two of them can be compared. */
export type Options = Readonly<Record<string, string>>;

/** What is declared. `false` is what a view has anyway, so it says the same as nothing. */
export function declaredOptions(options: Readonly<Record<string, string | boolean>>): Options {
  return normal(Object.entries(options).map(([name, value]) => [name, String(value)]));
}

/** What the catalog has: `["security_barrier=true"]`. */
export function liveOptions(reloptions: readonly string[]): Options {
  return normal(reloptions.map((item) => [item.slice(0, item.indexOf("=")), item.slice(item.indexOf("=") + 1)]));
}

/** The clause of create view. Empty where there are none: create or replace without it takes away what there was. */
export function withClause(options: Readonly<Record<string, string | boolean>>): string {
  const items = Object.entries(declaredOptions(options)).map(([name, value]) => `${name} = ${value}`);
  return items.length > 0 ? `with (${items.join(", ")})` : "";
}

/** `security_barrier is not set, declared true`, one for each that differs. */
export function optionDifferences(live: Options, declared: Options): string[] {
  const names = [...new Set([...Object.keys(live), ...Object.keys(declared)])].sort();
  return names
    .filter((name) => live[name] !== declared[name])
    .map((name) => `option ${name} is ${live[name] ?? "not set"}, declared ${declared[name] ?? "not set"}`);
}

/** @throws WalletVaultError ERR_CONFIGURATION for the first option that no version of PostgreSQL takes */
export function requireValidOptions(options: Readonly<Record<string, string | boolean>>): void {
  const wrong = (problem: string, hint: string) => new WalletVaultError("ERR_CONFIGURATION", problem, hint);
  for (const [option, value] of Object.entries(options)) {
    const values = Object.hasOwn(parameters, option) ? parameters[option]?.values : undefined;
    if (values === undefined)
      throw wrong(`${option} is no parameter of a view.`, `Allowed are ${Object.keys(parameters).join(", ")}.`);
    if (!values.includes(String(value)))
      throw wrong(`The value of ${option} is not allowed.`, `Give ${values.join(" or ")}.`);
  }
}

/** PostgreSQL keeps the spelling it was given: on, yes, 1 and true are one value, and a false one is the default. */
function normal(items: [string, string][]): Options {
  const spelled = items.map(([name, value]): [string, string] => {
    const lower = value.toLowerCase();
    if (["true", "on", "yes", "1"].includes(lower)) return [name, "true"];
    if (["false", "off", "no", "0"].includes(lower)) return [name, "false"];
    return [name, lower];
  });
  const set = spelled.filter(([, value]) => value !== "false");
  return Object.fromEntries(set.sort(([a], [b]) => (a < b ? -1 : 1)));
}
