import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import { withClient } from "../postgres/connection";
import { safeError, WalletVaultError } from "../postgres/errors";
import { reportAs } from "../postgres/progress";
import { setTarget, target } from "../postgres/target";
import { isAccepted } from "./acceptance";
import { readBack } from "./read-back";
import { meaning, type Settings } from "./settings";
import { type Attention, attentionOf, type Receipt, type Status, statusOf, type Summary, summaryOf } from "./summary";
import { requireWalletTables } from "./tables";
import { transferKeys } from "./transfer";

export { setTarget as configure };

/** What a KeyTransfer reports; see the contract in README.md, Outputs. */
export interface Results {
  readonly status: Status;
  readonly summary: Summary;
  readonly attention: readonly Attention[];
  readonly receipt: Receipt;
}

type State = Settings & Partial<Results>;

/** A receipt is renewed by a refresh that finds nothing new only after this many minutes, so that a refresh is quiet. */
const receiptStaysMinutes = 60;

/** Refuses, at preview, what would make the transfer fail half-way. Reads the catalog only. */
export async function check(_olds: unknown, news: Settings): Promise<pulumi.dynamic.CheckResult<Settings>> {
  try {
    await withClient(target(), { purpose: "checking the wallet tables", readOnly: true }, (client) =>
      requireWalletTables(client, news),
    );
    return { inputs: news };
  } catch (error) {
    return { inputs: news, failures: [{ property: "vaultTable", reason: safeError(error, "checking").message }] };
  }
}

/**
 * Says yes when something is pending, a flag is wrong, the counts are no longer those of the last summary, or the
 * transfer now means something else. Needs no look at the database: the survey is an input.
 */
export async function diff(_id: string, olds: State, news: Settings): Promise<pulumi.dynamic.DiffResult> {
  const { states, flagsWrong } = news.survey;
  return {
    changes:
      states.pending > 0 ||
      flagsWrong > 0 ||
      !isDeepStrictEqual({ ...states }, { ...olds.summary?.states }) ||
      !isDeepStrictEqual(meaning(news), meaning(olds)) ||
      (news.strict && !passes(olds)),
  };
}

export async function create(news: Settings): Promise<pulumi.dynamic.CreateResult> {
  const outs = await transferred(news);
  const id = `${news.schema}.${news.vaultTable}`;
  refuseInStrictMode(id, outs);
  return { id, outs };
}

export async function update(id: string, _olds: State, news: Settings): Promise<pulumi.dynamic.UpdateResult> {
  const outs = await transferred(news);
  refuseInStrictMode(id, outs);
  return { outs };
}

/** The live state, for `pulumi refresh`: counts and attention as the database has them now; the last run as it was. */
export async function read(id: string, props: State): Promise<pulumi.dynamic.ReadResult> {
  const url = target();
  const shape = await withClient(url, { purpose: "checking the wallet tables", readOnly: true }, (client) =>
    requireWalletTables(client, props),
  );
  const found = await readBack(url, props, shape);
  if (props.summary === undefined) return { id, props };
  const fresh: Results = {
    status: statusOf(found.counts),
    summary: summaryOf(found.counts, props.summary.lastRun),
    attention: attentionOf(found, []),
    receipt: receiptOf(props, found.counts),
  };
  const { receipt } = props;
  const age = Date.now() - Date.parse(receipt?.at ?? "");
  const same = receipt !== undefined && isDeepStrictEqual({ ...fresh.receipt, at: "" }, { ...receipt, at: "" });
  const stays = same && age < receiptStaysMinutes * 60_000;
  return { id, props: { ...props, ...fresh, ...(stays ? { receipt } : {}) } };
}

/** Nothing: a key that is in the vault stays there, and a flag that says so stays true. */
export async function remove(): Promise<void> {}
export { remove as delete };

async function transferred(news: Settings): Promise<Settings & Results> {
  const { found, lastRun, refusals } = await transferKeys(target(), news, news, news.survey, reportAs("transfer"));
  return {
    ...news,
    status: statusOf(found.counts),
    summary: summaryOf(found.counts, lastRun),
    attention: attentionOf(found, refusals),
    receipt: receiptOf(news, found.counts),
  };
}

function receiptOf(
  settings: Settings,
  counts: Parameters<typeof statusOf>[0] & { credentials: number; verified: number },
): Receipt {
  const { credentials, verified, states } = counts;
  const { revision, acceptAttention = [] } = settings;
  const status = statusOf(counts);
  const proof: Receipt = { revision, status, credentials, verified, at: new Date().toISOString() };
  if (acceptAttention.length === 0) return proof;
  return { ...proof, accepted: acceptAttention, attentionAccepted: isAccepted(states, acceptAttention) };
}

/** Nothing to report, or nothing that a person has not accepted. */
function passes({ status, receipt }: Partial<Results>): boolean {
  return status === "complete" || (status === "attention" && receipt?.attentionAccepted === true);
}

/**
 * In strict mode any status but `complete` fails the update, unless its attention was accepted. An error with an id
 * tells Pulumi that the work was done and is to be looked at again: the state is saved, and every later `up` tries
 * again until it is dealt with.
 */
function refuseInStrictMode(id: string, outs: Settings & Results): void {
  if (!outs.strict || passes(outs)) return;
  const counts = Object.entries(outs.summary.states).filter(([state, n]) => state !== "stored" && n > 0);
  const error = new WalletVaultError(
    "ERR_ATTENTION",
    `All that can be moved is moved, but the status is ${outs.status}: ${counts.map(([state, n]) => `${n} ${state}`).join(", ")}.`,
    "Deal with the wallets listed in the output attention, accept them with acceptAttention, or set strict to false.",
  );
  throw Object.assign(error, { id, properties: outs, reasons: [error.message] });
}
