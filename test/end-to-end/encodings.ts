import type { Database } from "../support/database";

/** Every way in which a value could be written down without being meant to. */
export function encodings(value: string): string[] {
  const bytes = Buffer.from(value);
  const json = JSON.stringify(value).slice(1, -1);
  const all = [
    value,
    [...value].toReversed().join(""),
    ...["base64", "base64url", "hex"].map((encoding) => bytes.toString(encoding as "hex")),
    // Inside of a longer text in base64 a value begins at any of three places.
    ...[1, 2].map((offset) => inBase64(bytes, offset)),
    json,
    // JSON within JSON, as a state holds what a diagnostic quotes.
    JSON.stringify(json).slice(1, -1),
    // ASCII only, as some serialisers write it.
    json.replaceAll(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`),
    value.replaceAll("'", "''"),
    encodeURIComponent(value),
    bytes.toString("hex").toUpperCase(),
  ];
  return [...new Set(all)].filter((spelling) => spelling.length >= 8);
}

function inBase64(bytes: Buffer, offset: number): string {
  // Without the characters at both ends, which neighbours share.
  return Buffer.concat([Buffer.alloc(offset), bytes])
    .toString("base64")
    .slice(4, -4);
}

/** All real keys of the fixture: those in metadata, those in the vault. */
export async function allKeys(database: Database): Promise<string[]> {
  const found = await database.query<{ key: string }>(`
    select distinct key from (
      select metadata ->> 'private_key_encrypted' as key from project_credentials
      union select metadata #>> '{vault_storage,encrypted_private_key}' from project_credentials
      union select encrypted_private_key from credential_vault_storage) k
     where key not in ('', 'MIGRATION_REQUIRED')`);
  return found.map(({ key }) => key);
}

/** Where one of the values stands, in words; empty where none does. The values themselves are not told. */
export function leaks(values: readonly string[], places: Readonly<Record<string, string>>): string[] {
  const wanted = values.map((value, index) => ({ index, ways: encodings(value) }));
  return Object.entries(places).flatMap(([place, text]) =>
    wanted.flatMap(({ index, ways }) =>
      ways.flatMap((way, kind) => (text.includes(way) ? [`value ${index}, spelling ${kind}, in ${place}`] : [])),
    ),
  );
}
