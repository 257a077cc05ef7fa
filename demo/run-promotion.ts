import type { Result } from "../promotion/result";
import type { Environment } from "./environment";
import type { ProgramCopy, Promotion } from "./program-copy";
import type { Screen } from "./screen";

const signs: Readonly<Record<Result, readonly ["green" | "red" | "dim", string]>> = {
  promoted: ["green", "✓"],
  unchanged: ["green", "="],
  refused: ["red", "✗"],
  failed: ["red", "✗"],
  declined: ["red", "✗"],
  skipped: ["dim", "-"],
};

/** How the runner says that a stage has ended: `[dev] promoted: 65 keys moved. …` */
const ended = new RegExp(`^\\[([^\\]]+)\\] (${Object.keys(signs).join("|")}): (.*)$`);

/** Runs `npm run promote` over all environments, and shows how each of them ends. */
export function runPromotion(
  screen: Screen,
  copy: ProgramCopy,
  environments: readonly Environment[],
  options: readonly string[] = [],
): Promise<Promotion> {
  const names = environments.map(({ stack }) => stack);
  return screen.working(`npm run promote -- ${names.join(" ")}`, (working) =>
    copy.promote([...names, ...options], (line) => {
      const [, stack = "", result, reason = ""] = ended.exec(line) ?? [];
      if (result === undefined) return working.say(line);
      const [style, sign] = signs[result as Result];
      working.keep(`${screen.paint(style, sign)} ${screen.paint("bold", stack)} ${result}`);
      for (const part of screen.fold(reason, undefined, "  ")) working.keep(part);
    }),
  );
}

/** `dev promoted, staging promoted, prod promoted` */
export const resultsOf = ({ stages }: Promotion): string =>
  stages.map(({ stack, result }) => `${stack} ${result}`).join(", ");
