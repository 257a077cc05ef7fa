import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { revisionOf } from "../../revision";
import { wallets } from "../../fixtures/wallets";

const program = join(__dirname, "../..");

/** Lends a copy of the program's sources. */
function withCopy(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "wallet-vault-revision-"));
  try {
    for (const part of readdirSync(program, { withFileTypes: true }))
      if (part.isFile() || part.name === "components" || part.name === "promotion") {
        cpSync(join(program, part.name), join(folder, part.name), { recursive: true });
      }
    use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("the same content has the same revision in another folder: 64 hexadecimal digits", () => {
  withCopy((one) =>
    withCopy((other) => {
      assert.match(revisionOf(one, wallets), /^[0-9a-f]{64}$/);
      assert.equal(revisionOf(one, wallets), revisionOf(other, wallets));
    }),
  );
});

test("line ends as git writes them on Windows do not count", () => {
  withCopy((folder) => {
    const before = revisionOf(folder, wallets);
    for (const file of ["index.ts", "Pulumi.yaml", "components/key-transfer/apply.ts"]) {
      const path = join(folder, file);
      writeFileSync(path, readFileSync(path, "utf8").replaceAll("\n", "\r\n"));
    }
    assert.equal(revisionOf(folder, wallets), before);
  });
});

test("one changed byte of the program is another revision, wherever it is", () => {
  withCopy((folder) => {
    const seen = new Set([revisionOf(folder, wallets)]);
    const files = [
      "index.ts",
      "configuration.ts",
      "package.json",
      "package-lock.json",
      "tsconfig.json",
      "Pulumi.yaml",
      "components/key-transfer/sql/move.ts",
    ];
    for (const file of files) {
      writeFileSync(join(folder, file), `${readFileSync(join(folder, file), "utf8")} `);
      seen.add(revisionOf(folder, wallets));
    }
    assert.equal(seen.size, files.length + 1);
  });
});

test("a source file that is new, gone or renamed is another revision", () => {
  withCopy((folder) => {
    const before = revisionOf(folder, wallets);
    const path = join(folder, "components/new/part.ts");
    mkdirSync(dirname(path));
    writeFileSync(path, "");
    const added = revisionOf(folder, wallets);
    cpSync(path, join(folder, "components/new/other.ts"));
    rmSync(path);
    assert.equal(new Set([before, added, revisionOf(folder, wallets)]).size, 3);
    rmSync(dirname(path), { recursive: true });
    assert.equal(revisionOf(folder, wallets), before);
  });
});

test("whatever can be loaded in place of the program, or before it, is part of the revision", () => {
  withCopy((folder) => {
    const before = revisionOf(folder, wallets);
    for (const file of [
      "components/postgres/errors.js",
      "components/postgres/package.json",
      "components/native.node",
      "configuration.js",
      "index.cjs",
    ]) {
      writeFileSync(join(folder, file), "{}");
      assert.notEqual(revisionOf(folder, wallets), before, file);
      rmSync(join(folder, file));
    }
    const npm = join(folder, ".npmrc");
    const settings = readFileSync(npm, "utf8");
    for (const line of ["node-options=--require ./x.js", " node-options = --import x", "script-shell=/tmp/sh"]) {
      writeFileSync(npm, `${settings}\n${line}\n`);
      assert.notEqual(revisionOf(folder, wallets), before, line);
    }
    writeFileSync(npm, `${settings}\n//registry.example/:_authToken=x\n`);
    assert.equal(revisionOf(folder, wallets), before, "a token is no part of the program");
  });
});

test("one changed byte of a file that is no text is another revision", () => {
  withCopy((folder) => {
    const of = (byte: number) => {
      writeFileSync(join(folder, "components/part.wasm"), Buffer.from([0, byte]));
      return revisionOf(folder, wallets);
    };
    assert.notEqual(of(0xfe), of(0xff));
  });
});

test("what an editor leaves beside the program changes nothing", () => {
  withCopy((folder) => {
    const before = revisionOf(folder, wallets);
    for (const file of ["components/.DS_Store", "components/view/notes.txt", "result.json", ".configuration.ts.swp"])
      writeFileSync(join(folder, file), "x");
    assert.equal(revisionOf(folder, wallets), before);
  });
});

test("modules below components, and links that lead out of it, are refused by name", () => {
  for (const [name, make] of [
    ["components/node_modules", (path: string) => mkdirSync(path)],
    ["components/view/node_modules", (path: string) => symlinkSync("/tmp", path)],
    ["components/elsewhere", (path: string) => symlinkSync("/tmp", path)],
  ] as const)
    withCopy((folder) => {
      make(join(folder, name));
      assert.throws(() => revisionOf(folder, wallets), { code: "ERR_CONFIGURATION", message: new RegExp(`^${name} `) });
    });
});

test("the configuration that changes what a transfer means is part of it; what cannot, is not", () => {
  withCopy((folder) => {
    const changes = [
      {},
      { schema: "s" },
      { credentialsTable: "c" },
      { vaultTable: "v" },
      { keyPaths: [["a"]] },
      { keyPaths: [["a", "b"]] },
      { placeholders: [] },
      { credentialTypes: ["t"] },
    ];
    const revisions = changes.map((change) => revisionOf(folder, { ...wallets, ...change }));
    assert.equal(new Set(revisions).size, changes.length);
    const pace = { ...wallets, batchTargetMs: 7, databaseUrl: "postgresql://elsewhere" };
    assert.equal(revisionOf(folder, pace), revisions[0]);
    writeFileSync(join(folder, "README.md"), "other words");
    assert.equal(revisionOf(folder, wallets), revisions[0]);
  });
});
