import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configurationOf } from "../../configuration";
import { parseYaml } from "./yaml";

const folder = join(__dirname, "..", "..", "docs", "samples");
const files = readdirSync(folder);

test("there is a sample for each of three stages", () => {
  assert.deepEqual(files.sort(), ["Pulumi.dev.yaml", "Pulumi.prod.yaml", "Pulumi.staging.yaml"]);
});

for (const file of files)
  test(`${file} is a configuration the program takes, holds no secret, and is explained line by line`, () => {
    const text = readFileSync(join(folder, file), "utf8");
    // With what is only suggested: it must be right, too.
    const whole = text.replace(/^  # (?=wallet-vault:)/gm, "  ");
    const { config, ...rest } = parseYaml<{ config: Record<string, unknown> }>(whole);
    assert.deepEqual(rest, {});
    assert.ok(Object.keys(config).every((key) => key.startsWith("wallet-vault:")));
    // As Pulumi hands them over: texts as they are, all else as JSON.
    const set = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [
        key.replace("wallet-vault:", ""),
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    );
    assert.ok(Object.keys(set).length > 0);
    assert.ok(!("databaseUrl" in set));
    assert.doesNotMatch(text, /secure:|postgres(ql)?:\/\//);
    configurationOf({ ...set, databaseUrl: "postgresql://somewhere" });
    const lines = text.split("\n");
    for (const [index, line] of lines.entries())
      if (line.startsWith("  wallet-vault:")) assert.match(lines[index - 1] ?? "", /^  # /, line);
  });
