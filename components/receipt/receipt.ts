import { z } from "zod";
import type { Status } from "../key-transfer/summary";

/** What the next stage of a promotion checks. Not secret. */
export interface Receipt {
  readonly revision: string;
  readonly status: Status;
  readonly credentials: number;
  readonly verified: number;
  /** When the wallets were last read back, ISO 8601. */
  readonly at: string;
  /** What a person has looked at and accepts, as configured; only where acceptAttention is set. */
  readonly accepted?: readonly string[];
  /** Whether that covers every wallet in attention. The status stays `attention` all the same. */
  readonly attentionAccepted?: boolean;
  /** Why it is `incomplete`, for a person; only where it is. */
  readonly reason?: string;
  /** True while an update has begun and not ended, and after one that failed; see unfinished-update.ts. */
  readonly unfinished?: true;
}

const wallets = z.number().int().min(0);

/** The receipt of an update that ended, as this program writes it; whatever else it holds does not matter here. */
const ended = z
  .object({
    revision: z.string().min(1),
    status: z.enum(["complete", "attention", "incomplete"]),
    credentials: wallets,
    verified: wallets,
    at: z.iso.datetime({ offset: true }),
    accepted: z.array(z.string()).optional(),
    attentionAccepted: z.boolean().optional(),
    reason: z.string().optional(),
    unfinished: z.undefined().optional(),
  })
  .refine(({ credentials, verified }) => verified <= credentials)
  .refine(({ status, reason }) => (status === "incomplete") === (reason !== undefined));

export type Ended = z.output<typeof ended>;

const unfinished = z.object({ unfinished: z.literal(true) });

/** @returns the receipt of an update that ended; "unfinished"; undefined for anything that this program never writes */
export function parseReceipt(given: unknown): Ended | "unfinished" | undefined {
  return unfinished.safeParse(given).success ? "unfinished" : ended.safeParse(given).data;
}
