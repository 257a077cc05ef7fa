// A process that is there to be killed. It says "ready", waits for a database's URL on standard input, deploys to it, and
// writes one line of JSON.
import { createInterface } from "node:readline";
import { WalletVaultError } from "../../components/postgres/errors";
import { deploy } from "./deployment";

/** What the process tells before it ends, if it gets that far. */
export type Told =
  | { readonly ok: true; readonly status: string; readonly states: Record<string, number>; readonly retries: number }
  | { readonly ok: false; readonly code: string; readonly message: string };

async function told(databaseUrl: string): Promise<Told> {
  try {
    const { status, summary } = await deploy(databaseUrl);
    return { ok: true, status, states: summary.states, retries: summary.lastRun.retries };
  } catch (error) {
    // Every error that leaves an operation is to be one that is meant for a person.
    const code = error instanceof WalletVaultError ? error.code : "UNSAFE";
    return { ok: false, code, message: error instanceof Error ? error.message : String(error) };
  }
}

const result = "result ";
export const readResult = (line: string): Told | undefined =>
  line.startsWith(result) ? JSON.parse(line.slice(result.length)) : undefined;

if (require.main === module) {
  const lines = createInterface({ input: process.stdin });
  lines.once("line", (databaseUrl) => {
    lines.close();
    void told(databaseUrl).then((what) => console.log(`${result}${JSON.stringify(what)}`));
  });
  console.log("ready");
}
