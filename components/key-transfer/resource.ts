import * as pulumi from "@pulumi/pulumi";
import type { Receipt } from "../receipt/receipt";
import type { KeyTransferInputs } from "./args";
import { provider } from "./provider";
import type { Attention, Status, Summary } from "./summary";

export type KeyTransferArgs = { readonly [K in keyof KeyTransferInputs]: pulumi.Input<KeyTransferInputs[K]> };

/**
 * Moves the keys of all wallets into the vault, in batches. It can be run again at any time and goes on after any interruption. It
 * compares every key before it sets the flag, and never overwrites, drops or guesses a key. Destroying it changes nothing.
 */
export class KeyTransfer extends pulumi.dynamic.Resource {
  declare readonly status: pulumi.Output<Status>;
  declare readonly summary: pulumi.Output<Summary>;
  /** Up to 20 wallets that need a person. */
  declare readonly attention: pulumi.Output<Attention[]>;
  declare readonly receipt: pulumi.Output<Receipt>;

  constructor(name: string, args: KeyTransferArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { status: undefined, summary: undefined, attention: undefined, receipt: undefined };
    super(
      provider,
      name,
      { ...args, ...outputs },
      { ...opts, hideDiffs: ["__provider"] },
      "wallet-vault",
      "KeyTransfer",
    );
  }
}
