import assert from "node:assert/strict";
import { test } from "node:test";
import { withTablesLocked } from "../../components/key-transfer/locked-tables";
import { takeSurvey } from "../../components/key-transfer/survey";
import { withClient } from "../../components/postgres/connection";
import { defaultWaitLimits, lockWaitOf } from "../../components/postgres/deadline";
import { readVaultRows, type VaultRows } from "../../components/exposure/rows/vault-rows";
import { readWalletRows, type WalletRows } from "../../components/exposure/rows/wallet-rows";
import type { Wallets } from "../../components/key-transfer/wallets";
import { wallets } from "../../fixtures/wallets";
import { type Database, testedMajors, withDatabase } from "../support/database";
import { randomKey } from "./looked";

const key = "4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1d";
const address = "0x90f8bf6a479f320ead074411a4b0e7944ea8c9c1";
const phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";

async function read(url: string, changes: Partial<Wallets> = {}): Promise<WalletRows & { vault: VaultRows }> {
  const these = { ...wallets, ...changes };
  const { schemaFacts } = await takeSurvey(url, these);
  const session = { purpose: "a test", readOnly: true };
  return withClient(url, session, (client) =>
    withTablesLocked(
      client,
      these,
      "a test",
      lockWaitOf(defaultWaitLimits, () => undefined),
      async () => ({
        ...(await readWalletRows(client, these, schemaFacts)),
        vault: await readVaultRows(client, these, schemaFacts),
      }),
    ),
  );
}

interface Row {
  readonly address?: string;
  readonly publicKey?: string;
  readonly metadata?: unknown;
  readonly vault?: string;
  readonly method?: string;
  readonly type?: string;
}

async function load({ query }: Pick<Database, "query">, rows: readonly Row[]): Promise<void> {
  for (const [n, row] of rows.entries()) {
    const [wallet] = await query<{ id: string }>(
      `insert into project_credentials (project_id, credential_type, wallet_address, metadata)
       values (gen_random_uuid(), $1, $2, $3) returning id`,
      [row.type ?? "w", row.address ?? null, row.metadata === undefined ? null : JSON.stringify(row.metadata)],
    );
    if (row.publicKey !== undefined)
      await query("update project_credentials set public_key = $2 where id = $1", [wallet?.id, row.publicKey]);
    if (row.vault !== undefined)
      await query(
        `insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key, encryption_method) values ($1, $2, $3, $4)`,
        [wallet?.id, `v${n}`, row.vault, row.method ?? null],
      );
  }
}

const at = (value: unknown, more: object = {}): object => ({ private_key_encrypted: value, ...more });

const inColumn = (rows: WalletRows, column: string): number =>
  rows.inColumns.find((one) => one.column === column)?.wallets ?? 0;

const named = (rows: WalletRows): Record<string, number> =>
  Object.fromEntries(rows.fieldNames.filter((one) => one.wallets > 0).map(({ word, wallets: n }) => [word, n]));

