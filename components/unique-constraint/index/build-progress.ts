import { setTimeout as pause } from "node:timers/promises";
import { type Client, withClient } from "../../postgres/connection";
import { formatBlocker, sessionsOf } from "../../postgres/lock-retry";
import type { Report } from "../../postgres/report";
import { throttled } from "../../postgres/retry";

/** Most builds end sooner than this, in milliseconds, and need no second connection. */
const quietMs = 300;
const pollMs = 2_000;

export interface BuildProgress {
  /** Whom the watched statement waited for when last looked, as the end of a sentence; undefined where it waited for nobody. */
  readonly blockers: () => string | undefined;
  /** Ends the watch; resolves when its connection is closed. */
  readonly stop: () => Promise<void>;
}

/**
 * Tells, from a session of its own, how far an index build is and whom it waits for. It reads only views of the server,
 * one short statement at a time, so it holds no snapshot that the build would have to wait for.
 */
export function reportBuildProgress(databaseUrl: string, pid: number, what: string, report: Report): BuildProgress {
  const stopping = new AbortController();
  const sleep = (ms: number) => pause(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  let blockers: string | undefined;
  const reportThrottled = throttled(report);

  const look = async (client: Client): Promise<void> => {
    const progress = await progressOf(client, pid);
    blockers = await blockersOf(client, pid);
    const line = [progress?.line, blockers && `waiting for ${blockers}`].filter(Boolean).join(", ");
    // Ages and percentages change at every look; what is worth a line is another phase, another blocker, a tenth more.
    const gist = `${progress?.gist} ${blockers?.replace(/, for \d+ s/g, "")}`;
    if (line !== "") reportThrottled(gist, `${what}: ${line}`);
  };
  const follow = async (client: Client): Promise<void> => {
    for (; !stopping.signal.aborted; await sleep(pollMs)) await look(client);
  };
  const running = (async () => {
    await sleep(quietMs);
    while (!stopping.signal.aborted) {
      // A watch that fails must not fail the build: it is tried again, and the build has its deadline without it.
      await withClient(databaseUrl, { purpose: "watching an index build", readOnly: true }, follow).catch(() =>
        sleep(pollMs),
      );
    }
  })();
  return {
    blockers: () => blockers,
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

async function progressOf(client: Client, pid: number): Promise<{ line: string; gist: string } | undefined> {
  const { rows } = await client.query<{ phase: string | null; percent: number | null }>(
    `select phase, (100 * blocks_done / nullif(blocks_total, 0))::int as percent
       from pg_stat_progress_create_index where pid = $1`,
    [pid],
  );
  const [progress] = rows;
  if (!progress?.phase) return undefined;
  const { phase, percent } = progress;
  if (percent === null || phase.startsWith("waiting")) return { line: phase, gist: phase };
  return { line: `${phase}, ${percent} %`, gist: `${phase} ${Math.floor(percent / 10)}` };
}

async function blockersOf(client: Client, pid: number): Promise<string | undefined> {
  const { rows } = await client.query<{ pids: number[] }>("select pg_blocking_pids($1) as pids", [pid]);
  const pids = rows[0]?.pids ?? [];
  if (pids.length === 0) return undefined;
  const seen = (await sessionsOf(client, pids)).map(formatBlocker);
  // A prepared transaction has no process; the server calls it 0.
  if (pids.includes(0)) seen.push("a prepared transaction (see pg_prepared_xacts)");
  return seen.length > 0 ? seen.join("; ") : undefined;
}
