import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { takeSurvey } from "../../components/key-transfer/survey";
import { monitoringViews } from "../../components/monitoring/views";
import { testedMajors, withDatabase, type Database } from "../support/database";
import { wallets } from "../../fixtures/wallets";

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets: readonly { readonly rawSql: string }[];
}

const dashboard = JSON.parse(readFileSync(join(__dirname, "..", "..", "dashboards", "grafana.json"), "utf8")) as {
  panels: Panel[];
};

/** What Grafana puts in before it sends a query. */
const asSent = (sql: string) =>
  sql
    .replaceAll("${schema}", "public")
    .replaceAll("$__timeFrom()", "'2026-01-01T00:00:00Z'")
    .replaceAll("$__timeTo()", "'2036-01-01T00:00:00Z'");

for (const major of testedMajors)
  test(`every panel of the dashboard asks what the server can answer (PostgreSQL ${major})`, () =>
    withDatabase({ major, load: ["wallet-system", ["mixed", 40]] }, async ({ query, url }) => {
      const { schemaFacts, survey } = await takeSurvey(url, wallets);
      const views = monitoringViews(wallets, schemaFacts);
      await query(`create view wallet_status_monitoring as ${views.walletStatus}`);
      await query(`create view vault_storage_status as ${views.storageStatus}`);
      await query("update project_credentials set vault_backup_date = '2026-06-01' where vault_stored");
      const answers = new Map<string, Record<string, unknown>[]>();
      for (const { title, type, targets } of dashboard.panels)
        for (const { rawSql } of targets) answers.set(`${type} ${title}`, await ask(query, rawSql));

      const of = (panel: string) => answers.get(panel) ?? assert.fail(panel);
      assert.equal(Number(of("stat Keys pending")[0]?.["pending"]), survey.states.pending);
      assert.equal(Number(of("stat Wallets to regenerate")[0]?.["wallets"]), survey.states.missingKey);
      assert.equal(of("table Wallets to regenerate").length, survey.states.missingKey);
      assert.equal(Number(of("stat Keys in the vault")[0]?.["in the vault"]), (100 * survey.states.stored) / 40);
      const [network] = of("barchart States by network");
      assert.deepEqual({ ...network, network: "" }, { network: "", ...asText(survey.states) });
      const series = of("timeseries Keys pending over time").map((row) => Number(row["pending"]));
      assert.equal(series.length, 101);
      assert.equal(series.at(-1), survey.states.pending, "now");
      assert.ok((series[0] ?? 0) > survey.states.pending, "before some were stored");
      assert.deepEqual(
        series,
        series.toSorted((a, b) => b - a),
        "it only falls",
      );
      for (const rows of answers.values()) assert.ok(rows.length > 0);
      assert.doesNotMatch(JSON.stringify([...answers]), /[0-9a-f]{64}/, "no key");
    }));

const ask = (query: Database["query"], sql: string) => query<Record<string, unknown>>(asSent(sql));

const asText = (counts: object) => Object.fromEntries(Object.entries(counts).map(([key, n]) => [key, String(n)]));
