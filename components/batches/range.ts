/** Blocks `from` to `to` (exclusive) of the credentials table: a stretch of it in the order it lies on disk. */
export interface Range {
  readonly from: number;
  readonly to: number;
}
