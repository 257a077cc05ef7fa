import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoStack, printed, stackName, withDeployment } from "./stack";

interface Outputs {
  readonly status: string;
  readonly summary?: { readonly states: { readonly stored: number } };
  readonly receipt: { readonly status: string; readonly reason?: string };
}

/** What makes an update of a proven stack fail, where it fails, and what cures it. */
const failures: readonly { what: string; break: string; mend: string }[] = [
  {
    what: "while the transfer runs, because the role may not log in any more",
    break: `insert into project_credentials (project_id, credential_type, metadata)
        values (gen_random_uuid(), 'ethereum_wallet', '{"private_key_encrypted": "0xNEW"}');
      create or replace function no_more() returns trigger language plpgsql as $$ begin
        execute format('alter role %I nologin', session_user); return new; end $$;
      create trigger no_more before update on project_credentials for each row execute function no_more()`,
    mend: `do $$ begin execute format('alter role %I login', session_user); end $$;
      drop trigger no_more on project_credentials`,
  },
  {
    what: "when the survey finds a structural fault",
    break: "alter table credential_vault_storage rename column vault_id to vault_name",
    mend: "alter table credential_vault_storage rename column vault_name to vault_id",
  },
  {
    what: "at the constraint",
    break: `alter table credential_vault_storage drop constraint credential_vault_storage_credential_id_key;
      create table credential_vault_storage_credential_id_key ()`,
    mend: "drop table credential_vault_storage_credential_id_key",
  },
];

test("an update that fails leaves no older receipt behind that the next stage would take for a proof", () =>
  withDeployment(
    { load: ["wallet-system", ["waiting", 12]] },
    { lockDeadlineMinutes: 0.01 },
    async ({ database, project, run, must }) => {
      await project.stack("next", {
        databaseUrl: database.url,
        promotedFrom: `organization/wallet-vault/${stackName}`,
      });
      const gate = () => project.pulumi(["preview", "--stack", "next"]);
      const outputs = async () => (await project.outputs(stackName)) as unknown as Outputs;
      await must("up");
      assert.equal((await gate()).code, 0, "proven");
      await must("up", "--expect-no-changes");
      assert.deepEqual(Object.keys((await outputs()).receipt).includes("reason"), false);

      for (const failure of failures) {
        await database.query(failure.break);
        const failed = await run("up");
        assert.notEqual(failed.code, 0, failure.what);
        assertNoStack(printed(failed));
        const left = await outputs();
        assert.deepEqual([left.status, left.receipt.status], ["incomplete", "incomplete"], failure.what);
        const refused = await gate();
        assert.notEqual(refused.code, 0, failure.what);
        await database.query(failure.mend);
        await must("up");
        assert.equal((await outputs()).status, "complete", failure.what);
      }
      const proven = await gate();
      assert.equal(proven.code, 0, printed(proven));

      // The gate's own refusal says why.
      await database.query(failures[1]!.break);
      assert.notEqual((await run("up")).code, 0);
      assert.match(printed(await gate()), /its last update has not ended, or it failed.*\[ERR_NOT_PROVEN\]/s);
      assert.equal((await outputs()).summary?.states.stored, 13, "other outputs stay as they were");
    },
  ));
