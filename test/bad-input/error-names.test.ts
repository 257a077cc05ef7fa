import assert from "node:assert/strict";
import { test } from "node:test";
import { withClient, withTransaction } from "../../components/postgres/connection";
import { testedMajors, withDatabase } from "../support/database";

const secret = "0x3f9a1c5577e0b2d4461890fedcba2233445566778899aabbccddeeff00112233";

/** Raises whatever names it is told, as a trigger of users could. */
const raise = (names: Readonly<Record<string, string>>): string => {
  const given = Object.entries({ errcode: "23514", ...names }).map(([option, value]) => `${option} = '${value}'`);
  return `do $$ begin raise exception using message = '${secret}', ${given.join(", ")}; end $$`;
};

async function told(url: string, sql: string): Promise<string> {
  const failed = withClient(url, { purpose: "trying" }, (client) =>
    withTransaction(client, "read write", async () => {
      // As a trigger may: what looks the names up must not be resolved there.
      await client.query("select set_config('search_path', 'public', false)");
      await client.query(sql);
    }),
  );
  return failed.then(
    () => "no error",
    (error: Error) => error.message,
  );
}

for (const major of testedMajors)
  test(`an error names what the catalog knows, and nothing else that came with it (PostgreSQL ${major})`, async () => {
    await withDatabase({ major }, async ({ url, query }) => {
      await query(
        "create unique index one_method on credential_vault_storage (encryption_method) where vault_id = 'x'",
      );
      const vault = { schema: "public", table: "credential_vault_storage" };
      for (const [names, place] of [
        [{ ...vault, column: "vault_id" }, " (table public.credential_vault_storage, column vault_id)"],
        [
          { ...vault, constraint: "credential_vault_storage_pkey" },
          " (table public.credential_vault_storage, constraint credential_vault_storage_pkey)",
        ],
        [{ constraint: "one_method", errcode: "23505" }, " (index one_method)"],
        [{ ...vault, column: secret, constraint: secret }, " (table public.credential_vault_storage)"],
        [{ schema: secret, table: "credential_vault_storage", column: "vault_id" }, ""],
        [{ schema: "public", table: secret, column: "vault_id", constraint: secret }, ""],
        [{}, ""],
      ] as const) {
        const message = await told(url, raise(names));
        const condition = "errcode" in names ? "23505 unique_violation" : "23514 check_violation";
        assert.ok(message.includes(`PostgreSQL reported ${condition}${place}.`), message);
        assert.ok(!message.includes(secret.slice(2, 20)));
      }
      // PostgreSQL's own errors keep their names.
      assert.match(
        await told(url, "insert into public.credential_vault_storage (vault_id) values (null)"),
        /23502 not_null_violation \(table public\.credential_vault_storage, column \w+\)/,
      );
    });
  });
