import { randomUUID } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import type { TransferOutputs } from "../key-transfer/args";

/** Names the file; for the textfile collector of a node_exporter, whose files end in `.prom`. */
const variable = "WALLET_VAULT_METRICS_FILE";

type Counted = Pick<TransferOutputs, "status" | "summary" | "receipt">;

/** The counts in Prometheus' text format. Numbers only: no id, no name of an object. */
export function metricsOf({ status, summary, receipt }: Counted): string {
  const { states, lastRun, credentials, verified, flagsWrong, identity = {} } = summary;
  const gauge = (name: string, help: string, samples: readonly string[]): string[] => [
    `# HELP wallet_vault_${name} ${help}`,
    `# TYPE wallet_vault_${name} gauge`,
    ...samples.map((sample) => `wallet_vault_${name}${sample}`),
  ];
  const labelled = (label: string, counts: object): string[] =>
    Object.entries(counts).map(([name, count]) => `{${label}="${name}"} ${count}`);
  const all = ["complete", "attention", "incomplete"];
  return [
    ...gauge("wallets", "Wallets by state.", labelled("state", states)),
    ...gauge("credentials", "All wallets.", [` ${credentials}`]),
    ...gauge("verified", "Wallets whose vault value was compared with its source.", [` ${verified}`]),
    ...gauge("flags_wrong", "Wallets whose vault_stored contradicts the facts.", [` ${flagsWrong}`]),
    ...gauge("identity", "Stored wallets by what the proof of identity found.", labelled("finding", identity)),
    ...gauge("last_run", "What the last run did.", labelled("what", lastRun)),
    ...gauge(
      "status",
      "1 for the status of the stack.",
      all.map((each) => `{status="${each}"} ${each === status ? 1 : 0}`),
    ),
    ...gauge("read_timestamp_seconds", "When the wallets were last read.", [` ${Date.parse(receipt.at) / 1000}`]),
    "",
  ].join("\n");
}

/** Writes them where the environment asks for it: to another file first, so that nobody reads a half. */
export function writeMetrics(counted: Counted, report: (line: string) => void): void {
  const file = process.env[variable];
  if (!file) return;
  const half = `${file}.${randomUUID()}`;
  try {
    writeFileSync(half, metricsOf(counted));
    renameSync(half, file);
  } catch (error) {
    rmSync(half, { force: true });
    const why = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    report(`${variable} names a file that cannot be written${why}; nothing else is affected`);
  }
}
