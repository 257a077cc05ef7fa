import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fromProgramFolder } from "../../components/pulumi/program-folder";

const home = realpathSync(join(__dirname, "../.."));
const path = "./components/view/operations.ts";

/** Lends the folder of a program, two folders below a root of its own. */
function withProgram(use: (program: string) => void): void {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "wallet-vault-program-")));
  const program = join(root, "apps", "shop");
  mkdirSync(program, { recursive: true });
  try {
    use(program);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Puts something into `node_modules/wallet-vault` of a folder. */
function install(folder: string, put: (target: string) => void): void {
  mkdirSync(join(folder, "node_modules"));
  put(join(folder, "node_modules", "wallet-vault"));
}

test("for this package's own program the path is what it always was: states hold it", () =>
  assert.equal(fromProgramFolder(path, home), "./components/view/operations.ts"));

test("through a link the own program's path stays what it was", () =>
  withProgram((program) => {
    symlinkSync(home, join(program, "link"));
    assert.equal(fromProgramFolder(path, join(program, "link")), "./components/view/operations.ts");
  }));

test("a package that a program has in node_modules is named by its place there, and not by what that links to", () =>
  withProgram((program) => {
    install(program, (target) => symlinkSync(home, target));
    assert.equal(fromProgramFolder(path, program), "./node_modules/wallet-vault/components/view/operations.ts");
  }));

test("so is one in node_modules further up", () =>
  withProgram((program) => {
    install(dirname(dirname(program)), (target) => symlinkSync(home, target));
    assert.equal(fromProgramFolder(path, program), "./../../node_modules/wallet-vault/components/view/operations.ts");
  }));

test("a package that is nowhere in node_modules is named by where it is, also where another copy is installed", () =>
  withProgram((program) => {
    const expected = `./${relative(program, home)}/components/view/operations.ts`;
    assert.equal(fromProgramFolder(path, program), expected);
    install(program, (target) => cpSync(join(home, "components"), join(target, "components"), { recursive: true }));
    assert.equal(fromProgramFolder(path, program), expected);
  }));
