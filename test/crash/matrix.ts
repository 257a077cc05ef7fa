import type { Major } from "../../testing/postgres-server";

/** What became of one kind of kill at one step on one major. */
export interface Cell {
  runs: number;
  ok: number;
}

/** The matrix: a row per kind and step, a column per major. */
export class Matrix {
  private readonly cells = new Map<string, Map<Major, Cell>>();
  /** Every fault, with where it was found. */
  readonly faults: string[] = [];

  constructor(readonly majors: readonly Major[]) {}

  /** @param runs kills that the verdict is about */
  add(kind: string, step: string, major: Major, faults: readonly string[], runs = 1): void {
    const key = `${kind}\t${step}`;
    const row = this.cells.get(key) ?? new Map<Major, Cell>();
    this.cells.set(key, row);
    const cell = row.get(major) ?? { runs: 0, ok: 0 };
    row.set(major, cell);
    cell.runs += runs;
    if (faults.length === 0) cell.ok += runs;
    this.faults.push(...faults.map((fault) => `PostgreSQL ${major}, ${kind}, ${step}: ${fault}`));
  }

  get total(): Cell {
    const all = [...this.cells.values()].flatMap((row) => [...row.values()]);
    return all.reduce((sum, cell) => ({ runs: sum.runs + cell.runs, ok: sum.ok + cell.ok }), { runs: 0, ok: 0 });
  }

  /** Head and rows of the table; a cell is `ok/runs`. */
  table(): string[][] {
    const head = ["kill", "step", ...this.majors.map((major) => `PostgreSQL ${major}`)];
    const rows = [...this.cells].sort(([a], [b]) => kindOf(a).localeCompare(kindOf(b)));
    return [
      head,
      ...rows.map(([key, row]) => [
        ...key.split("\t"),
        ...this.majors.map((major) => {
          const cell = row.get(major);
          return cell === undefined ? "" : `${cell.ok}/${cell.runs}`;
        }),
      ]),
    ];
  }
}

const kindOf = (key: string): string => key.split("\t")[0] ?? "";
