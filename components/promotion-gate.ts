import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { WalletVaultError } from "./postgres/errors";

/** The parts of another stack's receipt that decide; whatever else it holds does not matter here. */
const receiptShape = z.object({
  revision: z.string(),
  status: z.string(),
  credentials: z.number(),
  at: z.string(),
  attentionAccepted: z.boolean().optional(),
  unfinished: z.boolean().optional(),
});

/** A receipt this much in the future is taken for a clock that is wrong: it would never grow old. */
const clockSkewMinutes = 15;

/**
 * Decides whether a stage is proven.
 *
 * @param receipt the output `receipt` of its stack, whatever that is
 * @param revision of the program that wants to go further; see revision.ts
 * @param maxAgeHours hours for which a proof counts
 * @returns why not, as a clause; undefined if it is proven
 */
export function whyNotProven(receipt: unknown, revision: string, now: Date, maxAgeHours: number): string | undefined {
  if (receipt === undefined || receipt === null) return "it has no receipt: no update of it has ended yet";
  const parsed = receiptShape.safeParse(receipt);
  if (!parsed.success) return "its receipt is not one of this program's";
  const { status, credentials, at, attentionAccepted, unfinished } = parsed.data;
  if (unfinished === true) return "its last update has not ended, or it failed";
  if (parsed.data.revision !== revision)
    return `it proves revision ${short(parsed.data.revision)}, and this is revision ${short(revision)}`;
  if (status === "attention" && attentionAccepted !== true)
    return "its status is attention: some of its wallets need a person, and its acceptAttention does not cover them";
  if (status !== "complete" && status !== "attention") return `its status is ${JSON.stringify(status.slice(0, 40))}`;
  if (credentials <= 0) return "its receipt counts no wallets, and so proves nothing";
  const age = now.getTime() - Date.parse(at);
  if (Number.isNaN(age)) return "its receipt does not say when it was made";
  if (age < -clockSkewMinutes * 60_000) return "its receipt is dated in the future, so that one of the clocks is wrong";
  const hours = age / 3_600_000;
  if (hours > maxAgeHours)
    return `its proof is ${hours.toFixed(1)} hours old, and promotionMaxAgeHours is ${maxAgeHours}`;
  return undefined;
}

/**
 * Holds the program up, at preview too, until the stack of `promotedFrom` is proven. Nothing happens if it is empty.
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
  const why =
    stage === own
      ? "it is this stack itself"
      : whyNotProven(await receiptOf(stage), revision, new Date(), settings.promotionMaxAgeHours);
  if (why === undefined) return;
  throw notProven(
    stage,
    why,
    "Bring that stack to this revision first, then run this again; npm run promote does both, stage by stage.",
  );
}

/**
 * Asks for the outputs before it declares the reference: of a stack that does not exist, a reference makes the engine
 * give up with a message of its own before this program can say what to do.
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

function notProven(stage: string, why: string, next: string): WalletVaultError {
  const found = `Stack ${stage} (promotedFrom) does not prove what is to be deployed here: ${why}.`;
  return new WalletVaultError("ERR_NOT_PROVEN", found, next);
}

/** `organization/project/stack`: what a reference needs, also where only the stack was named, or it and the organization. */
function fullName(name: string): string {
  const parts = name.split("/");
  const stack = parts.at(-1) ?? name;
  const organization = parts.length > 1 ? parts[0] : pulumi.getOrganization();
  const project = parts.length > 2 ? parts[1] : pulumi.getProject();
  return [organization, project, stack].join("/");
}

const short = (revision: string): string => JSON.stringify(revision.slice(0, 12)).slice(1, -1);
