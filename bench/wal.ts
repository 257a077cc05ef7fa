import { formatNumber } from "../components/format";
import type { Stage } from "./stage";

/** What was written to the write-ahead log. */
export interface Wal {
  readonly records: number;
  /** Whole pages, written for the first change of a page after a checkpoint. */
  readonly fullPages: number;
  readonly bytes: number;
}

async function written(stage: Stage): Promise<Wal> {
  const [row] = await stage.query<Wal>(
    "postgres",
    'select wal_records::float8 as records, wal_fpi::float8 as "fullPages", wal_bytes::float8 as bytes from pg_stat_wal',
  );
  return row ?? { records: 0, fullPages: 0, bytes: 0 };
}

/** Runs `work` and tells what the whole server wrote meanwhile; nothing else may be at work on it. */
export async function walOf<T>(stage: Stage, work: () => Promise<T>): Promise<{ result: T; wal: Wal }> {
  const before = await written(stage);
  const result = await work();
  // Sessions report what they wrote when they end, at the latest after a second.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const after = await written(stage);
  const wal = {
    records: after.records - before.records,
    fullPages: after.fullPages - before.fullPages,
    bytes: after.bytes - before.bytes,
  };
  return { result, wal };
}

export const walRow = (name: string, wal: Wal, keys: number): string[] => [
  name,
  (wal.records / keys).toFixed(1),
  (wal.fullPages / keys).toFixed(3),
  formatNumber(Math.round(wal.bytes / keys)),
  `${(wal.bytes / 1e9).toFixed(2)} GB`,
];

export const walHead = ["write-ahead log", "records per key", "whole pages per key", "bytes per key", "in all"];
