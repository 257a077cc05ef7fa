import { oneLine } from "./printable";

/** Where progress goes: one plain line at a time. In a provider process Pulumi shows each line under the stack. */
export type Report = (line: string) => void;

/** A report on standard output, each line marked with the name of what speaks: `[transfer] 20,000 of 100,000 keys`. */
export const reportAs =
  (name: string): Report =>
  (line) => {
    console.log(oneLine(`[${name}] ${line}`));
  };
