import * as pulumi from "@pulumi/pulumi";
import type { Status } from "../key-transfer/summary";
import { throwAsUserError } from "../pulumi/user-error";
import type { Receipt } from "./receipt";

/** The outputs of an update whose end is unknown. */
export interface Unfinished {
  readonly status: Status;
  readonly receipt: Receipt;
}

/**
 * Runs the program so that a failed update leaves no older proof behind: the stack's `receipt` then says that an update has
 * begun and not ended. Otherwise Pulumi would keep the outputs of the update before, and the next stage of a promotion
 * would take that old receipt for a proof.
 *
 * Outputs can be registered twice. The engine keeps the last ones, and records them at the end: alone after a successful
 * update, over those of the update before after a failed one (3.112 and later). A CLI that is killed records neither.
 *
 * @param revision empty where a fault of the configuration leaves it unknown
 */
export async function recordingFailure<T extends object>(
  revision: string,
  program: () => Promise<T>,
): Promise<T | Unfinished> {
  if (pulumi.runtime.isDryRun()) return program();
  const unfinished = unfinishedOutputs(revision);
  const stack = pulumi.runtime.getStackResource();
  if (stack !== undefined) pulumi.runtime.registerResourceOutputs(stack, Promise.resolve({ ...unfinished }));
  try {
    return await program();
  } catch (error) {
    // Not thrown from here: the SDK would then register no outputs, and these would count as the last ones.
    pulumi.output(0).apply(() => throwAsUserError(error));
    return unfinished;
  }
}

export const unfinishedOutputs = (revision: string): Unfinished => ({
  status: "incomplete",
  receipt: {
    revision,
    status: "incomplete",
    credentials: 0,
    verified: 0,
    at: new Date().toISOString(),
    reason: "An update has begun and not ended, or it failed. Run pulumi up again.",
    unfinished: true,
  },
});
