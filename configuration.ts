import * as pulumi from "@pulumi/pulumi";
import { z } from "zod/v3";
import { defaults, schema } from "./components/key-transfer/args";
import { minutes, name, nameOrEmpty } from "./components/postgres/arguments";
import { WalletVaultError } from "./components/postgres/errors";

const yesOrNo = z.boolean();
/** What is handed on to the transfer has its bounds, defaults and words. */
const transfer = schema.shape;

/** Every key of the namespace: its shape, its default, and what is allowed, in words for the person who set it. */
const keys = {
  databaseUrl: [z.string().min(1), undefined, "postgresql://user:password@host:5432/database, set with --secret"],
  schema: [transfer.schema, defaults.schema],
  credentialsTable: [transfer.credentialsTable, defaults.credentialsTable],
  vaultTable: [transfer.vaultTable, defaults.vaultTable],
  keyPaths: [transfer.keyPaths, defaults.keyPaths],
  placeholders: [transfer.placeholders, defaults.placeholders],
  credentialTypes: [transfer.credentialTypes, defaults.credentialTypes],
  vaultValues: [transfer.vaultValues, defaults.vaultValues],
  strict: [yesOrNo, false, "true or false"],
  monitoringReaders: [
    z
      .array(name)
      .refine(
        (roles) => new Set(roles).size === roles.length && !roles.some((role) => role.toLowerCase() === "public"),
      ),
    [],
    'a list of roles, each once and of 1 to 63 bytes: ["grafana"]. PUBLIC is no role, but everybody who may log in',
  ],
  createMonitoringReaders: [yesOrNo, false, "true or false"],
  monitoringSchema: [nameOrEmpty, "", "a name of at most 63 bytes, or empty"],
  collapseDuplicates: [yesOrNo, false, "true or false"],
  proveIdentity: [yesOrNo, false, "true or false"],
  indexDeadlineMinutes: [minutes(10_080), 30, "minutes, from 0.001 to 10080"],
  lockTimeoutMs: [transfer.lockTimeoutMs, defaults.lockTimeoutMs],
  lockDeadlineMinutes: [transfer.lockDeadlineMinutes, defaults.lockDeadlineMinutes],
  batchTargetMs: [transfer.batchTargetMs, defaults.batchTargetMs],
  maxMinutes: [transfer.maxMinutes, defaults.maxMinutes],
  maxReplicationLagSeconds: [transfer.maxReplicationLagSeconds, defaults.maxReplicationLagSeconds],
  maxArchiveBacklog: [transfer.maxArchiveBacklog, defaults.maxArchiveBacklog],
  promotedFrom: [
    z.union([z.literal(""), z.string().regex(/^[\w.-]+(\/[\w.-]+){0,2}$/)]),
    "",
    "the name of a stack: organization/wallet-vault/staging",
  ],
  promotionMaxAgeHours: [z.number().gt(0).max(8_760), 72, "hours, more than 0 and at most 8760"],
  acceptAttention: [transfer.acceptAttention.unwrap(), defaults.acceptAttention],
} as const satisfies Record<string, readonly [z.ZodType, unknown, string?]>;

type Keys = typeof keys;
type Value<K extends keyof Keys> = z.output<Keys[K][0]>;

/** The program's configuration, complete and valid. `databaseUrl` is the only secret. */
export type Configuration = { readonly [K in keyof Keys]: Value<K> };

/** @throws WalletVaultError ERR_CONFIGURATION that names every key that is wrong and what is allowed */
export function readConfiguration(namespace = pulumi.getProject()): Configuration {
  const prefix = `${namespace}:`;
  const set = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value] as const);
  return configurationOf(Object.fromEntries(set));
}

/**
 * @param set values as Pulumi hands them over: texts, in JSON for anything but texts
 * @param next what to do about a wrong one
 */
export function configurationOf(
  set: Readonly<Record<string, string>>,
  next = "Change it with: npm run pulumi -- config set <key> <value>, or config rm <key>.",
): Configuration {
  const faults = Object.keys(set)
    .filter((key) => !Object.hasOwn(keys, key))
    .map((key) => `${key} is not a key of this program (it knows ${Object.keys(keys).join(", ")})`);
  const values: Record<string, unknown> = {};
  for (const [key, [shape, initial, allowed = shape.description]] of Object.entries(keys)) {
    const text = set[key];
    const value = text === undefined ? initial : parsed(text, initial === undefined || typeof initial === "string");
    const result = shape.safeParse(value);
    if (result.success) values[key] = result.data;
    else faults.push(`${key} ${text === undefined ? "is missing" : "has an impossible value"}; it must be ${allowed}`);
  }
  if (faults.length > 0) {
    throw new WalletVaultError("ERR_CONFIGURATION", `The configuration is not valid: ${faults.join(". ")}.`, next);
  }
  return values as Configuration;
}

/** The value that a text stands for; the text itself where it is no JSON, which then fails unless a text is wanted. */
function parsed(text: string, wantsText: boolean): unknown {
  if (wantsText) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
