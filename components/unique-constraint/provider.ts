import { trampoline } from "../trampoline";

/** One object for all resources of the kind: Pulumi serialises it once and configures it once per process. */
export const provider = trampoline("./components/unique-constraint/operations.ts");
