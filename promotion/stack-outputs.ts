import type { Attention, Status, Summary } from "../components/key-transfer/summary";
import type { Receipt } from "../components/receipt/receipt";

/** The outputs that a promotion looks at; none of them where the stack has not been updated yet. */
export interface StackOutputs {
  readonly status?: Status;
  readonly summary?: Summary;
  readonly attention?: readonly Attention[];
  readonly receipt?: Receipt;
}
