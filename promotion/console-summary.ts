import { plural } from "../components/format";
import { duration } from "./format";
import { fold } from "./fold";
import type { PromotionReport, StageReport } from "./result";

export interface SummaryOptions {
  /** Whether the reasons were told as the stages ended, in the same place: they are not told again. */
  readonly told: boolean;
  /** Columns of the terminal; undefined where lines are not folded. */
  readonly columns?: number;
}

/** The result of each stage, and the receipt of each one that did not get through: printed at the end of a promotion. */
export function consoleSummary(
  { ok, previewOnly, seconds, waves }: PromotionReport,
  { told, columns = Infinity }: SummaryOptions,
): string {
  const stages = waves.flat();
  if (stages.length === 0) return "Nothing to promote: every stage got through before.\n";
  const head = previewOnly
    ? `Preview of ${plural(stages.length, "stage")}`
    : ok
      ? "Promoted: every stage is proven"
      : "Not promoted all the way";
  const lines = [...groups(stages, told), ...stages.flatMap(standing)].flatMap((line) =>
    fold(line, columns - 2, "    "),
  );
  return [`${head} (${duration(seconds)}).`, ...lines.map((line) => `  ${line}`), ""].join("\n");
}

/** One line for all stages that share their result and, where it is told here, the reason. */
function groups(stages: readonly StageReport[], told: boolean): string[] {
  const lines = new Map<string, StageReport[]>();
  for (const stage of stages) {
    const key = told && stage.result !== "skipped" ? stage.result : `${stage.result}: ${stage.reason}`;
    lines.set(key, [...(lines.get(key) ?? []), stage]);
  }
  return [...lines.values()].map((group) => {
    const names = group.map(({ stack }) => stack).join(", ");
    const [{ result, reason }] = group as [StageReport];
    if (!told) return `${names}  ${result}  ${reason}`;
    return result === "skipped" ? `${result}  ${names}: ${reason}` : `${result}  ${names}`;
  });
}

function standing({ stack, result, receipt }: StageReport): string[] {
  if (result === "promoted" || result === "unchanged" || receipt === null) return [];
  return [`${stack} stands at revision ${receipt.revision.slice(0, 12)}, ${receipt.status}, ${receipt.at}.`];
}
