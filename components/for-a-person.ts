import * as pulumi from "@pulumi/pulumi";
import { WalletVaultError } from "./postgres/errors";

/**
 * An error meant for a person is printed as its message. Its stack is replaced because Pulumi reads it all the same,
 * and to make one, Node.js would parse the source maps of all that was loaded: ten seconds and more.
 */
export function forAPerson(error: unknown): never {
  if (!(error instanceof WalletVaultError)) throw error;
  throw Object.assign(new pulumi.RunError(error.message), { stack: error.message });
}
