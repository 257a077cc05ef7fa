import { type Status, statusOf, type Summary } from "../key-transfer/summary";
import { identityFindings } from "../key-identity/findings";
import { states } from "../key-transfer/states";
import { isAccepted } from "./accepted-attention";
import { type Ended, parseReceipt } from "./receipt";

/** The outputs of a stack that the caller can see. */
export interface Claim {
  readonly receipt: unknown;
  /** If given, they must agree with the receipt. */
  readonly outputs?: { readonly status: Status; readonly summary: Summary };
}

export interface Fault {
  readonly kind: "missing" | "unfinished" | "malformed" | "contradiction" | "incomplete" | "attention" | "noWallets";
  /** A clause about the stack: `its receipt counts no wallets, and so proves nothing`. */
  readonly why: string;
}

/**
 * The one rule by which a stage is proven: its last update ended, and every wallet has its key in the vault or was accepted
 * by a person. Strict mode, the promotion runner and the gate use it. The gate also checks the revision and the age of the
 * proof.
 *
 * @returns why the stage is not proven; undefined if it is
 */
export function whyNotProven({ receipt: given, outputs }: Claim): Fault | undefined {
  if (given === undefined || given === null)
    return { kind: "missing", why: "it has no receipt: no update of it has ended yet" };
  const receipt = parseReceipt(given);
  if (receipt === "unfinished") return { kind: "unfinished", why: "its last update has not ended, or it failed" };
  if (receipt === undefined) return { kind: "malformed", why: "its receipt is not one of this program's" };
  const contradiction = outputs && contradictionIn(receipt, outputs);
  if (contradiction !== undefined) return { kind: "contradiction", why: contradiction };
  if (receipt.status === "incomplete")
    return { kind: "incomplete", why: `its status is incomplete: ${receipt.reason?.slice(0, 500)}` };
  if (receipt.credentials === 0)
    return { kind: "noWallets", why: "its receipt counts no wallets, and so proves nothing" };
  if (receipt.status === "attention" && receipt.attentionAccepted !== true)
    return {
      kind: "attention",
      why: "its status is attention: some of its wallets need a person, and its acceptAttention does not cover them",
    };
  return undefined;
}

function contradictionIn(receipt: Ended, { status, summary }: NonNullable<Claim["outputs"]>): string | undefined {
  const sum = states.reduce((total, state) => total + summary.states[state], 0);
  if (sum !== summary.credentials) return `its states add up to ${sum}, but there are ${summary.credentials} wallets`;
  const { identity } = summary;
  const proofs = identity && identityFindings.reduce((total, found) => total + identity[found], 0);
  if (proofs !== undefined && proofs !== summary.states.stored)
    return `its proofs add up to ${proofs}, but ${summary.states.stored} wallets are stored`;
  for (const [what, said, counted] of [
    ["status", receipt.status, status],
    ["credentials", receipt.credentials, summary.credentials],
    ["verified", receipt.verified, summary.verified],
  ] as const)
    if (said !== counted) return `its receipt says ${what} ${said}, and its other outputs say ${counted}`;
  // A run may be incomplete although its counts are fine: they do not include lost wallets.
  if (status !== "incomplete" && statusOf(summary) !== status)
    return `its status is ${status}, and its counts make it ${statusOf(summary)}`;
  if (receipt.attentionAccepted === true && !isAccepted(summary, receipt.accepted ?? []))
    return "its receipt says that its attention is accepted, and what it accepts does not cover it";
  return undefined;
}
