import assert from "node:assert/strict";
import { test } from "node:test";
import { configure, create, diff, read, update } from "../../components/key-transfer/operations";
import type { KeyTransferInputs } from "../../components/key-transfer/args";
import { takeSurvey } from "../../components/key-transfer/survey";
import { withDatabase } from "../support/database";
import { whyNotComplete } from "../../components/receipt/strict";
import { wallets } from "../../fixtures/wallets";
import { settingsFor, withConstraint } from "../../testing/transfer";

// What `mixed` leaves for people to deal with, of 40 wallets.
const all = ["conflict:2", "ambiguousSource:2", "unreadableSource:2", "missingKey:4"];

test("accepted attention is in the receipt, passes strict mode, and one wallet more is not accepted", () =>
  withDatabase({ load: ["wallet-system", ["mixed", 40]], sql: withConstraint }, async ({ url, query }) => {
    configure(url);
    const settings = async (changes: Partial<KeyTransferInputs>) =>
      settingsFor((await takeSurvey(url, wallets)).survey, changes);

    const plain = await create(await settings({}));
    const receipt = plain.outs.receipt;
    assert.deepEqual(Object.keys(receipt), ["revision", "status", "credentials", "verified", "at"]);
    assert.equal(whyNotComplete(plain.outs)?.code, "ERR_ATTENTION");

    const accepting = await settings({ acceptAttention: all });
    assert.equal((await diff("id", plain.outs, accepting)).changes, true, "acceptAttention alone is a change");
    const { outs } = await update("id", plain.outs, accepting);
    assert.equal(outs.status, "attention");
    assert.equal(whyNotComplete(outs), undefined);
    assert.deepEqual([outs.receipt.accepted, outs.receipt.attentionAccepted], [all, true]);
    assert.ok(Date.parse(outs.receipt.at) > Date.parse(receipt.at), "the receipt is renewed");
    assert.equal((await diff("id", outs, accepting)).changes, false, "and then there is nothing more to do");

    await query(
      "delete from credential_vault_storage where credential_id = (select credential_id from expected_state where before = 'stored' limit 1)",
    );
    await query(
      "update project_credentials set metadata = null where id not in (select credential_id from credential_vault_storage)",
    );
    const live = await read("id", outs);
    assert.equal(live.props?.receipt.attentionAccepted, false);
    const later = await update("id", outs, await settings({ acceptAttention: all }));
    assert.equal(whyNotComplete(later.outs)?.code, "ERR_ATTENTION");
  }));
