import assert from "node:assert/strict";
import { test } from "node:test";
import { runsProgram, stackArguments } from "../../components/pulumi/current-connection";
import { onlyReadsOrDestroys } from "../../components/pulumi/running-cli";

const cli = (line: string) => ({ executable: "pulumi", args: line.split(" "), folder: "/" });

test("a gate is passed over for refresh and destroy only, and never where that is in doubt", () => {
  for (const line of [
    "refresh",
    "destroy --yes",
    "--non-interactive refresh --stack up",
    "--color=never destroy",
    "down",
  ])
    assert.equal(onlyReadsOrDestroys(cli(line)), true, line);
  for (const line of [
    "up",
    "up --refresh",
    "preview --refresh --run-program",
    "update --stack refresh",
    "--stack refresh up",
    "-s destroy up",
    "--cwd refresh up",
    "",
  ])
    assert.equal(onlyReadsOrDestroys(cli(line)), false, line);
  assert.equal(onlyReadsOrDestroys(undefined), false);
});

test("whether the program runs is said by the last flag, else by the environment", () => {
  const on = { PULUMI_RUN_PROGRAM: "true" };
  for (const [line, environment, runs] of [
    ["refresh", {}, false],
    ["refresh", on, true],
    ["refresh", { PULUMI_RUN_PROGRAM: "1" }, true],
    ["refresh --run-program", {}, true],
    ["refresh --run-program=true", {}, true],
    ["refresh --run-program=false", on, false],
    ["refresh --run-program --run-program=false", on, false],
    ["refresh", { PULUMI_RUN_PROGRAM: "no" }, false],
  ] as const)
    assert.equal(runsProgram(line.split(" "), environment), runs, line);
});

test("the configuration that is asked for is that of the stack that the command works on", () => {
  for (const [line, ...asked] of [
    ["refresh"],
    ["refresh --stack dev --yes", "--stack", "dev"],
    ["refresh --stack=dev", "--stack", "dev"],
    ["refresh -s acme/wallets/dev", "--stack", "acme/wallets/dev"],
    ["destroy --config-file=x.yaml -s dev", "--stack", "dev", "--config-file", "x.yaml"],
  ] as const)
    assert.deepEqual(stackArguments(line.split(" ")), asked, line);
});
