import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { identityAttention } from "./components/key-identity/findings";
import { attentionStates } from "./components/key-transfer/states";
import { lockTimeoutMs, minutes, name, nameOrEmpty, words } from "./components/postgres/arguments";
import { WalletVaultError } from "./components/postgres/errors";
import { defaultLockLimits } from "./components/postgres/lock-limits";

const yesOrNo = z.boolean();
/** What a person may accept. */
const acceptable = [...attentionStates, ...identityAttention];
const count = (least: number, most: number) => z.number().int().min(least).max(most);

/** Every key of the namespace: its shape, its default, and what is allowed, in words for the person who set it. */
const keys = {
  databaseUrl: [z.string().min(1), undefined, "postgresql://user:password@host:5432/database, set with --secret"],
  schema: [name, "public", "a name of 1 to 63 bytes"],
  credentialsTable: [name, "project_credentials", "a name of 1 to 63 bytes"],
  vaultTable: [name, "credential_vault_storage", "a name of 1 to 63 bytes"],
  keyPaths: [
    z.array(z.array(words.min(1)).min(1)).min(1),
    [["private_key_encrypted"], ["vault_storage", "encrypted_private_key"]],
    'a list of one or more paths, each a list of field names without NUL: [["private_key"], ["vault", "key"]]',
  ],
  placeholders: [z.array(words), ["MIGRATION_REQUIRED"], 'a list of texts without NUL: ["MIGRATION_REQUIRED"]'],
  credentialTypes: [
    z.array(words.min(1)),
    [],
    'a list of credential types, without NUL: ["ethereum_wallet"]; [] for all',
  ],
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
  lockTimeoutMs: [lockTimeoutMs.int(), defaultLockLimits.lockTimeoutMs, "milliseconds, a whole number from 1 to 60000"],
  lockDeadlineMinutes: [minutes(1_440), defaultLockLimits.lockDeadlineMinutes, "minutes, from 0.001 to 1440"],
  batchTargetMs: [count(10, 60_000), 100, "milliseconds, a whole number from 10 to 60000"],
  maxMinutes: [z.number().min(0).max(10_080), 0, "minutes, at most 10080; 0 for no bound"],
  maxReplicationLagSeconds: [z.number().gt(0).max(86_400), 10, "seconds, more than 0 and at most 86400"],
  maxArchiveBacklog: [count(1, 1_000_000), 42, "a whole number of WAL segments, at least 1"],
  promotedFrom: [
    z.union([z.literal(""), z.string().regex(/^[\w.-]+(\/[\w.-]+){0,2}$/)]),
    "",
    "the name of a stack: organization/wallet-vault/staging",
  ],
  promotionMaxAgeHours: [z.number().gt(0).max(8_760), 72, "hours, more than 0 and at most 8760"],
  acceptAttention: [
    z.array(z.string().regex(new RegExp(`^(${acceptable.join("|")}):\\d{1,9}$`))),
    [],
    `a list of state:count, each state one of ${acceptable.join(", ")}: ["missingKey:12"]`,
  ],
} as const satisfies Record<string, readonly [z.ZodType, unknown, string]>;

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
  for (const [key, [shape, initial, allowed]] of Object.entries(keys)) {
    const text = set[key];
    const value =
      text === undefined ? initial : parsed(text, shape instanceof z.ZodString || shape instanceof z.ZodUnion);
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
