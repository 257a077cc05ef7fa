import { ConcurrentUpdateError, StackNotFoundError } from "@pulumi/pulumi/automation";
import { plain, type Observation } from "./events";
import type { StackOutputs } from "./stack-outputs";

/** A stage that cannot go on. The message is for a person. */
export class StageFailure extends Error {
  constructor(
    readonly result: "failed" | "refused",
    message: string,
    /** What an update that had begun left behind, as far as that is known; undefined where none had. */
    readonly left?: StackOutputs,
  ) {
    super(message);
  }
}

/**
 * Says why a Pulumi command failed, in the words of its diagnostics. The text of the error itself is never passed on
 * whole: it holds everything that the command printed.
 */
export function failureOf(error: unknown, stack: string, seen?: Observation): StageFailure {
  if (error instanceof StageFailure) return error;
  const text = error instanceof Error ? error.message : "";
  if (error instanceof ConcurrentUpdateError || text.includes("stack is currently locked by"))
    return new StageFailure(
      "failed",
      `Another update of ${stack} is running, or one was killed and left its lock. Wait for it; if there is none: ` +
        `npm run pulumi -- cancel ${stack} --yes, then promote again. What was moved stays moved.`,
    );
  if (error instanceof StackNotFoundError || /no stack named .* found/.test(text))
    return new StageFailure(
      "failed",
      `There is no stack ${stack} here. See npm run pulumi -- stack ls, or make it: npm run pulumi -- stack init ${stack}.`,
    );
  const reasons = seen !== undefined && seen.errors.length > 0 ? seen.errors : ownErrors(text);
  if (reasons.some((reason) => reason.includes("incorrect passphrase")))
    return new StageFailure(
      "failed",
      `The passphrase is not that of ${stack}. Set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to a file ` +
        "that holds it, and promote again.",
    );
  const gate = reasons.find((reason) => reason.includes("[ERR_NOT_PROVEN]"));
  if (gate !== undefined) return new StageFailure("refused", gate);
  if (reasons.length > 0) return new StageFailure("failed", reasons.slice(0, 3).join(" "));
  return new StageFailure(
    "failed",
    `Pulumi failed and did not say why. Try npm run pulumi -- preview --stack ${stack}.`,
  );
}

/** What the CLI says of itself, such as a passphrase that is missing: lines that begin with `error:`, each once. */
function ownErrors(text: string): string[] {
  return [...new Set([...text.matchAll(/^error: (.+)$/gm)].map(([, line]) => plain(line ?? "")))];
}
