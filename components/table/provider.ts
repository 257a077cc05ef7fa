import { dynamicProvider } from "../pulumi/dynamic-provider";

export const provider = dynamicProvider("./components/table/operations.ts");
