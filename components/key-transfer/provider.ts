import { trampoline } from "../trampoline";

export const provider = trampoline("./components/key-transfer/operations.ts");
