import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { forTypeScript, projectFolder } from "../../launcher/project-folder";
import { passphraseFault } from "../../pulumi-cli/passphrase";

function withFile(content: string | undefined, use: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "wallet-vault-passphrase-"));
  const file = join(folder, "passphrase");
  try {
    if (content !== undefined) writeFileSync(file, content);
    use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const making = [
  ["stack", "init", "dev"],
  ["--non-interactive", "stack", "init", "dev", "--secrets-provider", "passphrase"],
  ["stack", "select", "dev", "--create"],
  ["stack", "change-secrets-provider", "passphrase"],
];
const others = [
  ["up"],
  ["stack", "ls"],
  ["stack", "select", "dev"],
  ["stack", "init", "dev", "--secrets-provider=awskms://alias/x"],
];

test("no stack is made with an empty passphrase file, or one that is not there", () => {
  for (const content of ["", " \n", undefined])
    withFile(content, (file) => {
      const environment = { PULUMI_CONFIG_PASSPHRASE_FILE: file };
      for (const args of making) assert.match(passphraseFault(args, environment) ?? "", /openssl rand/, args.join(" "));
      for (const args of others) assert.equal(passphraseFault(args, environment), undefined, args.join(" "));
      assert.equal(
        passphraseFault(["stack", "init", "dev"], { ...environment, PULUMI_CONFIG_PASSPHRASE: "x" }),
        undefined,
      );
    });
});

test("a passphrase in the file, or no file at all, is nobody's business", () => {
  withFile("secret\n", (file) =>
    assert.equal(passphraseFault(["stack", "init", "dev"], { PULUMI_CONFIG_PASSPHRASE_FILE: file }), undefined),
  );
  assert.equal(passphraseFault(["stack", "init", "dev"], {}), undefined);
});

test("npm run pulumi refuses before anything is made", () =>
  withFile("", (file) => {
    const { PULUMI_CONFIG_PASSPHRASE: _, ...rest } = process.env;
    const env = { ...rest, PULUMI_CONFIG_PASSPHRASE_FILE: file, PATH: "/nowhere" };
    const args = [...forTypeScript, "pulumi-cli/pulumi.ts", "stack", "init", "dev"];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: projectFolder, env, encoding: "utf8" });
    assert.equal(status, 1);
    assert.match(stderr, /^The file .* is empty, and an empty passphrase protects nothing\. Make it/);
  }));
