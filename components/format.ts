/** `1,300`, also where the machine's language is another. */
export const formatNumber = (value: number): string => value.toLocaleString("en-US");

/** `1 key`, `1,300 keys` */
export const plural = (count: number, noun: string): string =>
  `${formatNumber(count)} ${noun}${count === 1 ? "" : "s"}`;
