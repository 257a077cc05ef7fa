import { z } from "zod/v3";
import { count, lockTimeoutMs, minutes } from "../postgres/arguments";
import { defaultLockLimits } from "../postgres/lock-limits";
import { parseInputs } from "../pulumi/parse-inputs";
import type { Receipt } from "../receipt/receipt";
import { identityAttention } from "../key-identity/findings";
import { attentionStates } from "./states";
import type { Attention, Status, Summary } from "./summary";
import type { Survey } from "./survey";
import { walletsIn, walletsSchema } from "./wallets";

export const defaults = {
  schema: "public",
  credentialsTable: "project_credentials",
  vaultTable: "credential_vault_storage",
  keyPaths: [["private_key_encrypted"], ["vault_storage", "encrypted_private_key"]],
  placeholders: ["MIGRATION_REQUIRED"],
  credentialTypes: [],
  vaultValues: {},
  ...defaultLockLimits,
  batchTargetMs: 100,
  maxMinutes: 0,
  maxReplicationLagSeconds: 10,
  maxArchiveBacklog: 42,
  acceptAttention: [],
};

/** What a person may accept. */
const acceptable = [...attentionStates, ...identityAttention];

/** The bounds of each argument, and what is allowed, in words. */
export const schema = walletsSchema.extend({
  lockTimeoutMs: lockTimeoutMs.int().describe("milliseconds, a whole number from 1 to 60000"),
  lockDeadlineMinutes: minutes(1_440).describe("minutes, from 0.001 to 1440"),
  batchTargetMs: count(10, 60_000).describe("milliseconds, a whole number from 10 to 60000"),
  maxMinutes: z.number().min(0).max(10_080).describe("minutes, at most 10080; 0 for no bound"),
  maxReplicationLagSeconds: z.number().gt(0).max(86_400).describe("seconds, more than 0 and at most 86400"),
  maxArchiveBacklog: count(1, 1_000_000).describe("a whole number of WAL segments, at least 1"),
  /**
   * `state:count` or `finding:count`: wallets in attention that a person has looked at and accepts. Recorded in the receipt.
   *
   * @default []
   * @example ["missingKey:12"]
   */
  acceptAttention: z
    .array(z.string().regex(new RegExp(`^(${acceptable.join("|")}):\\d{1,9}$`)))
    .readonly()
    .describe(`a list of state:count, each state one of ${acceptable.join(", ")}: ["missingKey:12"]`)
    .optional(),
  /** Digest of the program and of the configuration that changes its meaning. A new one means that the proof is made again. */
  revision: z.string().describe("a text"),
  /** The counts that the program read before it declared the transfer. Preview shows them, and a diff compares them. */
  survey: z.custom<Survey>((survey) => typeof survey === "object").describe("the counts of a survey"),
});

/** The transfer as a program declares it. Nothing in it is secret. */
export type KeyTransferInputs = Readonly<z.output<typeof schema>>;

/** @throws WalletVaultError ERR_CONFIGURATION naming the argument and what is allowed */
export const requireValidInputs = (inputs: KeyTransferInputs): unknown => parseInputs("KeyTransfer", schema, inputs);

/** What a KeyTransfer reports; see the contract in README.md, Outputs. */
export interface TransferOutputs {
  readonly status: Status;
  readonly summary: Summary;
  readonly attention: readonly Attention[];
  readonly receipt: Receipt;
}

/** What Pulumi recorded: no outputs before the first run, and no limits where an older version wrote the state. */
export type KeyTransferState = KeyTransferInputs & Partial<TransferOutputs>;

/** The settings that decide what a finished transfer means and proves; the others only decide how it gets there. */
export const decisiveInputs = (inputs: KeyTransferInputs): unknown => {
  const { revision, acceptAttention = [] } = inputs;
  return { ...walletsIn(inputs), revision, acceptAttention };
};
