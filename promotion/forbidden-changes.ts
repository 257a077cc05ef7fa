import type { Change } from "./events";

/** What a promotion never deletes or replaces: the proof that keys were moved, and what keeps second vault rows out. */
const keptTypes = ["wallet-vault:KeyTransfer", "wallet-vault:UniqueConstraint"];

/** @returns why a plan must not be carried out, and what to do; undefined if it may */
export function forbiddenChanges(changes: readonly Change[], stack: string): string | undefined {
  const steps = changes.filter(({ op, type }) => keptTypes.includes(type) && /delete|replace|discard/.test(op));
  if (steps.length === 0) return undefined;
  const list = [...new Set(steps.map(({ name }) => name))].join(" and ");
  return (
    `The update would delete or replace ${list}, which a promotion never does. Look at ` +
    `npm run pulumi -- preview --diff --stack ${stack}; if it is meant, do it by hand and promote again.`
  );
}
