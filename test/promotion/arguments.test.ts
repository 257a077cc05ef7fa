import assert from "node:assert/strict";
import { test } from "node:test";
import { help, optionsOf, UsageError } from "../../promotion/arguments";

test("stages are waves, in the order given, and a comma joins those of one wave", () => {
  const options = optionsOf(["dev", "staging", "prod-eu,prod-us"]);
  assert.deepEqual(options, {
    waves: [["dev"], ["staging"], ["prod-eu", "prod-us"]],
    parallel: 2,
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
    [["dev", "--force"], /--force/],
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
  for (const word of ["--yes", "--preview-only", "--parallel", "--json", "--report", "--summary", "Exit code"])
    assert.ok(help.includes(word), word);
});
