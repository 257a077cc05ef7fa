import * as pulumi from "@pulumi/pulumi";
import type { Attention, Status, Summary } from "../key-transfer/summary";
import type { Receipt } from "../receipt/receipt";
import type { KeyIdentityInputs } from "./args";
import { provider } from "./provider";

export type KeyIdentityArgs = { readonly [K in keyof KeyIdentityInputs]: pulumi.Input<KeyIdentityInputs[K]> };

/**
 * Derives, inside PostgreSQL, the address that the key of each stored wallet opens, and keeps what it found in a table. Only a wallet
 * whose key or address is new is looked at. Its outputs say how all wallets stand after the transfer and the proof. Destroying it
 * changes nothing.
 */
export class KeyIdentity extends pulumi.dynamic.Resource {
  declare readonly status: pulumi.Output<Status>;
  declare readonly summary: pulumi.Output<Summary>;
  /** Up to 20 wallets that need a person. */
  declare readonly attention: pulumi.Output<Attention[]>;
  declare readonly receipt: pulumi.Output<Receipt>;

  constructor(name: string, args: KeyIdentityArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { status: undefined, summary: undefined, attention: undefined, receipt: undefined };
    super(
      provider,
      name,
      { ...args, ...outputs },
      { ...opts, hideDiffs: ["__provider"] },
      "wallet-vault",
      "KeyIdentity",
    );
  }
}
