import { formatNumber } from "../../components/format";
import { escapeMarkdown as text } from "../../components/markdown";
import { stateWords } from "../../components/receipt/state-words";
import { duration } from "../format";
import type { PromotionReport, Result, StageReport } from "../result";
import { exposureTitle, extent, minute, movedBy, receiptOf, sharesOf, titleOf } from "./figures";
import { type OpenWallets, openWallets } from "./open-wallets";

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
export function markdownReport(report: PromotionReport): string {
  const { startedAt, seconds, waves } = report;
  const stages = waves.flat();
  return [
    `## Wallet vault: ${titleOf(report)}`,
    "",
    `${extent(stages.length, seconds)}, begun ${text(minute(startedAt))}`,
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
          .map(({ state, count }) => `${formatNumber(count)} ${stateWords[state].label}`)
          .join(", ");
  const moved = movedBy(stage).map(([count, what]) => `${count} ${what}`);
  const cells = [wave, text(stack), `${marks[result]} ${result}`, wallets, moved.join(", ")];
  return `| ${cells.join(" | ")} | ${seconds > 0 ? duration(seconds) : ""} |`;
}

function section(stage: StageReport): string[] {
  const { stack, states, reason, exposure = [] } = stage;
  const receipt = receiptOf(stage);
  return [
    `### ${text(stack)}`,
    "",
    ...(states === null ? [] : [bar(states), ""]),
    text(reason),
    "",
    ...openWallets(stage).flatMap(openTable),
    ...exposureTable(exposure),
    ...(receipt.length === 0
      ? []
      : ["**Receipt**", "", ...receipt.map(([name, value]) => `- ${name}: ${text(value)}`), ""]),
  ];
}

function openTable({ title, named, more }: OpenWallets): string[] {
  const rows = named.map(
    ({ credentialId, label, advice }) => `| ${[credentialId, label, advice].map(text).join(" | ")} |`,
  );
  return [
    `**${title}**`,
    "",
    ...(rows.length === 0 ? [] : ["| Wallet | State | Advice |", "|---|---|---|", ...rows, ""]),
    ...(more === "" ? [] : [more, ""]),
  ];
}

function exposureTable(findings: NonNullable<StageReport["exposure"]>): string[] {
  if (findings.length === 0) return [];
  return [
    `<details><summary>${exposureTitle(findings)}</summary>`,
    "",
    "| Where | | Finding | Advice |",
    "|---|---|---|---|",
    ...findings.map(
      ({ kind, object, detail, advice }) => `| ${[kind, object, detail, advice].map(text).join(" | ")} |`,
    ),
    "",
    "</details>",
    "",
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
