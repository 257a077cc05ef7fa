import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { takeSurvey } from "../../components/key-transfer/survey";
import { monitoringViews } from "../../components/monitoring/views";
import { testedMajors, withDatabase, type Database } from "../support/database";
import { states } from "../../components/key-transfer/states";
import { wallets } from "../../fixtures/wallets";

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly targets: readonly { readonly rawSql?: string; readonly panelId?: number }[];
  readonly options: { readonly xField?: string; readonly reduceOptions?: { readonly fields?: string } };
  readonly transformations?: readonly {
    readonly options: { readonly include: { readonly names: readonly string[] } };
  }[];
}

const { panels } = JSON.parse(readFileSync(join(__dirname, "..", "..", "dashboards", "grafana.json"), "utf8")) as {
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
      for (const { title, targets } of panels)
        for (const { rawSql } of targets) if (rawSql !== undefined) answers.set(title, await ask(query, rawSql));

      const of = (panel: string) => answers.get(panel) ?? assert.fail(panel);
      assert.deepEqual(
        [...answers.keys()],
        ["Keys in the vault over time", "Wallets that need a person", "Wallets by network and type"],
      );
      const counts = of("Wallets by network and type");
      const sum = (column: string) => counts.reduce((total, row) => total + Number(row[column]), 0);
      for (const state of states) assert.equal(sum(state), survey.states[state], state);
      assert.equal(sum("wallets"), 40);
      const { conflict, ambiguousSource, unreadableSource, missingKey, stored } = survey.states;
      assert.equal(sum("need a look"), conflict + ambiguousSource + unreadableSource);
      for (const row of counts) assert.equal(Number(row["in the vault"]), (100 * stored) / 40);
      const open = of("Wallets that need a person");
      assert.equal(open.length, conflict + ambiguousSource + unreadableSource + missingKey);
      assert.deepEqual(
        open.map((row) => String(row["state"])),
        open.map((row) => String(row["state"])).toSorted(),
      );
      const [flagged] = await query<{ n: string }>("select count(*) as n from project_credentials where vault_stored");
      const series = of("Keys in the vault over time").map((row) => Number(row["in the vault"]));
      assert.equal(series.length, 101);
      assert.equal(series.at(-1), Number(flagged?.n), "now");
      assert.equal(series[0], 0, "before some were stored");
      assert.deepEqual(
        series,
        series.toSorted((x, y) => x - y),
        "it only rises",
      );
      assert.doesNotMatch(JSON.stringify([...answers]), /[0-9a-f]{64}/, "no key");

      // What a refresh costs: the wallets are read once for each of three queries, and not once for each panel.
      for (const { title, targets } of panels)
        for (const { rawSql } of targets) {
          if (rawSql === undefined) continue;
          const plan = JSON.stringify(await ask(query, `explain (format json) ${rawSql}`));
          assert.equal(plan.split('"Relation Name":"project_credentials"').length - 1, 1, title);
        }
    }));

test("all other panels show what the one counting query answers, by columns that it has", () => {
  const counting = panels.find(({ title }) => title === "Wallets by network and type");
  const columns = [...(counting?.targets[0]?.rawSql ?? "").matchAll(/ as (?:"([^"]+)"|(\w+))/g)].map(
    ([, a, b]) => a ?? b,
  );
  const others = panels.filter(({ targets }) => targets.some(({ panelId }) => panelId !== undefined));
  assert.equal(others.length, 5);
  for (const { title, targets, options, transformations = [] } of others) {
    assert.deepEqual(
      targets.map(({ panelId }) => panelId),
      [counting?.id],
      title,
    );
    const field = options.reduceOptions?.fields?.replace(/^\/\^(.*)\$\/$/, "$1");
    const named = [field ?? options.xField, ...transformations.flatMap((each) => each.options.include.names)];
    for (const name of named) assert.ok(columns.includes(name), `${title}: ${name}`);
  }
});

const ask = (query: Database["query"], sql: string) => query<Record<string, unknown>>(asSent(sql));
