import { randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopFileVariable } from "../components/batches/stop-file";

/** A file that asks the transfers of a Pulumi command to end after their batch. */
export interface StopFile {
  /** For the environment of that command. */
  readonly env: Record<string, string>;
  /** Never throws: whoever passes a signal on has more to do. */
  request(): void;
  /** Call when the command has ended: a file that stays would stop the next one too. */
  remove(): void;
}

/** Uses the file that the environment names already, if it does. */
export function stopFile(): StopFile {
  const file = process.env[stopFileVariable] || join(tmpdir(), `wallet-vault-stop-${randomUUID()}`);
  let requested = false;
  return {
    env: { [stopFileVariable]: file },
    request() {
      requested = true;
      try {
        writeFileSync(file, "");
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        process.stderr.write(`A transfer that is running cannot be told to stop, and goes on to its end: ${reason}\n`);
      }
    },
    remove() {
      if (requested) rmSync(file, { force: true });
    },
  };
}
