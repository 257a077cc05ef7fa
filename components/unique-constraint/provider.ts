import { dynamicProvider } from "../pulumi/dynamic-provider";

/** One object for all resources of the kind: Pulumi serialises it once and configures it once per process. */
export const provider = dynamicProvider("./components/unique-constraint/operations.ts");
