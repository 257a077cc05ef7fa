import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { createHash } from "node:crypto";
import type { KeyIdentityInputs, KeyIdentityState } from "../../components/key-identity/args";
import { transferResultOf } from "../../components/key-identity/args";
import { identityTableArgs } from "../../components/key-identity/identity-table";
import * as identity from "../../components/key-identity/operations";
import type { KeyTransferInputs, TransferOutputs } from "../../components/key-transfer/args";
import * as keyTransfer from "../../components/key-transfer/operations";
import { takeSurvey } from "../../components/key-transfer/survey";
import type { TableInputs, TableOutputs } from "../../components/table/args";
import * as table from "../../components/table/operations";
import { limits, wallets } from "../../fixtures/wallets";
import { settingsFor } from "../../testing/transfer";
import type { Database } from "./database";

export interface TestWallet {
  readonly key: string;
  readonly address: string | null;
}

/** A key, the same for the same number. */
export const keyOf = (n: number): string => `0x${createHash("sha256").update(`identity ${n}`).digest("hex")}`;

/** A wallet whose key opens its address. */
export const pair = (n: number): TestWallet => ({ key: keyOf(n), address: addressOf(keyOf(n)) });

/** The address that a key opens, by an independent implementation. */
export function addressOf(key: string): string {
  const point = secp256k1.getPublicKey(Buffer.from(key.slice(2), "hex"), false);
  return `0x${Buffer.from(keccak_256(point.subarray(1)).subarray(12)).toString("hex")}`;
}

/** Wallets whose key is in the vault, numbered from 1 in `key_vault_id`. Returns their ids in that order. */
export async function seed(database: Database, rows: readonly TestWallet[]): Promise<string[]> {
  const made = await database.query<{ id: string }>(
    `with given as (select g ->> 'key' as key, g ->> 'address' as address, n from jsonb_array_elements($1::jsonb) with ordinality a (g, n)),
     wallet as (insert into project_credentials (project_id, credential_type, network, wallet_address, key_vault_id, vault_stored)
                select gen_random_uuid(), 'ethereum_wallet', 'ethereum', address, n::text, true from given order by n returning id, key_vault_id),
     stored as (insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
                select w.id, 'v' || g.n, g.key from wallet w join given g on g.n::text = w.key_vault_id)
     select w.id from wallet w order by w.key_vault_id::int`,
    [JSON.stringify(rows)],
  );
  return made.map(({ id }) => id);
}

type Saved<T> = { readonly id: string; readonly outs: T };
const saved = <T>(state: T): T => JSON.parse(JSON.stringify(state)) as T;

/** What `up` does with the three resources of a stack with proveIdentity, without an engine. State is kept as JSON. */
export class TestStack {
  private readonly url: string;
  private table: Saved<TableOutputs> | undefined;
  private transfer: Saved<KeyTransferInputs & TransferOutputs> | undefined;
  identity: Saved<KeyIdentityInputs & TransferOutputs> | undefined;

  constructor(
    { url }: Pick<Database, "url">,
    private readonly changes: Partial<KeyIdentityInputs> = {},
  ) {
    this.url = url;
  }

  /** The resources that `preview` shows as changed, or the failures of their checks. */
  async preview(): Promise<{ changes: string[]; failures: string[] }> {
    const { tableInputs, transferInputs, survey } = await this.inputs();
    const failures: string[] = [];
    const changes: string[] = [];
    for (const [name, check] of [
      ["table", await table.check({}, tableInputs)],
      ["identity", await identity.check({}, this.identityInputs(survey))],
    ] as const)
      failures.push(...(check.failures ?? []).map(({ reason }) => `${name}: ${reason}`));
    if (failures.length > 0) return { changes, failures };
    const differ = async (name: string, diff: Promise<{ changes?: boolean }> | undefined): Promise<void> => {
      if (diff === undefined || (await diff).changes === true) changes.push(name);
    };
    await differ("table", this.table && table.diff(this.table.id, this.table.outs, tableInputs));
    await differ("transfer", this.transfer && keyTransfer.diff(this.transfer.id, this.transfer.outs, transferInputs));
    await differ(
      "identity",
      this.identity && identity.diff(this.identity.id, this.identity.outs, this.identityInputs(survey)),
    );
    return { changes, failures };
  }

  /** Makes all of it so, and returns the outputs of the stack. */
  async up(): Promise<KeyIdentityState & TransferOutputs> {
    const { tableInputs, transferInputs, survey } = await this.inputs();
    const made =
      this.table === undefined
        ? await table.create(tableInputs)
        : { id: this.table.id, ...(await table.update(this.table.id, this.table.outs, tableInputs)) };
    this.table = saved(made) as Saved<TableOutputs>;
    if (this.transfer === undefined)
      this.transfer = saved(await keyTransfer.create(transferInputs)) as NonNullable<typeof this.transfer>;
    else if ((await keyTransfer.diff(this.transfer.id, this.transfer.outs, transferInputs)).changes === true) {
      const { outs } = await keyTransfer.update(this.transfer.id, this.transfer.outs, transferInputs);
      this.transfer = saved({ id: this.transfer.id, outs }) as NonNullable<typeof this.transfer>;
    }
    const inputs = this.identityInputs(survey);
    const proven =
      this.identity === undefined
        ? await identity.create(inputs)
        : { id: this.identity.id, ...(await identity.update(this.identity.id, this.identity.outs, inputs)) };
    this.identity = saved(proven) as NonNullable<typeof this.identity>;
    return this.identity.outs;
  }

  /** What `refresh` makes of the proof. */
  async refresh(): Promise<TransferOutputs> {
    if (this.identity === undefined) throw new Error("nothing to refresh");
    const { props } = await identity.read(this.identity.id, this.identity.outs);
    this.identity = { id: this.identity.id, outs: saved(props) };
    return this.identity.outs;
  }

  private identityInputs(survey: KeyIdentityInputs["survey"]): KeyIdentityInputs {
    const transfer =
      this.transfer === undefined
        ? ({ lastRun: {}, attention: [], reason: "" } as unknown as KeyIdentityInputs["transfer"])
        : transferResultOf(this.transfer.outs);
    return { ...settingsFor(survey, this.changes), transfer, ...this.changes };
  }

  private async inputs() {
    for (const { configure } of [table, keyTransfer, identity]) configure(this.url);
    const { schemaFacts, survey } = await takeSurvey(
      this.url,
      wallets,
      { ...limits, proveIdentity: true },
      () => undefined,
    );
    const tableInputs: TableInputs = {
      ...identityTableArgs(wallets, schemaFacts),
      lockTimeoutMs: limits.lockTimeoutMs,
      lockDeadlineMinutes: limits.lockDeadlineMinutes,
    };
    return { tableInputs, transferInputs: settingsFor(survey, this.changes), survey };
  }
}
