import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { declareWalletVault } from "wallet-vault";

test("a program that declares a WalletVault is told what of its settings is wrong, before anything is connected to", async () => {
  pulumi.runtime.setConfig(`${pulumi.getProject()}:databaseUrl`, "postgresql://nobody:secret-word@127.0.0.1:1/none");
  await assert.rejects(declareWalletVault("vault", { schema: "", keyPaths: [] }), (error: Error) => {
    assert.match(error.message, /schema has an impossible value.*keyPaths has an impossible value.*ERR_CONFIGURATION/s);
    assert.match(error.message, /Change the settings in the program/);
    assert.doesNotMatch(error.message, /databaseUrl has|secret-word/);
    return true;
  });
});

test("a program without databaseUrl in its configuration is told how to set it", async () => {
  pulumi.runtime.setAllConfig({});
  await assert.rejects(declareWalletVault("vault"), /databaseUrl is missing.*pulumi config set --secret databaseUrl/s);
});
