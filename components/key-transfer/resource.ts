import * as pulumi from "@pulumi/pulumi";
import type { Receipt } from "../receipt/receipt";
import type { KeyTransferInputs } from "./args";
import { provider } from "./provider";
import type { Attention, Status, Summary } from "./summary";

export type KeyTransferArgs = { readonly [K in keyof KeyTransferInputs]: pulumi.Input<KeyTransferInputs[K]> };

/**
 * Moves the keys of all wallets into the vault: idempotent, in batches, resumable at any instant, every key compared
 * before its flag is set. Nothing is ever overwritten, dropped or guessed; destroying it touches no key and no flag.
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
