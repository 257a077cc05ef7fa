import { formatNumber } from "../components/format";

/** One line of the result: what was measured, against what it must be. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: "ratio" | "ms" | "MB" | "s";
  /** Absent: only shown. */
  readonly must?: number;
  readonly goal?: number;
  /** The numbers behind it. */
  readonly behind?: string;
}

export type Verdict = "GOAL" | "PASS" | "MISS" | "";

/** `GOAL` within the goal, `PASS` within what must be, else `MISS`; empty where nothing is asked. */
export function verdict({ value, must, goal }: Figure): Verdict {
  if (must === undefined) return "";
  if (goal !== undefined && value <= goal) return "GOAL";
  return value <= must ? "PASS" : "MISS";
}

const written = (value: number, unit: Figure["unit"]): string => {
  if (unit === "ratio") return value.toFixed(2);
  if (unit === "s") return `${value.toFixed(1)} s`;
  return `${value < 10 ? value.toFixed(1) : formatNumber(Math.round(value))} ${unit}`;
};

/** Head and rows of the table. */
export function figureRows(figures: readonly Figure[]): string[][] {
  const limit = (value: number | undefined, unit: Figure["unit"]) =>
    value === undefined ? "" : `≤ ${written(value, unit)}`;
  return [
    ["figure", "measured", "must", "goal", "", "behind it"],
    ...figures.map((figure) => [
      figure.name,
      written(figure.value, figure.unit),
      limit(figure.must, figure.unit),
      limit(figure.goal, figure.unit),
      verdict(figure),
      figure.behind ?? "",
    ]),
  ];
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

/** @param part 0.99 for p99 */
export const percentile = (values: readonly number[], part: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
};
