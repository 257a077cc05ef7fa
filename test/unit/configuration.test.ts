import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configurationOf } from "../../configuration";

const databaseUrl = "postgresql://u:p@h/d";

/** The defaults that Pulumi.yaml declares, read from its text: `key:` at two blanks, `default:` at four. */
function declaredDefaults(): Record<string, unknown> {
  const text = readFileSync(join(__dirname, "../../Pulumi.yaml"), "utf8");
  const defaults: Record<string, unknown> = {};
  let key = "";
  for (const line of text.slice(text.indexOf("\nconfig:")).split("\n")) {
    key = /^ {2}(\w+):$/.exec(line)?.[1] ?? key;
    const value = /^ {4}default: (.*)$/.exec(line)?.[1];
    // A word without quotes is a text, unless it is true, false or a number.
    if (value !== undefined)
      defaults[key] = JSON.parse(
        value.replaceAll(/"[^"]*"|[A-Za-z_]\w*/g, (word) => (/^("|true$|false$)/.test(word) ? word : `"${word}"`)),
      );
  }
  return defaults;
}

test("the defaults are those that Pulumi.yaml declares", () => {
  const { databaseUrl: url, ...defaults } = configurationOf({ databaseUrl });
  assert.equal(url, databaseUrl);
  assert.deepEqual(defaults, declaredDefaults());
});

test("Pulumi.yaml declares every key", () => {
  const text = readFileSync(join(__dirname, "../../Pulumi.yaml"), "utf8");
  const declared = [...text.slice(text.indexOf("\nconfig:")).matchAll(/^ {2}(\w+):$/gm)].map(([, key]) => key);
  assert.deepEqual(Object.keys(configurationOf({ databaseUrl })).toSorted(), declared.toSorted());
});

const good: Readonly<Record<string, readonly (readonly [text: string, value: unknown])[]>> = {
  schema: [
    ['Odd "name"', 'Odd "name"'],
    ["123", "123"],
    ["true", "true"],
  ],
  credentialsTable: [["é".repeat(31), "é".repeat(31)]],
  vaultTable: [["v", "v"]],
  keyPaths: [['[["a"],["b","c"]]', [["a"], ["b", "c"]]]],
  placeholders: [
    ["[]", []],
    ['["x", ""]', ["x", ""]],
  ],
  credentialTypes: [['["t"]', ["t"]]],
  vaultValues: [
    ["{}", {}],
    [
      '{"a": "x", "b": 9007199254740991, "c": -0.5, "d": false, "e": null}',
      { a: "x", b: 9007199254740991, c: -0.5, d: false, e: null },
    ],
  ],
  strict: [["true", true]],
  monitoringReaders: [['["grafana"]', ["grafana"]]],
  createMonitoringReaders: [["true", true]],
  monitoringSchema: [
    ["m", "m"],
    ["", ""],
  ],
  collapseDuplicates: [["true", true]],
  proveIdentity: [["true", true]],
  indexDeadlineMinutes: [
    ["0.001", 0.001],
    ["10080", 10_080],
  ],
  lockTimeoutMs: [
    ["1", 1],
    ["60000", 60_000],
  ],
  lockDeadlineMinutes: [["0.01", 0.01]],
  batchTargetMs: [["10", 10]],
  maxMinutes: [
    ["0", 0],
    ["1.5", 1.5],
  ],
  maxReplicationLagSeconds: [["0.5", 0.5]],
  maxArchiveBacklog: [["1", 1]],
  promotedFrom: [
    ["dev", "dev"],
    ["organization/wallet-vault/staging", "organization/wallet-vault/staging"],
    ["", ""],
  ],
  promotionMaxAgeHours: [["1", 1]],
  acceptAttention: [['["missingKey:12", "conflict:0"]', ["missingKey:12", "conflict:0"]]],
};
const bad: Readonly<Record<string, readonly string[]>> = {
  schema: ["", "x".repeat(64), "é".repeat(32)],
  credentialsTable: ["", "a\0b"],
  vaultTable: ["x".repeat(64), "é".repeat(32)],
  keyPaths: [String.raw`[["a\u0000"]]`, "[]", "[[]]", '[[""]]', '["a"]', "private_key", '{"a": 1}', "null"],
  placeholders: [String.raw`["\u0000"]`, "x", "[1]", '"x"', "null"],
  credentialTypes: [String.raw`["a\u0000"]`, "ethereum_wallet", '[""]'],
  vaultValues: [
    "none",
    "[]",
    "null",
    '{"a": {}}',
    '{"a": ["x"]}',
    '{"": 1}',
    `{"${"é".repeat(32)}": 1}`,
    String.raw`{"a": "\u0000"}`,
    '{"vault_id": "x"}',
    '{"a": 9007199254740993}',
    '{"a": 1e400}',
    '{"__proto__": 1}',
  ],
  strict: ["yes", "1", '"true"', ""],
  monitoringReaders: [
    "grafana",
    '[""]',
    '["public"]',
    '["PUBLIC"]',
    '["a", "b", "a"]',
    String.raw`["a\u0000"]`,
    `["${"é".repeat(32)}"]`,
  ],
  createMonitoringReaders: ["on"],
  monitoringSchema: ["x".repeat(64), "é".repeat(32)],
  collapseDuplicates: ["maybe"],
  proveIdentity: ["maybe"],
  indexDeadlineMinutes: ["0", "0.0009", "-1", "10081", "soon", "null", "1e400"],
  lockTimeoutMs: ["0", "60001", "1.5", "NaN", '"500"'],
  lockDeadlineMinutes: ["0", "0.0009", "1441", "Infinity"],
  batchTargetMs: ["9", "60001", "50.5"],
  maxMinutes: ["-1", "10081"],
  maxReplicationLagSeconds: ["0", "86401"],
  maxArchiveBacklog: ["0", "1.5"],
  promotedFrom: ["a b", "a/b/c/d", "/a", "a//b"],
  promotionMaxAgeHours: ["0", "8761"],
  acceptAttention: ["missingKey:12", '["stored:1"]', '["missingKey"]', '["missingKey:-1"]', '["missingKey:x"]'],
};

