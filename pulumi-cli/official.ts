import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { withProgress, type Log } from "./progress";
import { wantedVersion } from "./release";

const downloads = "https://get.pulumi.com/releases/sdk";
/** A closed network must not cost more than this before the next way is tried. */
const answerSeconds = 10;
/** A download that stands still for so long is given up. */
const silenceSeconds = 30;

/** Downloads the official CLI into `bin`, checked against the release's SHA-256 list. Throws with the reason. */
export async function downloadOfficial(bin: string, folder: string, log: Log): Promise<void> {
  const [system, processor] = [process.platform, process.arch];
  if (!["linux", "darwin"].includes(system) || !["x64", "arm64"].includes(processor))
    throw new Error(`there is no official archive for ${system}-${processor} that this script can unpack`);
  const name = `pulumi-v${wantedVersion}-${system}-${processor}.tar.gz`;
  const list = await (await get(`pulumi-${wantedVersion}-checksums.txt`)).text();
  const wanted = checksumIn(list, name);
  const archive = join(folder, name);
  log(`Downloading ${name} from ${new URL(downloads).host}…`);
  const found = await save(await get(name), archive, log);
  if (found !== wanted) throw new Error(`the SHA-256 of ${name} is ${found} instead of ${wanted}`);
  mkdirSync(bin);
  const tar = spawnSync("tar", ["-xzf", archive, "-C", bin, "--strip-components=1"], { encoding: "utf8" });
  if (tar.status !== 0) throw new Error(`tar could not unpack ${name}: ${tar.error?.message ?? tar.stderr.trim()}`);
}

/** The checksum of file `name` in a list of lines "<hex>  <name>". */
export function checksumIn(list: string, name: string): string {
  const line = list.split("\n").find((each) => each.trim().split(/\s+\*?/)[1] === name);
  const sum = line?.trim().split(/\s+/)[0]?.toLowerCase();
  if (sum === undefined || !/^[0-9a-f]{64}$/.test(sum)) throw new Error(`the release's checksums do not list ${name}`);
  return sum;
}

async function get(name: string): Promise<Response> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), answerSeconds * 1000);
  try {
    const response = await fetch(`${downloads}/${name}`, { signal: giveUp.signal });
    if (!response.ok) throw new Error(`${downloads}/${name} answers with status ${response.status}`);
    return response;
  } catch (error) {
    if (giveUp.signal.aborted)
      throw new Error(`${downloads} did not answer within ${answerSeconds} s`, { cause: error });
    // fetch says only "fetch failed"; what happened is in the cause.
    if (error instanceof TypeError && error.cause instanceof Error)
      throw new Error(`${downloads} cannot be reached (${error.cause.message})`, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Writes the answer to a file; returns the SHA-256 of what was written. */
async function save(response: Response, file: string, log: Log): Promise<string> {
  const hash = createHash("sha256");
  const giveUp = new AbortController();
  const stalled = setTimeout(() => giveUp.abort(), silenceSeconds * 1000);
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      stalled.refresh();
      bytes += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const body = Readable.fromWeb(response.body as ReadableStream);
  const megabytes = () =>
    `${Math.round(bytes / 1e6)} MB of ${Math.round(Number(response.headers.get("content-length")) / 1e6)}`;
  try {
    await withProgress(log, megabytes, () => pipeline(body, meter, createWriteStream(file), { signal: giveUp.signal }));
  } catch (error) {
    if (giveUp.signal.aborted) throw new Error(`the download stood still for ${silenceSeconds} s`, { cause: error });
    throw error;
  } finally {
    clearTimeout(stalled);
  }
  return hash.digest("hex");
}
