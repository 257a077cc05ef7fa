import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { revisionOf } from "../../revision";
import { wallets } from "../support/wallets";

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
    for (const file of ["index.ts", "Pulumi.yaml", "components/key-transfer/transfer.ts"]) {
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
      "components/key-transfer/statements/move.ts",
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
