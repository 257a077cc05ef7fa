import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { PromotionReport } from "../result";
import { htmlReport } from "./html";
import { markdownReport } from "./markdown";

/**
 * Writes the files of `--report` and `--summary`, and the Markdown also to the file that a GitHub job names in
 * GITHUB_STEP_SUMMARY. A report that cannot be written is a line on standard error and no failure: the promotion has
 * happened.
 */
export function writeReports(
  report: PromotionReport,
  files: { readonly report?: string; readonly summary?: string },
  stepSummary = process.env["GITHUB_STEP_SUMMARY"],
): void {
  if (files.report !== undefined) attempt(files.report, (file) => writeFileSync(file, htmlReport(report)));
  if (files.summary !== undefined) attempt(files.summary, (file) => writeFileSync(file, markdownReport(report)));
  if (stepSummary) attempt(stepSummary, (file) => appendFileSync(file, markdownReport(report)));
}

function attempt(file: string, write: (file: string) => void): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    write(file);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    process.stderr.write(`The report ${file} cannot be written (${reason}).\n`);
  }
}
