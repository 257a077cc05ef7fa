import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import { withClient } from "../postgres/connection";
import { safeError } from "../postgres/errors";
import { requirePresentConnection } from "../postgres/present-connection";
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
      requireWalletTables(client, news, "preview"),
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
      !isDeepStrictEqual(meaning(news), meaning(olds)),
  };
}

export async function create(news: Settings): Promise<pulumi.dynamic.CreateResult> {
  return { id: `${news.schema}.${news.vaultTable}`, outs: await transferred(news) };
}

export async function update(_id: string, _olds: State, news: Settings): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: await transferred(news) };
}

/** The live state, for `pulumi refresh`: counts and attention as the database has them now; the last run as it was. */
export async function read(id: string, props: State): Promise<pulumi.dynamic.ReadResult> {
  await requirePresentConnection();
  const url = target();
  const shape = await withClient(url, { purpose: "checking the wallet tables", readOnly: true }, (client) =>
    requireWalletTables(client, props, "preview"),
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

/**
 * Changes nothing: a key that is in the vault stays there, and a flag that says so stays true. A database that cannot be
 * reached is told all the same: this goes first, and would be forgotten before the views fail to go.
 */
export async function remove(): Promise<void> {
  await requirePresentConnection();
  await withClient(target(), { purpose: "looking whether the database is there", readOnly: true }, async () => {});
}
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
