/** A refresh that finds nothing new renews a receipt only after this many minutes, so that a second refresh shows no change. */
export const receiptStaysMinutes = 5;

/** Whether a receipt was made within that many minutes. A receipt from the future was not: it would never expire. */
export function isYounger(at: string | undefined, minutes: number, now = Date.now()): boolean {
  const age = now - Date.parse(at ?? "");
  return age >= 0 && age < minutes * 60_000;
}