for (const major of testedMajors) {
  test(`a key in wallet_address or public_key is counted, also its beginning, a piece, or other letters (PostgreSQL ${major})`, async () => {
    const rows: Row[] = [
      { address, publicKey: "04aa".repeat(16), metadata: at(`0x${key}`) },
      { address: `0x${key}`, metadata: at(`0x${key}`) },
      { address: key.toUpperCase(), metadata: at(`0x${key}`) },
      { address: `eth:${key}`, metadata: at(key) },
      { address: `0x${key}`, vault: key },
      { address, publicKey: key, vault: key },
      { address: `0x${key}`, publicKey: key, metadata: at(key) },
      { address: `G${key.slice(0, 55)}`, metadata: at(key) },
      { address: "MIGRATION_REQUIRED", metadata: at("MIGRATION_REQUIRED") },
      { address: "abc", metadata: at("abc") },
      { metadata: at(key) },
      { address },
    ];
    await withDatabase({ major }, async (database) => {
      await load(database, rows);
      const seen = await read(database.url);
      assert.deepEqual([inColumn(seen, "wallet_address"), inColumn(seen, "public_key")], [6, 2]);
    });
  });

  test(`a key elsewhere in metadata is counted, and one at the key paths alone is not (PostgreSQL ${major})`, async () => {
    const deep = { backup: [{ old: { k: `pk=${key.toUpperCase()};` } }] };
    const rows: [Row, boolean][] = [
      [{ metadata: at(key) }, false],
      [{ metadata: at(key, { vault_storage: { encrypted_private_key: key } }) }, false],
      [{ metadata: at(key), vault: key }, false],
      [{ metadata: at(key, { note: address }) }, false],
      [{ metadata: at(phrase, { note: "legal winner" }) }, false],
      [{ metadata: at("short", { note: "short" }) }, false],
      [{ metadata: at(`0x${key}`, { copy: key }) }, true],
      [{ metadata: at(key, deep) }, true],
      [{ metadata: deep, vault: key }, true],
      [{ metadata: at(key, { vault_storage: { encrypted_private_key: key }, again: key }), vault: key }, true],
      [{ metadata: at(phrase, { words: phrase }) }, true],
      [{ metadata: at(`"quoted"\\ and\n${key}`, { copy: `"quoted"\\ and\n${key}` }) }, true],
      [{ metadata: at(`"quoted"\\ and\n${key}`) }, false],
      [{ metadata: { private_key_encrypted: [key] }, vault: key }, true],
      [{ metadata: at("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", { copy: "a".repeat(32) }) }, true],
    ];
    await withDatabase({ major }, async (database) => {
      for (const [row, expected] of rows) {
        await database.query("truncate project_credentials cascade");
        await load(database, [row]);
        const { elsewhere } = await read(database.url);
        assert.equal(elsewhere, expected ? 1 : 0, JSON.stringify(row));
      }
    });
  });

  test(`one key under several wallets is counted, as hex with and without 0x, in the vault or not (PostgreSQL ${major})`, async () => {
    const [one, two, three] = [randomKey(), randomKey(), randomKey()];
    const rows: Row[] = [
      { metadata: at(one) },
      { vault: one.slice(2).toUpperCase() },
      { metadata: at(two) },
      { metadata: at(two), vault: two },
      { metadata: at(two) },
      { metadata: at(three) },
      {},
      {},
    ];
    await withDatabase({ major }, async (database) => {
      await load(database, rows);
      const seen = await read(database.url);
      assert.deepEqual([seen.wallets, seen.shared], [8, { keys: 2, wallets: 5 }]);
    });
  });

  test(`names of fields that speak of keys are counted by word, besides those of the key paths (PostgreSQL ${major})`, async () => {
    const rows: [object, Record<string, number>][] = [
      [at(key), {}],
      [at("", { vault_storage: { encrypted_private_key: key } }), {}],
      [at(key, { private_key_vault_id: "kv-1", has_private_key: true, note: "mnemonic: none", seed: "" }), {}],
      [at(key, { mnemonic: phrase }), { mnemonic: 1 }],
      [at(key, { wallet: { seedPhrase: phrase } }), { mnemonic: 1 }],
      [at(key, { hdSeed: "00ff" }), { seed: 1 }],
      [at(key, { old: { private_key_encrypted: randomKey() } }), { "private key": 1 }],
      [{ evm: { privateKey: randomKey() } }, { "private key": 1 }],
      [at(key, { keystore: { version: 3 }, keystorePassword: "p" }), { keystore: 1, password: 1 }],
      [at(key, { export: JSON.stringify({ mnemonic: phrase }) }), { mnemonic: 1 }],
    ];
    await withDatabase({ major }, async (database) => {
      for (const [metadata, expected] of rows) {
        await database.query("truncate project_credentials cascade");
        await load(database, [{ metadata }]);
        assert.deepEqual(named(await read(database.url)), expected, JSON.stringify(metadata));
      }
    });
  });

  test(`values are told apart by their shape, and a method that says more than the value shows is counted (PostgreSQL ${major})`, async () => {
    const base64 = (bytes: number): string => Buffer.alloc(bytes, 7).toString("base64");
    const plain = [
      key,
      `0x${key}`,
      "L1aW4aubDFB7yfras2S1mN3bqg9nwySY8nkoLmJebSLD5BWv3ENZ",
      "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
      "4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoCtajS4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoCtajS",
      "SCZANGBA5YHTNYVVV4C3U252E2B6P6F5T3U6MM63WBSBZATAQI3EBTQ4",
      "suiprivkey1qzwant3kaegmjy4qxex93s0jzvemekkjmyv3r2sjwgnv2y479pgsywhveae",
      phrase,
      `${phrase} ${phrase}`,
      JSON.stringify(Array.from({ length: 64 }, (_, n) => n)),
      "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
      "-----BEGIN EC PRIVATE KEY-----\nMHQ",
    ];
    const sealed = [
      "eyJhbGciOiJkaXIi.e30.aaaa.bbbb.cccc",
      "vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX9vyf7w==",
      `AQICAH${base64(30)}`,
      "age-encryption.org/v1\n-> X25519",
      "-----BEGIN PGP MESSAGE-----\n\nhQEM",
      `gAAAAA${base64(60)}`,
      `U2FsdGVkX1${base64(40)}`,
      JSON.stringify({ version: 3, crypto: { cipher: "aes-128-ctr", ciphertext: "ab", cipherparams: { iv: "cd" } } }),
      JSON.stringify({ salt: "aa", iv: "bb", encrypted: "cc", authTag: "dd" }),
      `${"ab".repeat(12)}:${"cd".repeat(16)}:${"ef".repeat(32)}`,
      `${"ab".repeat(16)}:${"ef".repeat(32)}`,
    ];
    const unknown = [base64(48), "deadbeef", JSON.stringify({ note: "nothing" }), "x".repeat(44)];
    const rows = [plain, sealed, unknown].flatMap((values, n) =>
      values.map((value): Row => ({ vault: value, method: n === 0 && value === phrase ? "none" : "AES-256-GCM" })),
    );
    await withDatabase({ major }, async (database) => {
      await database.query("alter table credential_vault_storage drop constraint valid_encryption_method");
      await load(database, rows);
      const { vault, shapes } = await read(database.url);
      assert.deepEqual(vault.shapes, { sealed: sealed.length, plain: plain.length, unknown: unknown.length });
      assert.equal(vault.overstated, plain.length - 1);
      assert.deepEqual(shapes, { sealed: 0, plain: 0, unknown: 0 });
      for (const values of [plain, sealed, unknown])
        for (const value of values) {
          await database.query("truncate project_credentials cascade");
          await load(database, [{ metadata: at(value) }]);
          const kind = values === plain ? "plain" : values === sealed ? "sealed" : "unknown";
          assert.equal((await read(database.url)).shapes[kind], 1, `${kind}: ${value}`);
        }
    });
  });
}

