import { formatNumber } from "../format";

/**
 * How far a run is, and how fast: `1,200 of 5,000 keys moved, 600 a second, about 6 s left`.
 *
 * @param what what is counted and what was done with it: `keys moved`
 */
export function formatPace(done: number, wanted: number, what: string, elapsedMs: number): string {
  const perSecond = done / (elapsedMs / 1000);
  const left = perSecond > 0 ? (wanted - done) / perSecond : 0;
  const eta = left >= 1 ? `, about ${Math.round(left)} s left` : "";
  return `${formatNumber(done)} of ${formatNumber(wanted)} ${what}, ${formatNumber(Math.round(perSecond))} a second${eta}`;
}
