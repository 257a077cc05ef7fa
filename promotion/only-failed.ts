import { readFileSync } from "node:fs";
import { z } from "zod/v3";
import { stackName, UsageError } from "./arguments";

const stage = z.object({ stack: z.string().regex(stackName), result: z.string() });
const earlier = z.object({ waves: z.array(z.array(stage)) });

/**
 * The stages of an earlier run that did not get through, wave by wave.
 *
 * @param file what that run printed with --json
 * @throws UsageError where the file holds no such result
 */
export function notThrough(file: string): string[][] {
  const { waves } = readResult(file);
  return waves
    .map((wave) => wave.filter(({ result }) => !["promoted", "unchanged"].includes(result)).map(({ stack }) => stack))
    .filter((wave) => wave.length > 0);
}

function readResult(file: string): z.output<typeof earlier> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    throw new UsageError(`--only-failed: ${file} cannot be read (${reason}).`);
  }
  try {
    return earlier.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`--only-failed: ${file} is not what npm run promote prints with --json.`);
  }
}
