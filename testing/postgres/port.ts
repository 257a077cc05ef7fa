import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Ports that no operating system hands out by itself (Linux starts at 32768, macOS at 49152). A port from there could
 * be taken by any outgoing connection while a server restarts.
 */
const [lowest, highest] = [15_000, 32_000];

/** A port of the loopback interface that is free now. It may be taken a moment later: callers try again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
