import * as pulumi from "@pulumi/pulumi";
import { formatNumber, plural } from "../format";
import type { Exposure } from "./exposure";
import { type Finding, type Found, inOrder } from "./finding";

/**
 * Tells the findings of a preview, one line each: as warnings those that copy keys while this run moves them, and as notes all
 * others.
 *
 * @param pending keys that the run is going to move
 */
export async function tellExposure(
  { findings, ofLargeTables }: Exposure,
  pending: number,
  resource: pulumi.Resource,
): Promise<void> {
  for (const { line, warns } of exposureLines([...findings, ...ofLargeTables], pending))
    await (warns ? pulumi.log.warn(line, resource) : pulumi.log.info(line, resource));
}

/** Lines of one kind with one advice, told at most. */
const mostLines = 100;

export function exposureLines(findings: readonly Found[], pending: number): { line: string; warns: boolean }[] {
  const ordered = inOrder(findings);
  const copies = pending > 0 ? ordered.filter((finding) => finding.copiesDuringRun === true) : [];
  const others = ordered.filter((finding) => !copies.includes(finding));
  const lines = [
    ...copies.map((finding) => ({
      line: `This run moves ${plural(pending, "key")}, and has ${pending === 1 ? "it" : "them"} copied: ${lineOf(finding)}`,
      warns: true,
    })),
    ...others.map((finding) => ({ line: `exposure: ${lineOf(finding)}`, warns: gives(finding) })),
  ];
  if (lines.length <= mostLines) return lines;
  const more = `exposure: ${formatNumber(lines.length - mostLines)} more findings.`;
  return [...lines.slice(0, mostLines), { line: more, warns: false }];
}

/** Keys that stand in a column for everybody are no note. */
const gives = ({ kind }: Finding): boolean => kind === "keyInColumn";

const lineOf = ({ kind, object, detail, advice }: Finding): string => `${kind} ${object}: ${detail} ${advice}`;