test("every key takes what it says it takes", () => {
  for (const [key, cases] of Object.entries(good))
    for (const [text, value] of cases)
      assert.deepEqual(configurationOf({ databaseUrl, [key]: text })[key as "schema"], value, `${key} ${text}`);
});

test("every key refuses what it cannot use, with its name and what is allowed", () => {
  assert.deepEqual(Object.keys(bad), Object.keys(configurationOf({ databaseUrl })).slice(1), "no key is left out");
  for (const [key, texts] of Object.entries(bad))
    for (const text of texts)
      assert.throws(
        () => configurationOf({ databaseUrl, [key]: text }),
        (error: { code?: string; message: string }) => {
          assert.equal(error.code, "ERR_CONFIGURATION");
          assert.match(error.message, new RegExp(`\\b${key} has an impossible value; it must be \\S+`));
          return true;
        },
        `${key} ${text}`,
      );
});

test("a missing databaseUrl is told with its form", () => {
  for (const set of [{}, { databaseUrl: "" }])
    assert.throws(() => configurationOf(set), {
      code: "ERR_CONFIGURATION",
      message: /databaseUrl .*postgresql:\/\/.*--secret/,
    });
});

test("an unknown key is told with the ones there are", () => {
  assert.throws(() => configurationOf({ databaseUrl, keyPath: "[]" }), {
    code: "ERR_CONFIGURATION",
    message: /keyPath is not a key of this program \(it knows .*\bkeyPaths\b/,
  });
  for (const key of ["toString", "constructor", "__proto__"])
    assert.throws(
      () =>
        configurationOf(
          Object.fromEntries([
            ["databaseUrl", databaseUrl],
            [key, "x"],
          ]),
        ),
      {
        code: "ERR_CONFIGURATION",
      },
    );
});

test("all faults are told at once, and no value is repeated", () => {
  const set = { databaseUrl, strict: "s3cr3t-value", nonsense: "s3cr3t-value", keyPaths: "s3cr3t-value" };
  assert.throws(
    () => configurationOf(set),
    ({ message }: Error) =>
      ["strict", "nonsense", "keyPaths"].every((key) => message.includes(key)) && !message.includes("s3cr3t"),
  );
});
