import assert from "node:assert/strict";
import { test } from "node:test";
import { type Options, optionsOf, UsageError } from "../../promotion/arguments";
import { help } from "../../promotion/help";

test("stages are waves, in the order given, and a comma joins those of one wave", () => {
  const options = optionsOf(["dev", "staging", "prod-eu,prod-us"]);
  assert.deepEqual(options, {
    waves: [["dev"], ["staging"], ["prod-eu", "prod-us"]],
    canary: false,
    maxFailures: 0,
    yes: false,
    previewOnly: false,
    json: false,
  });
});

test("options may stand anywhere", () => {
  const options = optionsOf(["--json", "dev", "-y", "org/wallet-vault/prod", "--parallel", "4", "--report", "a.html"]);
  assert.deepEqual(options, {
    waves: [["dev"], ["org/wallet-vault/prod"]],
    parallel: 4,
    canary: false,
    maxFailures: 0,
    yes: true,
    previewOnly: false,
    json: true,
    report: "a.html",
  });
});

test("what makes no sense is said, and nothing runs", () => {
  const wrong: [string[], RegExp][] = [
    [[], /No stage/],
    [["dev", "dev"], /dev is named twice/],
    [["dev,,prod"], /not a stack's name/],
    [["dev; rm"], /not a stack's name/],
    [["dev", "--parallel", "0"], /1 to 16/],
    [["dev", "--parallel", "two"], /1 to 16/],
    [["dev", "--parallel", "17"], /1 to 16/],
    [["dev", "--max-failures", "-1"], /max-failures/],
    [["dev", "--max-failures=some"], /whole number from 0/],
    [["dev", "--only-failed", "result.json"], /name none besides/],
    [["'prod-*'"], /not a stack's name/],
    [["--force", "dev"], /--force/],
    [["dev", "--report"], /report/],
  ];
  for (const [args, why] of wrong)
    assert.throws(
      () => optionsOf(args),
      (error) => error instanceof UsageError && why.test(error.message),
      args.join(" "),
    );
});

test("help is help, whatever else is there, and names every option and exit code", () => {
  assert.equal(optionsOf(["--help"]), "help");
  assert.equal(optionsOf(["dev", "-h"]), "help");
  for (const word of [
    "--canary",
    "--max-failures",
    "--only-failed",
    "--yes",
    "--preview-only",
    "--parallel",
    "--json",
    "--report",
    "--summary",
    "Exit code",
  ])
    assert.ok(help.includes(word), word);
});

test("a fleet has its options, and a pattern is kept for later: the stacks are not known yet", () => {
  const { waves, canary, maxFailures } = optionsOf([
    "dev",
    "prod-*,acme/*/lab-*",
    "--canary",
    "--max-failures",
    "3",
  ]) as Options;
  assert.deepEqual([waves, canary, maxFailures], [[["dev"], ["prod-*", "acme/*/lab-*"]], true, 3]);
  const again = optionsOf(["--only-failed", "result.json", "--yes"]) as Options;
  assert.deepEqual([again.waves, again.onlyFailed], [[], "result.json"]);
});
