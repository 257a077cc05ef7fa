import { fold } from "./fold";
import { duration } from "./format";
import type { StageReport } from "./result";

const indent = "    ";

/**
 * What people see while stages run, and the only one that writes to their terminal meanwhile: on a terminal some lines for
 * each running stage, drawn anew below those that stay; elsewhere plain lines.
 */
export interface Progress {
  /** A stage's newest step. */
  step(stack: string, text: string): void;
  /** Nothing is under way at a stage any more, and nothing is to be said of it. */
  left(stack: string): void;
  /** A stage has ended; its result stays on the screen. */
  ended(report: Pick<StageReport, "stack" | "result" | "reason">): void;
  /** A line of the promotion itself; it stays on the screen. */
  say(text: string): void;
  /** Does something with the terminal to itself. What is said meanwhile is shown afterwards. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** @param out usually standard error */
export function progressOn(out: NodeJS.WriteStream): Progress {
  return out.isTTY && process.env["CI"] === undefined ? live(out) : plainLines(out);
}

function plainLines(out: NodeJS.WritableStream): Progress {
  const line = (stack: string, text: string) => void out.write(`[${stack}] ${text}\n`);
  return {
    step: line,
    left: () => undefined,
    ended: ({ stack, result, reason }) => line(stack, `${result}: ${reason}`),
    say: (text) => void out.write(`${text}\n`),
    alone: (work) => work(),
  };
}

function live(out: NodeJS.WriteStream): Progress {
  const running = new Map<string, { text: string; since: number }>();
  const kept: string[] = [];
  let drawn = 0;
  let quiet = false;
  const columns = () => out.columns || 80;
  const draw = () => {
    if (quiet) return;
    const lines = [...running].map(
      ([stack, { text, since }]) => `  ${stack}  ${duration((performance.now() - since) / 1_000)}  ${text}`,
    );
    const block = blockOf(lines, columns() - 1, (out.rows || 24) - 2);
    out.write(eraseLines(drawn) + [...kept.splice(0), ...block].map((line) => `${line}\n`).join(""));
    drawn = block.length;
  };
  const keep = (text: string) => {
    kept.push(...fold(text, columns() - 1, indent));
    draw();
  };
  const clock = setInterval(draw, 500);
  clock.unref();
  return {
    step(stack, text) {
      running.set(stack, { text, since: running.get(stack)?.since ?? performance.now() });
      draw();
    },
    left(stack) {
      running.delete(stack);
      draw();
    },
    ended({ stack, result, reason }) {
      running.delete(stack);
      // Of those that never began, the summary tells, all at once.
      if (result === "skipped" && reason.startsWith("Not started")) return draw();
      keep(`${stack}  ${result}: ${reason}`);
    },
    say: keep,
    async alone(work) {
      const lines = drawn;
      drawn = 0;
      quiet = true;
      out.write(eraseLines(lines));
      try {
        return await work();
      } finally {
        quiet = false;
        if (kept.length > 0) draw();
      }
    },
  };
}

/** From the line of the cursor on, where a terminal may have written ^C, and that many lines above it. */
const eraseLines = (count: number): string => `\r${count > 0 ? `\u001b[${count}A` : ""}\u001b[J`;

/** The lines of all running stages, so many of each that all have a place. None may wrap: it could not be erased. */
function blockOf(texts: readonly string[], room: number, rows: number): string[] {
  const shown = texts.length > rows ? texts.slice(0, rows - 1) : texts;
  const each = Math.max(1, Math.min(4, Math.floor(rows / Math.max(1, shown.length))));
  const lines = shown.flatMap((text) => {
    const all = fold(text, room, indent);
    const cut = all.length > each ? [...all.slice(0, each - 1), `${all[each - 1]}…`] : all;
    return cut.map((line) => (line.length > room ? `${line.slice(0, room - 1)}…` : line));
  });
  return shown.length < texts.length ? [...lines, `  and ${texts.length - shown.length} more`] : lines;
}
