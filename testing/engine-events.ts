/** Events of the Pulumi engine, as `--json` streams them, one a line; only what the demo reads of them. */
export interface EngineEvent {
  readonly diagnosticEvent?: { readonly message: string; readonly severity: string };
  readonly resOutputsEvent?: { readonly metadata: Step };
  readonly resourcePreEvent?: { readonly metadata: Step };
  readonly summaryEvent?: { readonly resourceChanges: Readonly<Record<string, number>> };
}

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly new: { readonly outputs: Readonly<Record<string, unknown>> } | null;
}

/** A resource that the engine is done with. */
export interface ResourceStep {
  /** `create`, `update`, `same`, … */
  readonly op: string;
  readonly name: string;
  /** `UniqueConstraint`, `View`, `KeyTransfer`, `WalletVault`, `Stack`. */
  readonly type: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

export function resourceStep({ op, urn, type, new: now }: Step): ResourceStep {
  const last = (text: string, separator: string) => text.slice(text.lastIndexOf(separator) + separator.length);
  return { op, name: last(urn, "::"), type: last(type, ":"), outputs: now?.outputs ?? {} };
}

/** A diagnostic's text without the colour marks that the engine puts in. */
export const plain = (message: string): string => message.replaceAll(/<\{%.*?%\}>/g, "").trim();
