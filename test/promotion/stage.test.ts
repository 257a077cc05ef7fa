import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change, Observation } from "../../promotion/events";
import { StageFailure } from "../../promotion/failure";
import { promoteStage, type StageContext } from "../../promotion/stage";
import type { StageStack } from "../../promotion/stack";
import type { StackOutputs } from "../../promotion/stack-outputs";
import { runWaves, type WaveOptions } from "../../promotion/waves";
import { counts, lastRun, receipt } from "./sample";

const update: Change = { op: "update", type: "wallet-vault:KeyTransfer", name: "transfer" };
const survey = { credentials: 5, states: counts({ stored: 2, pending: 3 }), flagsWrong: 0 };
const summary = { credentials: 5, states: counts({ stored: 5 }), verified: 5, flagsWrong: 0, lastRun };
const five = { ...receipt, credentials: 5, verified: 5 };

/** A stack whose previews are played one after the other (the last one again and again); `log` tells what was run. */
function fake(name: string, previews: Change[][], proofMinutes = 1, changes: Partial<StackOutputs> = {}) {
  const log: string[] = [];
  let at = new Date(Date.now() - proofMinutes * 60_000).toISOString();
  const stack: StageStack = {
    name,
    promotionMaxAgeHours: 72,
    async preview({ refresh }) {
      log.push(refresh ? "preview --refresh" : "preview");
      const seen: Observation = {
        changes: (previews.length > 1 ? previews.shift() : previews[0]) ?? [],
        survey,
        transfer: undefined,
        errors: [],
      };
      return seen;
    },
    async update({ refresh }) {
      log.push(refresh ? "up --refresh" : "up");
      at = new Date().toISOString();
      return { changes: [], survey, transfer: undefined, errors: [] };
    },
    outputs: async () => ({ status: "complete", summary, receipt: { ...five, at }, attention: [], ...changes }),
  };
  return { stack, log };
}

function conduct(changes: Partial<StageContext> = {}): StageContext {
  const never = new AbortController().signal;
  return { previewOnly: false, stop: never, forward: never, say: () => undefined, ask: async () => "yes", ...changes };
}

test("an update is followed by a preview that must be quiet", async () => {
  const { stack, log } = fake("dev", [[update], []]);
  const report = await promoteStage(stack, conduct());
  assert.deepEqual([report.result, log], ["promoted", ["preview", "up", "preview"]]);
  assert.deepEqual([report.before, report.states, report.updated], [survey.states, summary.states, true]);
});

test("a system that lives gets three updates, and not a fourth", async () => {
  const lively = fake("dev", [[update], [update], []]);
  assert.equal((await promoteStage(lively.stack, conduct())).result, "promoted");
  assert.deepEqual(lively.log, ["preview", "up", "preview", "up", "preview"]);
  const restless = fake("dev", [[update]]);
  const report = await promoteStage(restless.stack, conduct());
  assert.match(`${report.result} ${report.reason}`, /failed After 3 updates a preview still shows changes/);
});

test("with nothing to do and a fresh proof, nothing is run but a preview", async () => {
  const { stack, log } = fake("dev", [[]]);
  const report = await promoteStage(stack, conduct({ ask: async () => assert.fail("asked") }));
  assert.deepEqual([report.result, report.updated, log], ["unchanged", false, ["preview"]]);
});

test("an old proof is renewed with a look at the live database, and nobody is asked", async () => {
  const { stack, log } = fake("dev", [[]], 61);
  const report = await promoteStage(stack, conduct({ ask: async () => assert.fail("asked") }));
  assert.deepEqual([report.result, log], ["unchanged", ["preview", "preview --refresh", "up --refresh", "preview"]]);
});

test("so is a proof from the future, and one that the next gate would soon find too old", async () => {
  const renewed = ["preview", "preview --refresh", "up --refresh", "preview"];
  const future = fake("dev", [[]], -600);
  assert.equal((await promoteStage(future.stack, conduct())).result, "unchanged");
  assert.deepEqual(future.log, renewed);
  for (const [minutes, log] of [
    [16, renewed],
    [14, ["preview"]],
  ] as const) {
    const dev = fake("dev", [[]], minutes);
    const prod = fake("prod", [[]]);
    const stacks = { dev: dev.stack, prod: { ...prod.stack, promotionMaxAgeHours: 0.5 } };
    await journey(options([["dev"], ["prod"]]), stacks);
    assert.deepEqual(dev.log, log, `${minutes} minutes`);
  }
});

test("drift that this look finds is a plan like any other: people are asked", async () => {
  const { stack, log } = fake("dev", [[], [update]], 61);
  const report = await promoteStage(stack, conduct({ ask: async () => "no" }));
  assert.deepEqual([report.result, log], ["declined", ["preview", "preview --refresh"]]);
});

test("to replace the constraint is refused before anybody is asked", async () => {
  const { stack, log } = fake("prod", [[{ op: "replace", type: "wallet-vault:UniqueConstraint", name: "constraint" }]]);
  const report = await promoteStage(stack, conduct({ ask: async () => assert.fail("asked") }));
  assert.deepEqual([report.result, log], ["refused", ["preview"]]);
});

