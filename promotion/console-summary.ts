import { duration } from "./format";
import type { PromotionReport } from "./result";

/** The result of each stage, and the receipt of each one that did not get through: printed at the end of a promotion. */
export function consoleSummary({ ok, previewOnly, seconds, waves }: PromotionReport): string {
  const stages = waves.flat();
  const width = Math.max(...stages.map(({ stack }) => stack.length));
  const lines = stages.map(({ stack, result, reason }) => `  ${stack.padEnd(width)}  ${result.padEnd(9)}  ${reason}`);
  const remaining = stages
    .filter(({ result, receipt }) => result !== "promoted" && result !== "unchanged" && receipt !== null)
    .map(
      ({ stack, receipt }) =>
        `  ${stack} stands at revision ${receipt?.revision.slice(0, 12)}, ${receipt?.status}, ${receipt?.at}.`,
    );
  const head = previewOnly
    ? `Preview of ${stages.length} stages`
    : ok
      ? "Promoted: every stage is proven"
      : "Not promoted all the way";
  return [`${head} (${duration(seconds)}).`, ...lines, ...remaining, ""].join("\n");
}
