import { stripVTControlCharacters } from "node:util";
import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import type { Survey } from "../components/key-transfer/survey";
import type { StackOutputs } from "./stack-outputs";

/** A step of the engine: `{ op: "update", type: "wallet-vault:KeyTransfer", name: "transfer" }`. */
export interface Change {
  readonly op: string;
  readonly type: string;
  readonly name: string;
}

/** What an update or preview said of itself, as far as it matters here. Grows while events come in. */
export interface Observation {
  readonly changes: Change[];
  /** How the wallets stood when the program looked. */
  survey: Survey | undefined;
  /** What the transfer left behind; also of an update that failed afterwards, whose outputs Pulumi does not record. */
  transfer: StackOutputs | undefined;
  /** Error messages of the program, its providers and the engine, without the engine's repetition of the fact. */
  readonly errors: string[];
}

/** Steps that change nothing. Those of a refresh only look. */
const quietSteps = ["same", "read", "read-replacement", "read-discard", "refresh"];

/**
 * Picks from the engine's events. Nothing else of them may be passed on: they hold inputs and outputs.
 *
 * @param say is told what a provider reports while it works, one plain line at a time
 */
export function observe(say: (line: string) => void): { seen: Observation; onEvent: (event: EngineEvent) => void } {
  const seen: Observation = { changes: [], survey: undefined, transfer: undefined, errors: [] };
  const onEvent = ({ resourcePreEvent, resOutputsEvent, diagnosticEvent }: EngineEvent): void => {
    if (resourcePreEvent !== undefined) {
      const { metadata } = resourcePreEvent;
      const change = changeOf(metadata);
      if (!quietSteps.includes(metadata.op)) seen.changes.push(change);
      if (change.type === "wallet-vault:KeyTransfer") seen.survey = surveyOf(metadata) ?? seen.survey;
    }
    if (resOutputsEvent !== undefined && resOutputsEvent.planning !== true)
      seen.transfer = transferOf(resOutputsEvent.metadata) ?? seen.transfer;
    if (diagnosticEvent === undefined) return;
    const text = plain(diagnosticEvent.message);
    if (diagnosticEvent.severity === "error") {
      if (!/^(preview|update) failed$/i.test(text) && !seen.errors.includes(text)) seen.errors.push(text);
    } else if (diagnosticEvent.severity.startsWith("info") && /^\[[\w-]+\] /.test(text)) say(text);
  };
  return { seen, onEvent };
}

/** The step, without the prefix that says how the resource is implemented. */
export function changeOf({ op, type, urn }: StepEventMetadata): Change {
  return { op, type: type.replace(/^pulumi-nodejs:dynamic\//, ""), name: urn.split("::").at(-1) ?? urn };
}

function surveyOf(metadata: StepEventMetadata): Survey | undefined {
  const survey: unknown = metadata.new?.inputs?.["survey"];
  return typeof survey === "object" && survey !== null && "states" in survey ? (survey as Survey) : undefined;
}

function transferOf(metadata: StepEventMetadata): StackOutputs | undefined {
  const outputs = metadata.new?.outputs;
  if (changeOf(metadata).type !== "wallet-vault:KeyTransfer" || outputs?.["receipt"] === undefined) return undefined;
  const { status, summary, attention, receipt } = outputs as Required<StackOutputs>;
  return { status, summary, attention, receipt };
}

/** One line, without the engine's colour marks, list marks and stack traces, and without anything like a password. */
export function plain(message: string): string {
  return (
    stripVTControlCharacters(message.replace(/<\{%.*?%\}>/g, ""))
      .replace(/^\s*\d+ errors? occurred:\s*\*\s*/, "")
      .replace(/\n\s+at [\s\S]*/, "")
      // Up to the last @ of the word: a password may hold one, and a slash.
      .replace(/(\w+:\/\/)\S*@/g, "$1…@")
      .replace(/\s+/g, " ")
      .replace(/^error: /, "")
      .trim()
      .slice(0, 1_000)
  );
}
