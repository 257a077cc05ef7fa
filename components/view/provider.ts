import { trampoline } from "../trampoline";

export const provider = trampoline("./components/view/operations.ts");
