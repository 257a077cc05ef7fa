import * as pulumi from "@pulumi/pulumi";
import { WalletVaultError } from "../postgres/errors";
import { whyNotProven } from "./is-proven";
import type { Receipt } from "./receipt";

/** A receipt this much in the future means that a clock is wrong, and is refused: it would never expire. */
const clockSkewMinutes = 15;

/** Why a stage does not let this program through, as a clause, and what to do. */
export interface Refusal {
  readonly why: string;
  readonly hint: string;
}

/**
 * Decides whether a stage lets this program through: it is proven, by this revision, and not too long ago.
 *
 * @param stage the stack of that stage, for the advice
 * @param given the output `receipt` of that stack, of any shape
 * @param revision the revision of this program; see revision.ts
 * @param maxAgeHours a proof counts for this many hours
 */
export function whyRefused(
  stage: string,
  given: unknown,
  revision: string,
  now: Date,
  maxAgeHours: number,
): Refusal | undefined {
  const bring =
    "Bring that stack to this revision first, then run this again; npm run promote does both, stage by stage.";
  const renew =
    `Renew it, although nothing is to be done there: npm run pulumi -- up --refresh --stack ${stage}, then run this ` +
    "again; npm run promote does both.";
  const fault = whyNotProven({ receipt: given });
  if (fault !== undefined) return { why: fault.why, hint: bring };
  const receipt = given as Receipt;
  if (receipt.revision !== revision)
    return {
      why: `it proves revision ${short(receipt.revision)}, and this is revision ${short(revision)}`,
      hint: bring,
    };
  const age = now.getTime() - Date.parse(receipt.at);
  if (age < -clockSkewMinutes * 60_000)
    return {
      why: `its receipt is dated in the future (${receipt.at}), so that one of the clocks is wrong`,
      hint: `Put the clock right. ${renew}`,
    };
  if (age > maxAgeHours * 3_600_000)
    return {
      why: `its proof is of ${receipt.at}, older than promotionMaxAgeHours (${maxAgeHours}) allows`,
      hint: renew,
    };
  return undefined;
}

/**
 * Stops the program, at preview too, unless the stack of `promotedFrom` is proven. Does nothing if `promotedFrom` is empty.
 *
 * @throws WalletVaultError ERR_NOT_PROVEN, also when that stack or its receipt does not exist
 */
export async function requireProof(
  settings: { readonly promotedFrom: string; readonly promotionMaxAgeHours: number },
  revision: string,
): Promise<void> {
  if (settings.promotedFrom === "") return;
  const own = fullName(pulumi.getStack());
  const stage = fullName(settings.promotedFrom);
  if (stage === own)
    throw notProven(stage, "it is this stack itself", "Set promotedFrom to the stack before this one.");
  const refusal = whyRefused(stage, await receiptOf(stage), revision, new Date(), settings.promotionMaxAgeHours);
  if (refusal !== undefined) throw notProven(stage, refusal.why, refusal.hint);
}

/**
 * Reads the outputs before it declares the reference: if the stack does not exist, a reference makes the engine end with
 * its own message before this program can say what to do.
 */
async function receiptOf(stage: string): Promise<unknown> {
  try {
    await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name: stage });
  } catch (error) {
    const missing = error instanceof Error && error.message.includes("unknown stack");
    throw notProven(
      stage,
      missing ? "there is no such stack in this backend" : "its outputs cannot be read",
      missing
        ? "Set promotedFrom to the name that npm run pulumi -- stack ls shows, or make that stack first."
        : `Look at what npm run pulumi -- stack output --stack ${stage} says; its secrets must be readable here too.`,
    );
  }
  const { value } = await new pulumi.StackReference("promoted-from", { name: stage }).getOutputDetails("receipt");
  return value;
}

function notProven(stage: string, why: string, hint: string): WalletVaultError {
  const problem = `Stack ${stage} (promotedFrom) does not prove what is to be deployed here: ${why}.`;
  return new WalletVaultError("ERR_NOT_PROVEN", problem, hint);
}

/** `organization/project/stack`, which a reference needs, from `stack`, `organization/stack` or all three. */
function fullName(name: string): string {
  const parts = name.split("/");
  const stack = parts.at(-1) ?? name;
  const organization = parts.length > 1 ? parts[0] : pulumi.getOrganization();
  const project = parts.length > 2 ? parts[1] : pulumi.getProject();
  return [organization, project, stack].join("/");
}

const short = (revision: string): string => JSON.stringify(revision.slice(0, 12)).slice(1, -1);
