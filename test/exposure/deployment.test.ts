import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../../components/exposure/finding";
import { stackName, withDeployment } from "../end-to-end/stack";
import { keysIn } from "../support/leaks";

/** Rows of the two tables, kept by a trigger as an audit extension keeps them. */
const audit = `
  create table audit_log (old_row jsonb, new_row jsonb);
  create function audit() returns trigger language plpgsql as $$ begin
    insert into audit_log values (case when tg_op = 'UPDATE' then to_jsonb(old) end, to_jsonb(new)); return null; end $$;
  create trigger audit after insert or update on project_credentials for each row execute function audit();
  create trigger audit after insert or update on credential_vault_storage for each row execute function audit();`;

test("a preview says what will copy the keys, an update lists it, and a second one changes nothing", () =>
  withDeployment(
    { load: ["wallet-system", ["waiting", 6]], sql: audit },
    {},
    async ({ database: { query }, project, must }) => {
      const keys = (
        await query<{ key: string }>("select metadata ->> 'private_key_encrypted' as key from project_credentials")
      ).map(({ key }) => key);
      const copied = async (): Promise<number> =>
        Number((await query<{ n: string }>("select count(*) as n from audit_log"))[0]?.n);
      const exposure = async (): Promise<Finding[]> => (await project.outputs(stackName))["exposure"] as Finding[];

      const preview = await must("preview");
      assert.match(
        preview,
        /warning: This run moves 6 keys, and has them copied: trigger public\.credential_vault_storage: Trigger audit/,
      );
      assert.match(preview, /alter table "public"\."project_credentials" disable trigger "audit";/);
      assert.equal(keysIn(preview, keys), 0);
      assert.equal(await copied(), 0);

      const up = await must("up");
      assert.ok((await copied()) >= 12, "a row of the vault and a flag of the wallet for each key");
      const first = await exposure();
      assert.deepEqual(
        first.filter(({ kind }) => ["keyInMetadata", "protection"].includes(kind)).map(({ detail }) => detail),
        [
          "6 wallets have their key in the vault and, the same, still at a key path.",
          "Of 6 values in the vault, 0 look sealed, 6 are plain keys by their shape, 0 cannot be told.",
        ],
        "as the run has left it",
      );
      assert.equal(first.filter(({ kind }) => kind === "view").length, 0, "the stack's own views are not listed");
      const { readme } = await project.outputs(stackName);
      assert.match(String(readme), /## Who can read keys, and where else they are/);

      await must("up", "--expect-no-changes");
      assert.deepEqual(await exposure(), first);
      const again = await must("preview", "--expect-no-changes");
      assert.doesNotMatch(again, /warning: This run/);
      assert.match(again, /exposure: trigger public\.project_credentials: Trigger audit/);
      assert.equal(keysIn(JSON.stringify([up, again, first, readme]), keys), 0);
    },
  ));

test("what the preview advises leaves the copies out", () =>
  withDeployment({ load: ["wallet-system", ["waiting", 3]], sql: audit }, {}, async ({ database: { query }, must }) => {
    const preview = await must("preview");
    const advised = [...new Set(preview.match(/alter table "public"\."\w+" disable trigger "\w+";/g))];
    assert.equal(advised.length, 2);
    for (const statement of advised) await query(statement);
    await must("up");
    assert.deepEqual(await query("select count(*)::int as n from audit_log"), [{ n: 0 }]);
    for (const statement of advised) await query(statement.replace("disable", "enable"));
  }));
