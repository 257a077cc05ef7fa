import type { Finding } from "../components/exposure/finding";
import type { TransferOutputs } from "../components/key-transfer/args";

/** The outputs that a promotion looks at; none of them where the stack has not been updated yet. */
export type StackOutputs = Partial<TransferOutputs & { readonly exposure: readonly Finding[] }>;
