import { setMaxListeners } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { projectFolder } from "../../launcher/project-folder";
import { clusterTemplates } from "../postgres/template";
import { interruption } from "./interruption";

/**
 * For a file that hangs, which is ended, with its servers, and reported as failed. The slowest needs two minutes on two
 * cores, and ten times that on a machine that is busy; and a job of CI is not over before it.
 */
const hangMs = 30 * 60_000;
/** Files at a time. One more than there are cores: tests also wait, for locks and for the disk. */
const lanes = Math.min(availableParallelism() + 1, 8);

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

/** Runs test files, each in a process of its own, several at a time, and prints what happens, in the order of the files. */
export async function runFiles(files: readonly string[], timeout = hangMs): Promise<Counts> {
  const signal = interruption();
  setMaxListeners(0, signal); // one for each file
  const templates = clusterTemplates();
  Object.assign(process.env, templates.env);
  try {
    return await report(files, run({ files: pathsOf(files), concurrency: lanes, timeout, signal }));
  } finally {
    templates.remove();
  }
}

const pathsOf = (files: readonly string[]): string[] => files.map((file) => join(projectFolder, file));

function report(files: readonly string[], events: ReturnType<typeof run>): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const known = new Set([...pathsOf(files), ...files]);
  const count = (outcome: Outcome, kind: "passed" | "failed") => {
    if (outcome.details.type === "suite") return;
    // A file that passes without a single test in it is reported as a test of its own.
    if (kind === "passed" && known.has(outcome.name)) return;
    counts[isSet(outcome.skip) || isSet(outcome.todo) ? "skipped" : kind]++;
  };
  events.on("test:pass", (outcome: Outcome) => count(outcome, "passed"));
  events.on("test:fail", (outcome: Outcome) => count(outcome, "failed"));
  return new Promise((resolve, reject) => {
    const words = events.compose(new spec());
    words.on("error", reject);
    words.on("end", () => resolve(counts));
    words.pipe(process.stdout, { end: false });
  });
}

/** `skip: ""` means skipped without a reason. */
function isSet(mark: string | boolean | undefined): boolean {
  return mark !== undefined && mark !== false;
}
