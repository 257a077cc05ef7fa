import * as fc from "fast-check";
import type { Json, ModelWallet, Rules } from "./model";

/** A random case: what counts as a key, and wallets without their ids. */
export interface RandomCase {
  readonly rules: Rules;
  readonly column: "json" | "jsonb";
  readonly wallets: readonly Omit<ModelWallet, "id">[];
}

const paths: readonly Rules["keyPaths"][] = [
  [["private_key_encrypted"], ["vault_storage", "encrypted_private_key"]],
  [["private_key_encrypted"]],
  [["k"], ["k", "inner"], ["other"]],
  [['Key "quoted"'], ["a", "b\\c", "d'e"], ["{x,y}"]],
  [["ключ"], ["🔑", "null"]],
];
const placeholderLists: readonly Rules["placeholders"][] = [
  ["MIGRATION_REQUIRED"],
  [],
  ["MIGRATION_REQUIRED", 'it\'s {a,b} "x" \\ NULL', "☠"],
];
const typeLists: readonly Rules["credentialTypes"][] = [
  [],
  ["ethereum_wallet"],
  ["ethereum_wallet", "solana's wallet"],
];

/** All of Unicode's White_Space, two invisible characters that are none, and U+FEFF, which counts as white space here. */
const blanks = [
  ..." \t\n\u000b\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff",
];
const nearlyBlanks = ["\u200b", "\u180e", "\u2060"];

const whiteSpace = fc.array(fc.constantFrom(...blanks), { maxLength: 4 }).map((parts) => parts.join(""));
const hexKey = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`);
const oddKey = fc.oneof(
  fc.constantFrom(
    "Ключ",
    "clé́",
    "cle\u0301",
    "cl\u00e9",
    "مفتاح",
    "\u202eyek",
    "🔑👩‍👩‍👧‍👦",
    "\\x00",
    "$1",
    "'; drop table x; --",
    "null",
    '"k"',
  ),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
  fc.tuple(whiteSpace, hexKey, whiteSpace).map((parts) => parts.join("")),
  fc.tuple(whiteSpace, fc.constantFrom(...nearlyBlanks), whiteSpace).map((parts) => parts.join("")),
);

/** Values that are nearly a placeholder: other case, blanks around it, twice. */
const nearly = (placeholders: readonly string[]) =>
  fc
    .constantFrom(...(placeholders.length > 0 ? placeholders : ["MIGRATION_REQUIRED"]))
    .chain((exact) => fc.constantFrom(exact.toLowerCase(), ` ${exact}`, `${exact}\n`, `${exact}${exact}`, exact));

const text = (rules: Rules) =>
  fc.oneof(
    { weight: 6, arbitrary: hexKey },
    { weight: 2, arbitrary: oddKey },
    { weight: 2, arbitrary: whiteSpace },
    { weight: 2, arbitrary: nearly(rules.placeholders) },
    { weight: 1, arbitrary: fc.constantFrom("same", "Same", "same ") },
  );

/** What stands at a key path; undefined: nothing. */
const value = (rules: Rules): fc.Arbitrary<Json | undefined> =>
  fc.oneof(
    { weight: 6, arbitrary: text(rules) },
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Json>(0, 12345678901234, true, false, [], ["0xabc"], {}, { key: "0xabc" }, [["a"]]),
    },
  );

/** An object with the values at the paths; a path that leads through another's text stays empty. */
function documentOf(keyPaths: Rules["keyPaths"], values: readonly (Json | undefined)[], extra: Json | undefined): Json {
  const root: Record<string, Json> = { note: "x", length: 3 };
  if (extra !== undefined) root["private_key_vault_id"] = extra;
  keyPaths.forEach((path, i) => {
    const here = values[i];
    if (here === undefined) return;
    let object = root;
    for (const name of path.slice(0, -1)) {
      const next = object[name] ?? (object[name] = {});
      if (next === null || typeof next !== "object" || Array.isArray(next)) return;
      object = next as Record<string, Json>;
    }
    object[path.at(-1) ?? ""] ??= structuredClone(here);
  });
  return root;
}

const wallet = (rules: Rules): fc.Arbitrary<Omit<ModelWallet, "id">> =>
  fc
    .record({
      type: fc.constantFrom("ethereum_wallet", "ethereum_wallet", "solana's wallet", "Ethereum_Wallet"),
      shape: fc.constantFrom(..."oooooooooooooooonas".split("")),
      values: fc.tuple(value(rules), value(rules), value(rules)),
      same: fc.boolean(),
      ownId: fc.oneof(
        { weight: 6, arbitrary: fc.constant(undefined) },
        { weight: 3, arbitrary: fc.constantFrom<Json>("", 7, null, "own-shared", "vault-kv-1", ["x"]) },
        { weight: 2, arbitrary: fc.uuid() },
      ),
      keyVaultId: fc.oneof(fc.constantFrom(null, "", "kv-1", "kv-1", "kv-2"), fc.uuid()),
      flag: fc.constantFrom(null, false, true),
      dated: fc.boolean(),
      vaultId: fc.oneof(fc.constantFrom("own-shared", "vault-kv-1", "vault-kv-2"), fc.uuid(), fc.uuid(), fc.uuid()),
      vault: fc.constantFrom("none", "none", "none", "blank", "placeholder", "equal", "equal", "other"),
      other: text(rules),
      blank: whiteSpace,
    })
    .map(({ shape, values, same, ownId, vault, vaultId, other, blank, type, keyVaultId, flag, dated }) => {
      const held = same ? [values[0], values[0], undefined] : values;
      const object = documentOf(rules.keyPaths, held, ownId);
      const metadata =
        shape === "o" ? object : shape === "a" ? [object] : shape === "s" ? JSON.stringify(object) : undefined;
      const key = {
        none: undefined,
        blank,
        placeholder: rules.placeholders[0] ?? "MIGRATION_REQUIRED",
        equal: held.find((one): one is string => typeof one === "string" && one.trim() !== "") ?? other,
        other,
      }[vault];
      return {
        type,
        metadata,
        flag,
        dated,
        keyVaultId,
        vault: key === undefined ? undefined : { vaultId, key },
      } as Omit<ModelWallet, "id">;
    });

/** Cases of `size` wallets. No two vault rows share an id: the table has a unique constraint on it. */
export const randomCase = (size: number): fc.Arbitrary<RandomCase> =>
  fc
    .record({
      keyPaths: fc.constantFrom(...paths),
      placeholders: fc.constantFrom(...placeholderLists),
      credentialTypes: fc.constantFrom(...typeLists),
    })
    .chain((rules) =>
      fc.record({
        rules: fc.constant(rules),
        column: fc.constantFrom("json" as const, "jsonb" as const, "jsonb" as const),
        wallets: fc.array(wallet(rules), { minLength: size / 2, maxLength: size, size: "max" }).map((wallets) => {
          const used = new Set<string>();
          return wallets.map((one) => {
            if (one.vault === undefined) return one;
            if (used.has(one.vault.vaultId)) return { ...one, vault: undefined };
            used.add(one.vault.vaultId);
            return one;
          });
        }),
      }),
    );
