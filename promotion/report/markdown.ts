import { escapeMarkdown as text } from "../../components/markdown";
import { stateWords } from "../../components/receipt/state-words";
import { duration } from "../format";
import type { PromotionReport, Result, StageReport } from "../result";
import { extent, movedBy, sharesOf } from "./figures";

/** Marks that do not depend on colour. */
const marks: Readonly<Record<Result, string>> = {
  promoted: "✅",
  unchanged: "✅",
  refused: "⛔",
  failed: "❌",
  declined: "✋",
  skipped: "⏭️",
};

/** The report for a job's summary or a comment. Ids, counts and advice, all escaped. */
export function markdownReport({ ok, previewOnly, startedAt, seconds, waves }: PromotionReport): string {
  const stages = waves.flat();
  const title = previewOnly ? "Preview of a promotion" : ok ? "Promoted" : "Not promoted all the way";
  return [
    `## Wallet vault: ${title}`,
    "",
    `${extent(stages.length, seconds)}, begun ${text(startedAt)}`,
    "",
    "| Wave | Environment | Result | Wallets | Moved | Time |",
    "|---:|---|---|---|---|---:|",
    ...waves.flatMap((wave, index) => wave.map((stage) => row(index + 1, stage))),
    "",
    ...stages.flatMap(section),
  ].join("\n");
}

function row(wave: number, stage: StageReport): string {
  const { stack, result, states, seconds } = stage;
  const wallets =
    states === null
      ? "not known"
      : sharesOf(states)
          .map(({ state, count }) => `${count} ${stateWords[state].label}`)
          .join(", ");
  const moved = movedBy(stage).map(([count, what]) => `${count} ${what}`);
  const cells = [wave, text(stack), `${marks[result]} ${result}`, wallets, moved.join(", ")];
  return `| ${cells.join(" | ")} | ${seconds > 0 ? duration(seconds) : ""} |`;
}

function section(stage: StageReport): string[] {
  const { stack, states, reason, attention, exposure = [], receipt } = stage;
  return [
    `### ${text(stack)}`,
    "",
    ...(states === null ? [] : [bar(states), ""]),
    text(reason),
    "",
    ...(attention.length === 0
      ? []
      : [
          "| Wallet | State | Advice |",
          "|---|---|---|",
          ...attention.map(
            (wallet) => `| ${[wallet.credentialId, wallet.state, wallet.advice].map(text).join(" | ")} |`,
          ),
          "",
        ]),
    ...(exposure.length === 0
      ? []
      : [
          `<details><summary>Who can read keys, and where else they are (${exposure.length})</summary>`,
          "",
          "| Kind | Where | Finding | Advice |",
          "|---|---|---|---|",
          ...exposure.map(
            (finding) => `| ${[finding.kind, finding.object, finding.detail, finding.advice].map(text).join(" | ")} |`,
          ),
          "",
          "</details>",
          "",
        ]),
    ...(receipt === null
      ? []
      : [`Receipt: revision ${text(receipt.revision.slice(0, 12))}, ${text(receipt.status)}, ${text(receipt.at)}`, ""]),
  ];
}

const squares = {
  stored: "🟩",
  pending: "🟦",
  conflict: "🟥",
  ambiguousSource: "🟧",
  unreadableSource: "🟪",
  missingKey: "⬛",
} as const;

/** 20 squares; a state that has wallets has at least one. */
function bar(states: NonNullable<StageReport["states"]>): string {
  return sharesOf(states)
    .map(({ state, percent }) => squares[state].repeat(Math.max(1, Math.round(percent / 5))))
    .join("");
}