test("a preview only never updates, also where the proof is old", async () => {
  const previewOnly = conduct({ previewOnly: true, ask: async () => assert.fail("asked") });
  const busy = fake("dev", [[update]], 600);
  assert.equal((await promoteStage(busy.stack, previewOnly)).result, "skipped");
  const idle = fake("dev", [[]], 600);
  assert.equal((await promoteStage(idle.stack, previewOnly)).result, "unchanged");
  assert.deepEqual([busy.log, idle.log], [["preview"], ["preview"]]);
});

test("a preview only fails where the promotion would: nothing to do, and no proof", async () => {
  const states = counts({ stored: 3, missingKey: 2 });
  const needsPeople = { summary: { ...summary, states }, receipt: { ...five, status: "attention" as const } };
  const { stack, log } = fake("dev", [[]], 1, { status: "attention", ...needsPeople });
  const report = await promoteStage(stack, conduct({ previewOnly: true }));
  assert.match(`${report.result} ${report.reason}`, /^failed All keys that can be moved are moved, but some wallets/);
  assert.deepEqual(log, ["preview"]);
});

test("of an update that failed, only what it left behind is told: nothing of before it, nothing of an earlier one", async () => {
  const failing = async (left: StackOutputs) => {
    const { stack } = fake("dev", [[update]]);
    return promoteStage(
      { ...stack, update: () => Promise.reject(new StageFailure("failed", "Gone.", left)) },
      conduct(),
    );
  };
  const unknown = await failing({});
  assert.deepEqual(
    [unknown.result, unknown.before, unknown.states, unknown.lastRun, unknown.receipt],
    ["failed", survey.states, null, null, null],
  );
  const partial = { ...summary, states: counts({ stored: 3, pending: 2 }) };
  const known = await failing({
    status: "incomplete",
    summary: partial,
    receipt: { ...receipt, status: "incomplete" },
  });
  assert.deepEqual(
    [known.states, known.lastRun, known.receipt?.status, known.updated],
    [partial.states, lastRun, "incomplete", true],
  );
});

test("outputs that a failed update recorded all the same count: strict fails after them", async () => {
  const at = new Date(Date.now() + 1_000).toISOString();
  const { stack } = fake("dev", [[update]], 1, { status: "attention", receipt: { ...receipt, at } });
  const update_ = () => Promise.reject(new StageFailure("failed", "Strict.", {}));
  const report = await promoteStage({ ...stack, update: update_ }, conduct());
  assert.deepEqual([report.result, report.states, report.receipt?.at], ["failed", summary.states, at]);
});

test("an interrupt at the question is no answer: the stage failed, and was not declined", async () => {
  const stop = new AbortController();
  const { stack, log } = fake("dev", [[update]]);
  const ask = async () => {
    stop.abort();
    return "no" as const;
  };
  const report = await promoteStage(stack, conduct({ stop: stop.signal, ask }));
  assert.match(`${report.result} ${report.reason}`, /^failed Interrupted\. .* Stopped before the update\.$/);
  assert.deepEqual(log, ["preview"]);
});

test("people see the whole plan, deletions and replacements of access included, before they are asked", async () => {
  const steps: Change[] = [
    { op: "update", type: "pulumi:pulumi:Stack", name: "wallet-vault-dev" },
    { op: "update", type: "wallet-vault:WalletVault", name: "wallet-vault" },
    { op: "update", type: "wallet-vault:MonitoringAccess", name: "monitoring" },
    { op: "create", type: "pulumi:providers:pulumi-nodejs", name: "default" },
    { op: "update", type: "pulumi:providers:postgresql", name: "monitoring-server" },
    update,
    { op: "replace", type: "postgresql:index/grant:Grant", name: "monitoring-wallets-grafana" },
    { op: "delete", type: "postgresql:index/role:Role", name: "monitoring-role-grafana" },
  ];
  const { stack } = fake("dev", [steps, []]);
  const asked: string[] = [];
  const ask = async (...texts: string[]) => (asked.push(...texts), "yes" as const);
  await promoteStage(stack, conduct({ ask }));
  assert.deepEqual(asked, [
    "dev  5 wallets: 2 stored, 3 pending. 3 keys to move. " +
      "Steps: update connection, update transfer, replace monitoring-wallets-grafana, delete monitoring-role-grafana.",
    "Update dev?",
  ]);
});

test("after an interrupt no update begins", async () => {
  const stop = new AbortController();
  const { stack, log } = fake("dev", [[update]]);
  const ask = async () => {
    stop.abort();
    return "yes" as const;
  };
  const report = await promoteStage(stack, conduct({ stop: stop.signal, ask }));
  assert.match(`${report.result} ${report.reason}`, /failed Interrupted/);
  assert.deepEqual(log, ["preview"]);
});

