import { safeError } from "../postgres/errors";
import type { BatchRun } from "./batch-run";
import { rangeCutter, runTablePass, type TablePass } from "./table-pass";
import { BatchWorker } from "./worker";

/** Sessions that run batches side by side. More gained nothing on two cores and would be felt by others on more. */
const defaultWorkers = 2;

/** Runs a pass by several workers. An error of one ends them all. */
export async function runPass(run: BatchRun, pass: TablePass, workers = defaultWorkers): Promise<void> {
  const take = rangeCutter(pass.ranges);
  await Promise.all(
    Array.from({ length: workers }, async () => {
      const worker = new BatchWorker(run);
      try {
        await runTablePass(pass, take, worker);
      } catch (error) {
        run.fail();
        throw safeError(error, run.job.purpose);
      } finally {
        await worker.end();
      }
    }),
  );
}
