import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { projectFolder } from "../engine/release";
import { interruption } from "./interruption";

/** For a file that hangs: the slowest needs a fraction of it. */
const fileTimeoutMs = 10 * 60_000;

export interface Counts {
  passed: number;
  failed: number;
  /** Skipped, or marked as still to do. */
  skipped: number;
}

/** The part of the runner's events that counting needs. */
interface Outcome {
  readonly name: string;
  readonly skip?: string | boolean | undefined;
  readonly todo?: string | boolean | undefined;
  readonly details: { readonly type?: string | undefined };
}

/** Runs test files, each in a process of its own, two at a time, and prints what happens as it happens. */
export function runFiles(files: readonly string[]): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const paths = files.map((file) => join(projectFolder, file));
  const known = new Set([...paths, ...files]);
  const events = run({ files: paths, concurrency: 2, timeout: fileTimeoutMs, signal: interruption() });
  const count = (outcome: Outcome, kind: "passed" | "failed") => {
    if (outcome.details.type === "suite") return;
    // A file that passes without a single test in it is reported as a test of its own.
    if (kind === "passed" && known.has(outcome.name)) return;
    counts[isSet(outcome.skip) || isSet(outcome.todo) ? "skipped" : kind]++;
  };
  events.on("test:pass", (outcome: Outcome) => count(outcome, "passed"));
  events.on("test:fail", (outcome: Outcome) => count(outcome, "failed"));
  return new Promise((resolve, reject) => {
    const report = events.compose(new spec());
    report.on("error", reject);
    report.on("end", () => resolve(counts));
    report.pipe(process.stdout, { end: false });
  });
}

/** `skip: ""` means skipped without a reason. */
function isSet(mark: string | boolean | undefined): boolean {
  return mark !== undefined && mark !== false;
}
