import assert from "node:assert/strict";
import { test } from "node:test";
import { testedMajors, withDatabase } from "../support/database";
import { surveyOf } from "../support/surveys";

const wallet = (type: string): string =>
  `insert into project_credentials (project_id, credential_type, metadata)
     values (gen_random_uuid(), ${type}, '{"private_key_encrypted": "0xTESTKEY"}');`;

for (const major of testedMajors)
  test(`a credential type that no wallet has is refused, and the types that are there are named (PostgreSQL ${major})`, () =>
    withDatabase(
      { major, sql: wallet("'ethereum_wallet'") + wallet("'bitcoin-wallet'") + wallet("'0xSECRET KEY'") },
      async ({ url }) => {
        await assert.rejects(surveyOf(url, { credentialTypes: ["bitcoin-wallet", "etherium_wallet"] }), {
          code: "ERR_CONFIGURATION",
          message:
            'credentialTypes names "etherium_wallet", which no wallet in public.project_credentials has. Types that are there: bitcoin-wallet, ethereum_wallet, 1 more. ' +
            "Correct it with: npm run pulumi -- config set credentialTypes '[…]', or config rm credentialTypes for all types. [ERR_CONFIGURATION]",
        });
        const { credentials } = await surveyOf(url, { credentialTypes: ["bitcoin-wallet", "ethereum_wallet"] });
        assert.equal(credentials, 2);
      },
    ));

test("a label that an enum does not know is refused like any other, and many types are not all named", () => {
  const types = Array.from({ length: 14 }, (_, n) => `'type_${String(n).padStart(2, "0")}'`);
  const sql = `create type kind as enum (${types.join(", ")}, 'unused');
    alter table project_credentials alter credential_type type kind using credential_type::text::kind;
    ${types.map(wallet).join(" ")}`;
  return withDatabase({ sql }, async ({ url }) => {
    await assert.rejects(surveyOf(url, { credentialTypes: ["type_0"] }), /there: type_00, .*, type_09, 4 more\. /);
    await assert.rejects(surveyOf(url, { credentialTypes: ["unused"] }), { code: "ERR_CONFIGURATION" });
    assert.equal((await surveyOf(url, { credentialTypes: ["type_01"] })).credentials, 1);
  });
});

test("a table without any wallet is no fault of the configuration", () =>
  withDatabase({}, async ({ url }) => {
    assert.equal((await surveyOf(url, { credentialTypes: ["ethereum_wallet"] })).credentials, 0);
  }));
