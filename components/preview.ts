import * as pulumi from "@pulumi/pulumi";
import type { Exposure } from "./exposure/exposure";
import { tellExposure } from "./exposure/preview-lines";
import { proofsToMake } from "./key-identity/preview";
import type { Survey } from "./key-transfer/survey";
import { describeVaultDefaults } from "./key-transfer/vault-defaults";
import type { Wallets } from "./key-transfer/wallets";
import type { WaitLimits } from "./postgres/deadline";
import { throwAsUserError } from "./pulumi/user-error";

/**
 * Tells in a preview what its diff does not show: who can read keys and what copies them, how many proofs are to be made, and what
 * the vault's defaults say of new rows.
 *
 * @param before how the wallets stand
 */
export async function tellPreview(
  configuration: Wallets & WaitLimits & { readonly databaseUrl: string },
  exposure: Exposure,
  before: Survey,
  resource: pulumi.Resource,
): Promise<void> {
  const { pending } = before.states;
  await tellExposure(exposure, pending, resource);
  const describe = () => describeVaultDefaults(configuration.databaseUrl, configuration, configuration);
  const defaults = pending > 0 ? await describe().catch(throwAsUserError) : undefined;
  for (const note of [proofsToMake(before), defaults]) if (note !== undefined) await pulumi.log.info(note, resource);
}
