import assert from "node:assert/strict";
import { configure, check } from "../../components/key-transfer/operations";
import { transferKeys } from "../../components/key-transfer/apply";
import type { Wallets } from "../../components/key-transfer/wallets";
import { type ErrorCode, WalletVaultError } from "../../components/postgres/errors";
import type { Database } from "./database";
import { surveyOf } from "./surveys";
import { limits, wallets } from "../../fixtures/wallets";
import { settingsFor } from "../../testing/transfer";

/** Every row of every table, and every relation there is. */
const everything = `
  select (select string_agg(md5(query_to_xml(format('select * from %I.%I', t.schemaname, t.tablename), true, false, '')::text), ' '
                            order by t.schemaname, t.tablename)
            from pg_tables t where t.schemaname not in ('pg_catalog', 'information_schema')) as rows,
         (select count(*)::int from pg_class) as relations`;

const noSurvey = {
  credentials: 0,
  flagsWrong: 0,
  states: { stored: 0, pending: 0, conflict: 0, ambiguousSource: 0, unreadableSource: 0, missingKey: 0 },
};

export interface Refusal {
  readonly code: ErrorCode;
  /** Words that the message has to hold: what was found, and where. */
  readonly says: readonly string[];
  /** Words that it must not hold. */
  readonly hides?: readonly string[];
  readonly url?: string;
  readonly wallets?: Partial<Wallets>;
}

/** Survey, check and transfer refuse with the error told, each of them, and nothing in the database has changed. */
export async function assertRefused(database: Pick<Database, "query" | "url">, refusal: Refusal): Promise<void> {
  const before = await database.query(everything);
  await assertRefusedAt(refusal.url ?? database.url, refusal);
  assert.deepEqual(await database.query(everything), before);
}

/** The same where there is no database to look at. */
export async function assertRefusedAt(
  url: string,
  { code, says, hides = [], wallets: changes = {} }: Refusal,
): Promise<void> {
  const these = { ...wallets, ...changes };
  const asExpected = (message: string): true => {
    for (const words of [...says, `[${code}]`]) assert.ok(message.includes(words), `${words} in: ${message}`);
    for (const words of hides) assert.ok(!message.includes(words), `no ${words} in: ${message}`);
    return true;
  };
  const thrown = (error: unknown): true => {
    assert.ok(error instanceof WalletVaultError);
    assert.equal(error.code, code);
    return asExpected(`${error.message} ${error.stack}`);
  };
  await assert.rejects(surveyOf(url, these), thrown);
  await assert.rejects(
    transferKeys(url, these, limits, noSurvey, () => undefined),
    thrown,
  );
  configure(url);
  const { failures = [] } = await check(undefined, { ...settingsFor(noSurvey), ...these });
  assert.equal(failures.length, 1);
  asExpected(failures[0]?.reason ?? "");
}
