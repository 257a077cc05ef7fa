import assert from "node:assert/strict";
import { test } from "node:test";
import { liveConstraint } from "../../components/unique-constraint/read";
import { diffConstraint } from "../../components/unique-constraint/diff";
import { sprung, traps } from "../support/traps";
import { cancelledBuild } from "./broken-builds";
import { collapse, key, put } from "./duplicate-rows";
import { constraintName, credential, declaration, make, onEachMajor, previewFailure, vault, withRole } from "./support";

const silent = (): void => undefined;

onEachMajor(test, "no function, operator or aggregate of another role is called", async (database, major) => {
  await put(database, { id: "a", value: key, day: 1 }, { id: "b", value: key, day: 2 }, { id: "c", value: "", day: 3 });
  await withRole(database, major, async ({ name, url }) => {
    const trapper = `trapper_${database.name}`;
    await database.query(`
        grant usage, create on schema public to ${name}; alter table ${vault} owner to ${name};
        alter role ${name} set search_path = public, pg_catalog; ${traps(trapper)}`);
    const trapped = { url };
    // Created, with redundant rows removed.
    assert.equal(await previewFailure(trapped, { collapse }), undefined);
    assert.equal((await make(trapped, { collapse })).origin, "created");
    // Adopted, compared, refreshed.
    const outcome = { ...(await make(trapped)) };
    assert.equal((await diffConstraint(url, outcome, { ...declaration() }, silent)).changes, false);
    assert.equal((await liveConstraint(url, declaration(), constraintName, true))?.index, constraintName);
    // Refused, with its duplicates counted.
    await database.query(`alter table ${vault} drop constraint ${constraintName}`);
    await database.query(
      `insert into ${vault} (credential_id, vault_id, encrypted_private_key) values ('${credential(1)}', 'd', '${key}2')`,
    );
    assert.match((await previewFailure(trapped, { collapse })) ?? "", /not copies of each other/);
    await assert.rejects(make(trapped), { code: "ERR_DUPLICATES" });
    // Repaired, and made of an index that is there.
    await database.query(`delete from ${vault} where vault_id operator(pg_catalog.=) 'd'::text`);
    await cancelledBuild(database, "broken");
    assert.equal((await make(trapped)).origin, "repaired");
    await database.query(
      `alter table ${vault} drop constraint ${constraintName}; create unique index bare on ${vault} (credential_id)`,
    );
    assert.equal((await make(trapped)).origin, "promoted");
    assert.deepEqual(await sprung(database), []);
    await database.query(`drop owned by ${trapper} cascade; drop role ${trapper}`);
  });
});
