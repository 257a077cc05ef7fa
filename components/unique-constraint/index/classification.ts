/** An index as pg_index and pg_constraint have it. */
export interface IndexFacts {
  readonly oid: number;
  readonly name: string;
  /** Key columns in order, without INCLUDE columns; null stands for an expression. */
  readonly columns: readonly (string | null)[];
  readonly unique: boolean;
  readonly exclusion: boolean;
  readonly partial: boolean;
  /** False for a DEFERRABLE constraint. */
  readonly immediate: boolean;
  readonly valid: boolean;
  readonly ready: boolean;
  readonly live: boolean;
  /** B-tree in the order, operator class and collation that a constraint would choose by itself. */
  readonly plain: boolean;
  /** The constraint whose index this is; null for a bare index. */
  readonly constraint: string | null;
  readonly constraintKind: "unique" | "primary" | null;
}

/**
 * What an index is to `on conflict (columns)`. The last six are of no use to it, each for its own reason; most of them
 * would pass a check that only asks for "a unique index on the column".
 */
export type Verdict =
  | "serves"
  /** Not only does it not serve: while it is there, every ON CONFLICT on these columns fails with 55000. */
  | "deferrable"
  /** INVALID: its build failed, was cancelled, or is still going on. */
  | "invalidIndex"
  /** INVALID, but a constraint uses it, so that it cannot simply be dropped. */
  | "invalidConstraintIndex"
  | "notUnique"
  | "exclusion"
  | "expression"
  | "otherColumns"
  | "partial";

/** Decides by what the catalog says of the index, never by its name. */
export function classify(index: IndexFacts, columns: readonly string[]): Verdict {
  if (index.exclusion) return "exclusion";
  if (!index.unique) return "notUnique";
  if (index.columns.includes(null)) return "expression";
  if (!isSameSet(index.columns, columns)) return "otherColumns";
  if (index.partial) return "partial";
  if (!index.valid || !index.ready || !index.live)
    return index.constraint === null ? "invalidIndex" : "invalidConstraintIndex";
  return index.immediate ? "serves" : "deferrable";
}

/** Why an index does not serve, as the end of a sentence that begins with its name. */
export const reasons: Readonly<Record<Exclude<Verdict, "serves">, string>> = {
  deferrable: "belongs to a DEFERRABLE constraint, which no ON CONFLICT may use",
  invalidIndex: "is INVALID: an index build did not end",
  invalidConstraintIndex: "is INVALID",
  notUnique: "is not unique",
  exclusion: "belongs to an exclusion constraint, which ON CONFLICT (columns) does not look at",
  expression: "is on an expression",
  otherColumns: "is on other columns",
  partial: "is partial: it covers only rows that meet its WHERE",
};

/** The next thing to do so that the columns have their constraint; `invalidIndexes` have to be dropped before it. */
export type Step =
  | { readonly do: "adopt"; readonly index: IndexFacts }
  | { readonly do: "attach"; readonly index: IndexFacts; readonly invalidIndexes: readonly IndexFacts[] }
  | { readonly do: "reindex"; readonly index: IndexFacts; readonly invalidIndexes: readonly IndexFacts[] }
  | { readonly do: "build"; readonly invalidIndexes: readonly IndexFacts[] }
  | { readonly do: "refuse"; readonly index: IndexFacts };

/**
 * Chooses the next step from what is there.
 *
 * @param name the declared name: among several that serve, its bearer is preferred
 * @param unattachable oids of indexes that PostgreSQL refused to make a constraint of
 */
export function nextStep(
  indexes: readonly IndexFacts[],
  columns: readonly string[],
  name: string,
  unattachable: ReadonlySet<number> = new Set(),
): Step {
  const having = (verdict: Verdict) => indexes.filter((index) => classify(index, columns) === verdict);
  const canAttach = (index: IndexFacts) => index.plain && !unattachable.has(index.oid);
  const rank = (index: IndexFacts): number => {
    if (index.constraint === null) return canAttach(index) ? 3 : 4;
    if (index.constraint === name) return 0;
    return index.constraintKind === "unique" ? 1 : 2;
  };
  const [deferrable] = having("deferrable");
  if (deferrable !== undefined) return { do: "refuse", index: deferrable };
  const [best] = having("serves").sort((a, b) => rank(a) - rank(b) || a.oid - b.oid);
  const invalidIndexes = having("invalidIndex");
  if (best !== undefined) {
    return rank(best) === 3 ? { do: "attach", index: best, invalidIndexes } : { do: "adopt", index: best };
  }
  const [invalid] = having("invalidConstraintIndex");
  return invalid !== undefined ? { do: "reindex", index: invalid, invalidIndexes } : { do: "build", invalidIndexes };
}

function isSameSet(some: readonly (string | null)[], others: readonly string[]): boolean {
  return some.length === others.length && others.every((column) => some.includes(column));
}