test("only wallets of the configured types are looked at", async () => {
  const rows: Row[] = [
    { type: "a", address: `0x${key}`, metadata: at(key, { mnemonic: phrase }) },
    { type: "b", address: `0x${key}`, metadata: at(key, { mnemonic: phrase }), vault: key, method: "AES-256-GCM" },
  ];
  await withDatabase({}, async (database) => {
    await load(database, rows);
    const seen = await read(database.url, { credentialTypes: ["a"] });
    assert.deepEqual(
      [seen.wallets, inColumn(seen, "wallet_address"), named(seen), seen.shared.keys, seen.vault.shapes.plain],
      [1, 1, { mnemonic: 1 }, 0, 0],
    );
  });
});

for (const major of testedMajors)
  test(`a json column, and documents that jsonb refuses, are looked at as far as they can be (PostgreSQL ${major})`, async () => {
    const sql = `alter table project_credentials alter metadata type json using metadata::json;
      insert into project_credentials (project_id, credential_type, metadata) values
        (gen_random_uuid(), 'w', '{"private_key_encrypted": "${key}", "copy": "${key}"}'),
        (gen_random_uuid(), 'w', '{"private_key_encrypted": "${key}", "bad": "\\u0000"}'),
        (gen_random_uuid(), 'w', '[1, "${key}"]'), (gen_random_uuid(), 'w', '"scalar"'), (gen_random_uuid(), 'w', null)`;
    await withDatabase({ major, sql }, async ({ url }) => {
      const seen = await read(url);
      assert.deepEqual([seen.wallets, seen.elsewhere], [5, 1]);
    });
  });

test("a role that may not read public_key has the other columns looked at", async () => {
  await withDatabase({}, async (database) => {
    await load(database, [{ address: `0x${key}`, publicKey: key, metadata: at(key) }]);
    const role = `few_${database.name}`;
    const columns = "id, project_id, credential_type, network, wallet_address, key_vault_id, metadata";
    await database.query(`create role ${role} login bypassrls password 'few'`);
    try {
      await database.query(
        `grant select (${columns}, vault_stored, vault_backup_date) on project_credentials to ${role}`,
      );
      await database.query(`grant select on credential_vault_storage to ${role}`);
      const url = new URL(database.url);
      url.username = role;
      url.password = "few";
      const { schemaFacts } = await takeSurvey(database.url, wallets);
      const seen = await withClient(url.href, { purpose: "a test", readOnly: true }, async (client) => {
        await client.query("begin");
        return readWalletRows(client, wallets, schemaFacts);
      });
      assert.deepEqual([inColumn(seen, "wallet_address"), inColumn(seen, "public_key")], [1, 0]);
    } finally {
      await database.query(`drop owned by ${role}`);
      await database.query(`drop role ${role}`);
    }
  });
});
