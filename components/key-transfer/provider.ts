import { dynamicProvider } from "../pulumi/dynamic-provider";

export const provider = dynamicProvider("./components/key-transfer/operations.ts");
