import { dynamicProvider } from "../pulumi/dynamic-provider";

export const provider = dynamicProvider("./components/view/operations.ts");
