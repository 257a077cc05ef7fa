import { duration } from "./format";

/** What people see while stages run: on a terminal one line per running stage, drawn anew; elsewhere plain lines. */
export interface Progress {
  /** A stage's newest step. */
  step(stack: string, text: string): void;
  /** A stage has ended; the text stays on the screen. */
  ended(stack: string, text: string): void;
  /** Does something with the terminal to itself. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** @param out usually standard error */
export function progressOn(out: NodeJS.WriteStream): Progress {
  return out.isTTY && process.env["CI"] === undefined ? live(out) : plainLines(out);
}

function plainLines(out: NodeJS.WritableStream): Progress {
  const line = (stack: string, text: string) => void out.write(`[${stack}] ${text}\n`);
  return { step: line, ended: line, alone: (work) => work() };
}

function live(out: NodeJS.WriteStream): Progress {
  const running = new Map<string, { text: string; since: number }>();
  let drawn = 0;
  let quiet = false;
  const erase = () => {
    if (drawn > 0) out.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const draw = () => {
    if (quiet) return;
    erase();
    for (const [stack, { text, since }] of running) {
      const line = `  ${stack}  ${text}  ${duration((performance.now() - since) / 1_000)}`;
      // A line that wraps could not be erased.
      out.write(`${line.slice(0, Math.max(20, (out.columns || 100) - 1))}\n`);
      drawn += 1;
    }
  };
  const clock = setInterval(draw, 500);
  clock.unref();
  return {
    step(stack, text) {
      running.set(stack, { text, since: running.get(stack)?.since ?? performance.now() });
      draw();
    },
    ended(stack, text) {
      running.delete(stack);
      erase();
      out.write(`${stack}  ${text}\n`);
      draw();
    },
    async alone(work) {
      erase();
      quiet = true;
      try {
        return await work();
      } finally {
        quiet = false;
      }
    },
  };
}
