import type { Receipt } from "../../components/receipt/receipt";
import type { StateCounts } from "../../components/key-transfer/states";
import type { PromotionReport, Result, StageReport } from "../../promotion/result";

const none = { stored: 0, pending: 0, conflict: 0, ambiguousSource: 0, unreadableSource: 0, missingKey: 0 };

export const counts = (some: Partial<StateCounts>): StateCounts => ({ ...none, ...some });

export const receipt: Receipt = {
  revision: "d5d04d779088c2007952be77ab6d2ed0f051932175bc2b38df2670bc9fecc9a6",
  status: "complete",
  credentials: 14_000,
  verified: 13_988,
  at: "2026-03-10T12:01:58.653Z",
};

export const lastRun = {
  transferred: 12_840,
  repaired: 212,
  refused: 0,
  flagsSet: 12_840,
  flagsCleared: 3,
  vaultIdsAssigned: 4,
  batches: 31,
  retries: 0,
  durationMs: 4_100,
};

export function stageReport(stack: string, result: Result, changes: Partial<StageReport> = {}): StageReport {
  const nothing = { before: null, states: null, lastRun: null, updated: false, receipt: null, attention: [] };
  return { stack, result, reason: `${stack} is ${result}.`, seconds: 1.5, ...nothing, ...changes };
}

export function promotionOf(...waves: StageReport[][]): PromotionReport {
  const ok = waves.flat().every(({ result }) => result === "promoted" || result === "unchanged");
  return { ok, previewOnly: false, startedAt: "2026-03-10T12:00:03.000Z", seconds: 192.4, waves };
}

/** Every result and every state. */
export const richPromotion: PromotionReport = promotionOf(
  [
    stageReport("dev", "promoted", {
      before: counts({ stored: 1_160, pending: 12_840 }),
      states: counts({ stored: 14_000 }),
      lastRun,
      updated: true,
      receipt,
      seconds: 41.2,
    }),
  ],
  [
    stageReport("prod-eu", "failed", {
      before: counts({ stored: 300, pending: 2_600, conflict: 204, ambiguousSource: 102 }),
      states: counts({
        stored: 2_600,
        pending: 300,
        conflict: 204,
        ambiguousSource: 102,
        unreadableSource: 61,
        missingKey: 49,
      }),
      lastRun,
      updated: true,
      receipt: { ...receipt, status: "attention", accepted: ["missingKey:49"], attentionAccepted: false },
      attention: [{ credentialId: "0adcd9ed-327e-4f2e-802b-db54bdabcbf3", state: "conflict", advice: "Look at it." }],
    }),
    stageReport("prod-us", "unchanged", { states: counts({ stored: 9_120 }), receipt }),
  ],
  [stageReport("archive", "skipped"), stageReport("lab", "declined"), stageReport("museum", "refused")],
);
