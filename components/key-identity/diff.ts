import { isDeepStrictEqual } from "node:util";
import { diffTransfer } from "../key-transfer/diff";
import { hasUnknown } from "../pulumi/unknown-value";
import type { KeyIdentityInputs, KeyIdentityState } from "./args";

/**
 * A change is whatever is one for the transfer (see key-transfer/diff.ts), a transfer that ran since, and a wallet whose proof is
 * missing or no longer valid: then the counts of the proofs differ from those of the last summary.
 */
export function diffIdentity(olds: KeyIdentityState, news: KeyIdentityInputs): { changes: boolean } {
  return {
    changes:
      hasUnknown(news) ||
      diffTransfer(olds, news).changes ||
      (news.survey.identity?.unproven ?? 0) > 0 ||
      !isDeepStrictEqual({ ...news.survey.identity }, { ...olds.summary?.identity }) ||
      !isDeepStrictEqual({ ...news.transfer.lastRun }, { ...olds.transfer?.lastRun }),
  };
}
