import { randomBytes } from "node:crypto";
import { type Exposure, lookAtExposure } from "../../components/exposure/exposure";
import { type Finding, listed } from "../../components/exposure/finding";
import { takeSurvey } from "../../components/key-transfer/survey";
import type { Wallets } from "../../components/key-transfer/wallets";
import { limits, wallets } from "../../fixtures/wallets";

/** A key that no one else has. */
export const randomKey = (): string => `0x${randomBytes(32).toString("hex")}`;

export async function look(url: string, changes: Partial<Wallets> = {}): Promise<Exposure> {
  const these = { ...wallets, ...changes };
  const { schemaFacts } = await takeSurvey(url, these);
  return lookAtExposure(
    url,
    { ...these, ...limits, monitoringSchema: these.schema },
    schemaFacts,
    true,
    () => undefined,
  );
}

/** The output `exposure`. */
export const exposureOf = async (url: string, changes?: Partial<Wallets>): Promise<Finding[]> =>
  listed((await look(url, changes)).findings);

/** What the findings of a kind say, one text each: `object: detail advice`. */
export const said = (findings: readonly Finding[], kind: Finding["kind"]): string[] =>
  findings
    .filter((finding) => finding.kind === kind)
    .map(({ object, detail, advice }) => `${object}: ${detail} ${advice}`);

/** Wallets, each with its key at the first key path. */
export const walletsWith = (...keys: readonly string[]): string =>
  keys
    .map(
      (key) => `insert into project_credentials (project_id, credential_type, metadata)
                values (gen_random_uuid(), 'w', jsonb_build_object('private_key_encrypted', '${key}'));`,
    )
    .join("\n");
