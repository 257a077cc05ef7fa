import * as pulumi from "@pulumi/pulumi";
import { WalletVaultError } from "../postgres/errors";

/**
 * An error meant for a person is printed as its message. Its stack is replaced because Pulumi reads it all the same,
 * and to make one, Node.js would parse the source maps of all that was loaded: ten seconds and more. The message cannot be
 * written to: newer SDKs put `error serializing property "survey": ` before it where the error reached them in an input.
 */
export function throwAsUserError(error: unknown): never {
  if (!(error instanceof WalletVaultError)) throw error;
  const text = error.message;
  throw Object.defineProperties(new pulumi.RunError(text), {
    stack: { value: text },
    message: { get: () => text, set() {} },
  });
}
