import { UsageError } from "./arguments";

/**
 * The stacks of each wave: names as they are, and for a pattern (`prod-*`) all stacks that it fits, in the order of their
 * names, without those that are named anywhere or that an earlier pattern fits.
 *
 * @param existing the names of all stacks there are
 * @throws UsageError for a pattern that adds nothing: whoever wrote it expected a stack
 */
export function stacksOf(waves: readonly (readonly string[])[], existing: readonly string[]): string[][] {
  const taken = waves.flat().filter((name) => !isPattern(name));
  const one = (name: string): string[] => {
    if (!isPattern(name)) return [name];
    const fitting = existing.filter((stack) => fits(name, stack));
    const added = fitting.filter((stack) => !taken.some((other) => maySame(stack, other))).sort();
    if (fitting.length === 0)
      throw new UsageError(`'${name}' fits no stack. There are: ${existing.join(", ") || "none"}.`);
    if (added.length === 0) throw new UsageError(`'${name}' fits only stacks that are named already.`);
    taken.push(...added);
    return added;
  };
  return waves.map((wave) => wave.flatMap(one));
}

export const isPattern = (name: string): boolean => name.includes("*");

/** A pattern of one part is for the stack's own name, whatever organization and project stand before it. */
function fits(pattern: string, stack: string): boolean {
  const part = stack.split("/").slice(-pattern.split("/").length).join("/");
  const source = pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*");
  return new RegExp(`^${source}$`).test(part);
}

/** Whether two names may be of one stack of this project: one may say its organization or project, and the other not. */
function maySame(one: string, other: string): boolean {
  const [first, second] = [one.split("/"), other.split("/")];
  const organizations = first.length > 1 && second.length > 1 ? first[0] === second[0] : true;
  return organizations && first.at(-1) === second.at(-1);
}
