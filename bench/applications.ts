import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { forTypeScript } from "../launcher/project-folder";
import type { Stage } from "./stage";
import type { Waits } from "./writers";

/**
 * Applications that write to the wallets all the time, in a process of their own: what else the benchmark does must not
 * count as their waiting.
 */
export class Applications {
  private constructor(private readonly process: ChildProcess) {}

  /** Returns once they write. */
  static async start(stage: Stage, database: string): Promise<Applications> {
    const process = fork(join(__dirname, "writers.ts"), { execArgv: forTypeScript });
    process.send(stage.server.url(database));
    await answer(process);
    return new Applications(process);
  }

  /** Lets each end its statement, and tells how long they waited. */
  async stop(): Promise<Waits> {
    this.process.send("stop");
    return (await answer(this.process)) as Waits;
  }
}

/** The next message of a process. */
async function answer(process: ChildProcess): Promise<unknown> {
  const gone = once(process, "exit").then(() => Promise.reject(new Error("The applications ended; see above.")));
  const [message] = (await Promise.race([once(process, "message"), gone])) as [unknown];
  return message;
}
