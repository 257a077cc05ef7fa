import type { z } from "zod/v3";
import { WalletVaultError } from "../postgres/errors";

/**
 * A resource's inputs, complete and valid.
 *
 * @param resource its name, for the message
 * @param schema each argument is described by what is allowed: `a name of 1 to 63 bytes`
 * @throws WalletVaultError ERR_CONFIGURATION naming the schema's first argument that is wrong, and what is allowed
 */
export function parseInputs<S extends z.AnyZodObject>(
  resource: string,
  schema: S,
  inputs: Readonly<Record<string, unknown>>,
  defaults: Partial<z.output<S>> = {},
): z.output<S> {
  // An argument that is absent may come as null.
  const given = Object.entries(inputs).filter(([, value]) => value !== undefined && value !== null);
  const { data, error } = schema.safeParse({ ...defaults, ...Object.fromEntries(given) });
  if (error === undefined) return data as z.output<S>;
  const key = String(error.issues[0]?.path[0]);
  const allowed = schema.shape[key]?.description;
  throw new WalletVaultError(
    "ERR_CONFIGURATION",
    `${resource}: ${key} is not ${allowed}.`,
    `Set ${key} to ${allowed}.`,
  );
}