const options = (waves: string[][], parallel = 2, more: Partial<WaveOptions> = {}): WaveOptions => {
  return { waves, parallel, previewOnly: false, canary: false, maxFailures: 0, ...more };
};

async function journey(given: WaveOptions, stacks: Record<string, StageStack>, stop = new AbortController()) {
  const open = async (name: string) =>
    stacks[name] ?? Promise.reject(new StageFailure("failed", "There is no such stack."));
  const contextOf = () => conduct({ stop: stop.signal });
  const waves = await runWaves({ options: given, open, contextOf, stop: stop.signal, ended: () => undefined });
  return waves.map((wave) => wave.map(({ stack, result }) => `${stack} ${result}`));
}

test("a wave ends although one of it fails, and the next one does not begin", async () => {
  const [bad, good, later] = [
    fake("bad", [[]], 1, { status: "incomplete" }),
    fake("good", [[update], []]),
    fake("later", [[]]),
  ];
  const stacks = { bad: bad.stack, good: good.stack, later: later.stack };
  assert.deepEqual(await journey(options([["bad", "good"], ["later"]]), stacks), [
    ["bad failed", "good promoted"],
    ["later skipped"],
  ]);
  assert.deepEqual(later.log, []);
  assert.deepEqual(await journey(options([["bad", "good"]], 1), stacks), [["bad failed", "good skipped"]]);
});

test("a name that does not exist stops everything before it begins", async () => {
  const dev = fake("dev", [[update]]);
  assert.deepEqual(await journey(options([["dev"], ["porduction"]]), { dev: dev.stack }), [
    ["dev skipped"],
    ["porduction failed"],
  ]);
  assert.deepEqual(dev.log, []);
});

/** Stacks by name: those whose names begin with `bad` fail, the others are promoted. `log` tells which were looked at. */
function fleet(...names: string[]) {
  const log: string[] = [];
  const stacks = Object.fromEntries(
    names.map((name) => {
      const { stack } = name.startsWith("bad")
        ? fake(name, [[]], 1, { status: "incomplete" })
        : fake(name, [[update], []]);
      const preview: StageStack["preview"] = (run) => {
        if (!log.includes(name)) log.push(name);
        return stack.preview(run);
      };
      return [name, { ...stack, preview }];
    }),
  );
  return { stacks, log };
}

test("so many failures as are allowed stop no other stage of their wave, but the next wave", async () => {
  const wave = ["bad1", "a", "bad2", "b", "c"];
  for (const [maxFailures, ends] of [
    [0, ["bad1 failed", "a skipped", "bad2 skipped", "b skipped", "c skipped"]],
    [1, ["bad1 failed", "a promoted", "bad2 failed", "b skipped", "c skipped"]],
    [2, ["bad1 failed", "a promoted", "bad2 failed", "b promoted", "c promoted"]],
  ] as const) {
    const { stacks, log } = fleet(...wave, "later");
    const results = await journey(options([wave, ["later"]], 1, { maxFailures }), stacks);
    assert.deepEqual(results, [ends, ["later skipped"]], `${maxFailures} allowed`);
    assert.ok(!log.includes("later"));
  }
});

test("failures of one wave do not count in the next one, where none was too many", async () => {
  const { stacks } = fleet("a", "b", "c");
  const results = await journey(options([["a"], ["b", "c"]], 2, { maxFailures: 1 }), stacks);
  assert.deepEqual(results, [["a promoted"], ["b promoted", "c promoted"]]);
});

test("a canary is done before another stage of its wave begins; where it fails, none begins, whatever may fail", async () => {
  const begun: string[] = [];
  const { stacks } = fleet("a", "b", "c");
  const watched = Object.fromEntries(
    Object.entries(stacks).map(([name, stack]): [string, StageStack] => [
      name,
      {
        ...stack,
        preview: (run) => (begun.push(name), stack.preview(run)),
        update: async (run) => (begun.push(`${name} updated`), stack.update(run)),
      },
    ]),
  );
  assert.deepEqual(await journey(options([["a", "b", "c"]], 3, { canary: true }), watched), [
    ["a promoted", "b promoted", "c promoted"],
  ]);
  assert.ok(begun.indexOf("a updated") < begun.indexOf("b"));
  assert.ok(begun.lastIndexOf("a") < begun.indexOf("b"), "proven, too");

  const failing = fleet("bad", "b", "c");
  assert.deepEqual(await journey(options([["bad", "b", "c"]], 3, { canary: true, maxFailures: 9 }), failing.stacks), [
    ["bad failed", "b skipped", "c skipped"],
  ]);
  assert.deepEqual(failing.log, ["bad"]);
});

test("an interrupt while stacks are opened begins nothing, and blames no stack", async () => {
  const stop = new AbortController();
  const { stacks, log } = fleet("a", "b");
  stop.abort();
  assert.deepEqual(await journey(options([["a", "nowhere"], ["b"]]), stacks, stop), [
    ["a skipped", "nowhere skipped"],
    ["b skipped"],
  ]);
  assert.deepEqual(log, []);
});
