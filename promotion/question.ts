import { createInterface } from "node:readline/promises";

/**
 * Asks people, one question at a time, on standard error, so that standard output stays the result's.
 *
 * @param around is given each question to ask while nothing else is drawn
 */
export function asker(yes: boolean, signal: AbortSignal, around: <T>(work: () => Promise<T>) => Promise<T>) {
  let turn: Promise<unknown> = Promise.resolve();
  return (question: string): Promise<"yes" | "no" | "nobody"> => {
    if (yes) return Promise.resolve("yes");
    if (!process.stdin.isTTY || !process.stderr.isTTY) return Promise.resolve("nobody");
    const answer = turn.then(() => around(() => askOnTerminal(question, signal)));
    turn = answer.catch(() => undefined);
    return answer;
  };
}

/** Anything but a clear yes is a no, also Ctrl-C and the end of input. */
async function askOnTerminal(question: string, signal: AbortSignal): Promise<"yes" | "no"> {
  if (signal.aborted) return "no";
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
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
