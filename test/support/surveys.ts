import { takeSurvey, type Survey } from "../../components/key-transfer/survey";
import type { Wallets } from "../../components/key-transfer/wallets";
import { wallets } from "../../fixtures/wallets";

/** How the wallets stand, waited for. */
export const surveyOf = async (url: string, changes: Partial<Wallets> = {}): Promise<Survey> =>
  await (
    await takeSurvey(url, { ...wallets, ...changes })
  ).survey;
