import { isDeepStrictEqual } from "node:util";
import { decisiveInputs, type KeyTransferInputs, type KeyTransferState } from "./args";

/**
 * A change is: a key is pending, a flag is wrong, the counts differ from those of the last summary, the last run was
 * incomplete, or the inputs that decide what a finished transfer means have changed. The survey is an input, so this does not
 * query the database.
 */
export function diffTransfer(olds: KeyTransferState, news: KeyTransferInputs): { changes: boolean } {
  const { states, flagsWrong } = news.survey;
  return {
    changes:
      states.pending > 0 ||
      flagsWrong > 0 ||
      olds.status === "incomplete" ||
      !isDeepStrictEqual({ ...states }, { ...olds.summary?.states }) ||
      !isDeepStrictEqual(decisiveInputs(news), decisiveInputs(olds)),
  };
}
