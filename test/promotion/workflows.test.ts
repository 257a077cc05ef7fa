import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { wantedVersion } from "../../tools/engine/release";

const root = join(__dirname, "..", "..");
const workflow = (name: string) => readFileSync(join(root, ".github", "workflows", name), "utf8");
const names = ["ci.yml", "pull-request.yml", "deploy.yml"];

for (const name of names)
  test(`${name} runs the very actions and the CLI that were looked at`, () => {
    const text = workflow(name);
    const uses = [...text.matchAll(/uses: (\S+)/g)].map(([, action]) => action ?? "");
    assert.ok(uses.length > 0);
    for (const action of uses) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    for (const [, version] of text.matchAll(/pulumi-version: (\S+)/g)) assert.equal(version, wantedVersion);
    assert.doesNotMatch(text, /secrets\.|upsert/, "no stored token, and no stack is ever made");
  });

test("a deployment is never cancelled, takes one commit all the way, and each stage waits for the one before", () => {
  const text = workflow("deploy.yml");
  assert.match(text, /cancel-in-progress: false/);
  assert.match(text, /ref: \$\{\{ github\.sha \}\}/);
  assert.match(text, /staging:\n\s+needs: dev\n/);
  assert.match(text, /production:\n\s+needs: staging\n[\s\S]*environment: production/);
});

test("GitLab's page pins the same CLI", () => {
  assert.ok(readFileSync(join(root, "docs", "gitlab-ci.md"), "utf8").includes(`PULUMI_VERSION: "${wantedVersion}"`));
});
