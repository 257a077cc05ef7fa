import { randomUUID } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastLineVariable } from "../components/receipt/last-line-variable";

/** A file into which the program writes what its update came to: the CLI prints a screenful of outputs after it. */
export interface LastLine {
  /** For the environment of that command. */
  readonly env: Record<string, string>;
  /** Call when the command has ended. Empty where it was no update, or one that failed. */
  take(): string;
}

export function lastLine(): LastLine {
  const file = join(tmpdir(), `wallet-vault-last-line-${randomUUID()}`);
  return {
    env: { [lastLineVariable]: file },
    take() {
      try {
        return readFileSync(file, "utf8");
      } catch {
        return "";
      } finally {
        rmSync(file, { force: true });
      }
    },
  };
}
