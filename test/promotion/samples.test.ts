import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configurationOf } from "../../configuration";

const folder = join(__dirname, "..", "..", "docs", "samples");
const files = readdirSync(folder);

test("there is a sample for each of three stages", () => {
  assert.deepEqual(files.sort(), ["Pulumi.dev.yaml", "Pulumi.prod.yaml", "Pulumi.staging.yaml"]);
});

for (const file of files)
  test(`${file} is a configuration the program takes, holds no secret, and is explained line by line`, () => {
    const text = readFileSync(join(folder, file), "utf8");
    const entries = [...text.matchAll(/^  (# )?wallet-vault:(\w+): (.+)$/gm)].map(([, , key, value]) => [key, value]);
    assert.ok(entries.length > 0);
    const set = Object.fromEntries(entries) as Record<string, string>;
    assert.ok(!("databaseUrl" in set));
    assert.doesNotMatch(text, /secure:|postgres(ql)?:\/\//);
    configurationOf({ ...set, databaseUrl: "postgresql://somewhere" });
    const lines = text.split("\n");
    for (const [index, line] of lines.entries())
      if (line.startsWith("  wallet-vault:")) assert.match(lines[index - 1] ?? "", /^  # /, line);
  });
