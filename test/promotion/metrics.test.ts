import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { metricsOf, writeMetrics } from "../../components/receipt/metrics-file";
import { counts, lastRun, receipt } from "./sample";

const summary = {
  credentials: 14_000,
  states: counts({ stored: 13_999, missingKey: 1 }),
  verified: 7,
  flagsWrong: 2,
  lastRun,
};
const outputs = { status: "attention" as const, summary, receipt };

test("the metrics are the counts of the summary, in Prometheus' text format", () => {
  const lines = metricsOf(outputs).split("\n");
  for (const line of [
    'wallet_vault_wallets{state="stored"} 13999',
    'wallet_vault_wallets{state="missingKey"} 1',
    "wallet_vault_credentials 14000",
    "wallet_vault_verified 7",
    "wallet_vault_flags_wrong 2",
    'wallet_vault_last_run{what="transferred"} 12840',
    'wallet_vault_status{status="attention"} 1',
    'wallet_vault_status{status="complete"} 0',
    "wallet_vault_read_timestamp_seconds 1773144118.653",
  ])
    assert.ok(lines.includes(line), line);
  assert.equal(lines.at(-1), "");
  for (const line of lines.slice(0, -1)) assert.match(line, /^(# (HELP|TYPE) )?wallet_vault_\w+(\{\w+="\w+"\})? ?.*$/);
});

test("they are written where the environment asks for it, whole, and a file that cannot be written harms nothing", () => {
  const folder = mkdtempSync(join(tmpdir(), "wallet-vault-metrics-"));
  const lines: string[] = [];
  try {
    process.env["WALLET_VAULT_METRICS_FILE"] = join(folder, "wallets.prom");
    writeMetrics(outputs, (line) => lines.push(line));
    assert.deepEqual(readdirSync(folder), ["wallets.prom"]);
    assert.equal(readFileSync(join(folder, "wallets.prom"), "utf8"), metricsOf(outputs));
    assert.equal(lines.length, 0);
    process.env["WALLET_VAULT_METRICS_FILE"] = join(folder, "none", "wallets.prom");
    writeMetrics(outputs, (line) => lines.push(line));
    assert.match(lines.join(), /cannot be written \(ENOENT\)/);
  } finally {
    delete process.env["WALLET_VAULT_METRICS_FILE"];
    rmSync(folder, { recursive: true });
  }
});
