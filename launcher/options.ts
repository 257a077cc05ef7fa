/** Arguments that a command does not take; the message is what a person is to read. */
export class UnknownOption extends Error {}

/**
 * What node:util's parseArgs returns. All commands answer in one style: what is wrong, and where the help is.
 *
 * @param command as it is typed: `npm run bench`
 * @throws UnknownOption
 */
export function optionsFor<T>(command: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UnknownOption(`${problemOf(error)}\n\n${command} -- --help says more.`);
  }
}

/** What parseArgs objects to, as a sentence; Node.js goes on about positional arguments that begin with a dash. */
export function problemOf(error: unknown): string {
  const text = error instanceof Error ? (error.message.split(". ")[0] ?? "") : "The arguments cannot be read";
  return `${text.replace(/\.$/, "")}.`;
}
