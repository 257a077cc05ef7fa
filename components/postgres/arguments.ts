import { z } from "zod/v3";

/** PostgreSQL has no text with a NUL in it, and ends the connection where it is sent one. */
export const words = z.string().regex(/^[^\0]*$/);

/** PostgreSQL would cut a longer name, and mean another object. */
const fits = (value: string): boolean => Buffer.byteLength(value) <= 63;
export const nameOrEmpty = words.refine(fits);
export const name = words.min(1).refine(fits).describe("a name of 1 to 63 bytes");

export const numberFrom = (least: number, most: number) =>
  z.number().min(least).max(most).describe(`a number from ${least} to ${most}`);
export const lockTimeoutMs = numberFrom(1, 60_000);
export const minutes = (most: number) => numberFrom(0.001, most);
export const count = (least: number, most: number) => z.number().int().min(least).max(most);
