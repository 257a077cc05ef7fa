import { dynamicProvider } from "../pulumi/dynamic-provider";

export const provider = dynamicProvider("./components/key-identity/operations.ts");
