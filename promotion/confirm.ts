import { createInterface } from "node:readline/promises";
import { fold } from "./fold";

interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}

/**
 * Asks people, one question at a time, on standard error, so that standard output stays the result's.
 *
 * @param around is given each question to ask while nothing else is drawn
 * @param output gets each plan in full, where it stays on the screen above its question
 */
export function confirmer(
  yes: boolean,
  signal: AbortSignal,
  around: <T>(work: () => Promise<T>) => Promise<T>,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
) {
  let turn: Promise<unknown> = Promise.resolve();
  return (plan: string, question: string): Promise<"yes" | "no" | "nobody"> => {
    if (yes) return Promise.resolve("yes");
    if (!input.isTTY || !output.isTTY) return Promise.resolve("nobody");
    const answer = turn.then(() => around(() => askOnTerminal(plan, question, signal, { input, output })));
    turn = answer.catch(() => undefined);
    return answer;
  };
}

/** Anything but a clear yes is a no, also Ctrl-C and the end of input. */
async function askOnTerminal(
  plan: string,
  question: string,
  signal: AbortSignal,
  { input, output }: Terminal,
): Promise<"yes" | "no"> {
  if (signal.aborted) return "no";
  output.write(`${fold(plan, (output.columns || 80) - 1, "    ").join("\n")}\n`);
  const terminal = createInterface({ input, output });
  const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `, { signal }), closed]);
    return /^\s*y(es)?\s*$/i.test(answer) ? "yes" : "no";
  } catch {
    return "no";
  } finally {
    terminal.close();
  }
}
