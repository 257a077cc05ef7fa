import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { wantedVersion } from "../../pulumi-cli/release";
import { parseYaml } from "./yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly needs?: string;
  readonly if?: string;
  readonly environment?: string;
  readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly concurrency: { readonly "cancel-in-progress": boolean };
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = join(__dirname, "..", "..");
const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");
const workflow = (name: string) => parseYaml<Workflow>(read(".github", "workflows", name));
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);

for (const name of ["ci.yml", "pull-request.yml", "deploy.yml"])
  test(`${name} runs the very actions and the CLI that were looked at`, () => {
    const steps = stepsOf(workflow(name));
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    assert.ok(actions.length > 0);
    for (const action of actions) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    const clis = steps.filter(({ uses }) => uses?.startsWith("pulumi/actions@"));
    assert.ok(clis.length > 0);
    for (const cli of clis) assert.equal(cli.with?.["pulumi-version"], wantedVersion);
    assert.doesNotMatch(
      read(".github", "workflows", name),
      /secrets\.|upsert/,
      "no stored token, and no stack is made",
    );
  });

test("the project's own tests run on every line of Node.js that package.json allows, the oldest at its first version", () => {
  const { test: job } = workflow("ci.yml").jobs;
  assert.deepEqual(job?.strategy?.matrix.node, ["20.19", "22", "24"]);
  const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
  assert.equal(engines.node, "^20.19.0 || >=22.12.0");
});

test("a deployment is of main, never cancelled, takes one commit all the way, and each stage waits for the one before", () => {
  const deploy = workflow("deploy.yml");
  const { dev, staging, production } = deploy.jobs;
  assert.equal(deploy.concurrency["cancel-in-progress"], false);
  assert.match(dev?.if ?? "", /&& github\.ref == 'refs\/heads\/main'$/, "also where somebody starts it by hand");
  assert.deepEqual([dev?.needs, staging?.needs, production?.needs], [undefined, "dev", "staging"]);
  for (const [name, job] of Object.entries(deploy.jobs)) {
    assert.equal(job.environment, name);
    const checkout = job.steps.find(({ uses }) => uses?.startsWith("actions/checkout@"));
    assert.equal(checkout?.with?.["ref"], "${{ github.sha }}", name);
  }
});

test("a pull request gets the token of a team, in an environment of its own: any branch may ask for it", () => {
  const [job, ...others] = Object.values(workflow("pull-request.yml").jobs);
  assert.deepEqual([job?.environment, others], ["dev-preview", []]);
  const login = job?.steps.find(({ uses }) => uses?.startsWith("pulumi/auth-actions@"));
  assert.equal(login?.with?.["requested-token-type"], "urn:pulumi:token-type:access_token:team");
  assert.match(String(login?.with?.["scope"]), /^team:/);
});

test("GitLab's page holds a pipeline that pins the same CLI, logs in, and waits for a click before production", () => {
  interface Pipeline {
    readonly variables: Readonly<Record<string, string>>;
    readonly stages: readonly string[];
    readonly ".pulumi": {
      readonly before_script: readonly string[];
      readonly id_tokens: Readonly<Record<string, unknown>>;
    };
    readonly production: { readonly rules: readonly { readonly when?: string }[] };
  }
  const [, text = ""] = /```yaml\n([\s\S]*?)```/.exec(read("docs", "gitlab-ci.md")) ?? [];
  const pipeline = parseYaml<Pipeline>(text);
  assert.equal(pipeline.variables["PULUMI_VERSION"], wantedVersion);
  const { before_script: before, id_tokens: tokens } = pipeline[".pulumi"];
  assert.deepEqual(Object.keys(tokens), ["AWS_TOKEN"]);
  assert.ok(before.some((line) => line.startsWith("export AWS_WEB_IDENTITY_TOKEN_FILE=")));
  assert.ok(before.some((line) => line.includes('"$AWS_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE"')));
  assert.deepEqual(
    pipeline.production.rules.map(({ when }) => when),
    ["manual"],
  );
});
