import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { downloadOfficial } from "../../pulumi-cli/official";
import { versionOf } from "../../pulumi-cli/on-path";
import { wantedVersion } from "../../pulumi-cli/release";

const folder = mkdtempSync(join(tmpdir(), "wallet-vault-official-"));
after(() => rmSync(folder, { recursive: true }));

const name = `pulumi-v${wantedVersion}-${process.platform}-${process.arch}.tar.gz`;
const archive = archiveOfARelease();

/** A release's archive: a folder `pulumi` with the programs in it. */
function archiveOfARelease(): Buffer {
  mkdirSync(join(folder, "pulumi"));
  writeFileSync(join(folder, "pulumi", "pulumi"), `#!/bin/sh\necho v${wantedVersion}\n`);
  chmodSync(join(folder, "pulumi", "pulumi"), 0o755);
  const file = join(folder, "archive.tar.gz");
  assert.equal(spawnSync("tar", ["-czf", file, "-C", folder, "pulumi"]).status, 0);
  return readFileSync(file);
}

/** Answers the download's requests from here. No network is used. */
function serve(t: TestContext, files: Record<string, string | Uint8Array<ArrayBuffer>>): void {
  t.mock.method(globalThis, "fetch", (url: string) => {
    const body = files[url.slice(url.lastIndexOf("/") + 1)];
    return Promise.resolve(body === undefined ? new Response("", { status: 403 }) : new Response(body));
  });
}

function download(): { bin: string; done: Promise<void> } {
  const here = mkdtempSync(join(folder, "download-"));
  const bin = join(here, "bin");
  return { bin, done: downloadOfficial(bin, here, () => undefined) };
}

const checksums = `pulumi-${wantedVersion}-checksums.txt`;
const sum = createHash("sha256").update(archive).digest("hex");

test("the official archive is unpacked when its SHA-256 is the published one", async (t) => {
  serve(t, { [checksums]: `${sum}  ${name}\n`, [name]: new Uint8Array(archive) });
  const { bin, done } = download();
  await done;
  assert.equal(versionOf(join(bin, "pulumi")), wantedVersion);
});

test("an archive with another SHA-256 is never unpacked", async (t) => {
  serve(t, { [checksums]: `${"0".repeat(64)}  ${name}\n`, [name]: new Uint8Array(archive) });
  const { bin, done } = download();
  await assert.rejects(done, new RegExp(`the SHA-256 of ${name} is ${sum} instead of 0000`));
  assert.throws(() => readFileSync(join(bin, "pulumi")), { code: "ENOENT" });
});

test("a release that is not there is named with its address and status", async (t) => {
  serve(t, {});
  await assert.rejects(download().done, /checksums\.txt answers with status 403/);
});
