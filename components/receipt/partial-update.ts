import * as pulumi from "@pulumi/pulumi";
import { runningCli } from "../pulumi/running-cli";
import type { TransferOutputs } from "./stack-readme";
import { type Unfinished, unfinishedOutputs } from "./unfinished-update";

type Transfer = { readonly [K in keyof TransferOutputs]: pulumi.Output<TransferOutputs[K]> };

/** Whether the CLI updates only a part of the stack (`--target`, `--exclude`). */
export const updatesOnlyAPart = (args = runningCli()?.args ?? []): boolean =>
  args.some((arg) => /^(--(target|target-replace|exclude)(=|$)|-t)/.test(arg));

/** The recorded outputs of the stack. Read them before an update registers its own. */
export async function recordedOutputs(revision: string): Promise<Unfinished> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const found: { outputs?: Partial<Unfinished> } | undefined = await pulumi.runtime
    .invoke("pulumi:pulumi:readStackOutputs", { name })
    .catch(() => undefined);
  const { status, receipt } = found?.outputs ?? {};
  return status === undefined || receipt === undefined ? unfinishedOutputs(revision) : { status, receipt };
}

/**
 * The outputs of the transfer, for an update of a part of the stack. If the transfer ran in this update, its outputs
 * count. If it was left out, Pulumi hands over its outputs of an earlier update, perhaps from before a failed one: then the
 * stack keeps its status and receipt.
 */
export function renewedOrRecorded(transfer: Transfer, recorded: Unfinished, since: number): Transfer {
  const { status, receipt } = transfer;
  const proof = pulumi.output({ status, receipt }).apply((now) => {
    // The transfer is not in the stack if the first update left it out.
    if (now.receipt === undefined || Date.parse(now.receipt.at) >= since) return now as Unfinished;
    pulumi.log.warn(
      `The transfer did nothing in this update of a part of the stack, which therefore proves nothing new: ` +
        `the receipt stays ${recorded.receipt.status}, of ${recorded.receipt.at}.`,
    );
    return recorded;
  });
  const { summary, attention } = transfer;
  return {
    summary,
    attention,
    status: proof.apply((outputs) => outputs.status),
    receipt: proof.apply((outputs) => outputs.receipt),
  };
}
