import { z } from "zod/v3";
import type { Status } from "../key-transfer/summary";

/** The next stage of a promotion checks this. Not secret. */
export interface Receipt {
  readonly revision: string;
  readonly status: Status;
  readonly credentials: number;
  readonly verified: number;
  /** When the wallets were last read back, ISO 8601. */
  readonly at: string;
  /** The value of acceptAttention: states and counts that a person accepts; only where it is set. */
  readonly accepted?: readonly string[];
  /** Whether `accepted` covers every wallet in attention. The status stays `attention`. */
  readonly attentionAccepted?: boolean;
  /** Why it is `incomplete`, for a person; only where it is. */
  readonly reason?: string;
  /** True while an update has begun and not ended, and after one that failed; see unfinished-update.ts. */
  readonly unfinished?: true;
}

const wallets = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** The receipt of an update that ended, as this program writes it. Other properties are ignored. */
const ended = z
  .object({
    revision: z.string().min(1),
    status: z.enum(["complete", "attention", "incomplete"]),
    credentials: wallets,
    verified: wallets,
    at: z.string().datetime({ offset: true }),
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
