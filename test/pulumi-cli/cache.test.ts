import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { after, test } from "node:test";
import { cachedPulumi, cacheEntry, fillCache } from "../../pulumi-cli/cached";
import { wantedVersion } from "../../pulumi-cli/release";

const folder = mkdtempSync(join(tmpdir(), "wallet-vault-cache-"));
const [cache, path] = [process.env["XDG_CACHE_HOME"], process.env["PATH"]];
process.env["XDG_CACHE_HOME"] = folder;
after(() => {
  rmSync(folder, { recursive: true });
  if (cache === undefined) delete process.env["XDG_CACHE_HOME"];
  else process.env["XDG_CACHE_HOME"] = cache;
});

test("a cached CLI is for one version, one kind of machine and one way to build it", () => {
  const prefix = `pulumi-${wantedVersion}-${process.platform}-${process.arch}-`;
  assert.match(basename(cacheEntry()), new RegExp(`^${prefix.replaceAll(".", "\\.")}[0-9a-f]{12}$`));
  // As it was called before it told more than the version.
  const old = join(dirname(cacheEntry()), `pulumi-${wantedVersion}`);
  mkdirSync(old, { recursive: true });
  writeFileSync(join(old, "origin"), "built\n");
  assert.equal(cachedPulumi(), undefined);
});

test("what a killed build has left goes when the next one begins, and other entries stay", async (t) => {
  t.mock.method(globalThis, "fetch", () => Promise.reject(new Error("on purpose")));
  const [left, other] = [`${cacheEntry()}.partial-abc`, `${cacheEntry()}0.partial-abc`];
  for (const each of [left, other]) mkdirSync(join(each, "complete"), { recursive: true });
  process.env["PATH"] = folder;
  try {
    await assert.rejects(
      fillCache(() => undefined),
      /no Pulumi CLI to use[^]*there is no go on PATH/,
    );
  } finally {
    process.env["PATH"] = path;
  }
  assert.deepEqual([existsSync(left), existsSync(other)], [false, true]);
  assert.deepEqual(
    readdirSync(dirname(other)).filter((name) => name.includes(".partial-")),
    [basename(other)],
  );
});

test("where the cache folder cannot be made, the advice is XDG_CACHE_HOME", async () => {
  const file = join(folder, "a file");
  writeFileSync(file, "");
  process.env["XDG_CACHE_HOME"] = file;
  try {
    await assert.rejects(
      fillCache(() => undefined),
      /ENOTDIR[^]*Set XDG_CACHE_HOME/,
    );
  } finally {
    process.env["XDG_CACHE_HOME"] = folder;
  }
});
