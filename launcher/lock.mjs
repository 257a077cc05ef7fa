// @ts-check
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds after which a lock without a pid in it counts as abandoned: writing the pid takes far less. */
const graceMs = 5_000;

/**
 * Runs `work` while no other process on this machine holds the same lock.
 *
 * The lock is a folder, because mkdir either makes it or says that it is there, on every file system. A lock whose
 * process is gone is taken over; who has its pid since then is told by when it started. Plain JavaScript, because the launcher needs it before anything is installed.
 *
 * @template T
 * @param {string} folder the lock: made and removed again; its parent must exist
 * @param {() => T | Promise<T>} work
 * @param {() => void} [waiting] called once if somebody else holds the lock
 * @returns {Promise<T>} what `work` returns
 */
export async function withLock(folder, work, waiting) {
  let told = false;
  /** @type {string | undefined} */
  let abandoned;
  while (!acquire(folder)) {
    const aside = setAside(folder);
    if (aside !== undefined) {
      abandoned = aside;
      continue;
    }
    if (!told) waiting?.();
    told = true;
    await pause(100);
  }
  try {
    return await work();
  } finally {
    rmSync(folder, { recursive: true, force: true });
    if (abandoned !== undefined) rmSync(abandoned, { recursive: true, force: true });
  }
}

/** @param {string} folder */
function acquire(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
  writeFileSync(join(folder, "pid"), `${process.pid} ${startOf(process.pid)}\n`);
  return true;
}

/**
 * Moves an abandoned lock out of the way. Its new name holds the dead process and stays until the new holder is done, so
 * that a second process which saw the same dead one fails here instead of moving the new holder's lock.
 *
 * @param {string} folder
 * @returns {string | undefined} where the lock went, or undefined if it is held or somebody else was faster
 */
function setAside(folder) {
  const dead = abandonedBy(folder);
  if (dead === undefined) return undefined;
  const aside = `${folder}.dead-${dead}`;
  try {
    renameSync(folder, aside);
    return aside;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} folder
 * @returns {string | undefined} the process that left the lock behind; undefined while it is held
 */
function abandonedBy(folder) {
  try {
    const [pid = 0, start = 0] = readFileSync(join(folder, "pid"), "utf8").split(" ").map(Number);
    if (pid > 0) return holds(pid, start) ? undefined : `${pid}-${start}`;
  } catch {
    // It says nothing yet: judged by age below.
  }
  try {
    return Date.now() - statSync(folder).mtimeMs > graceMs ? "nobody" : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {number} pid
 * @param {number} start
 * @returns {boolean} whether that process runs, and not another one with its pid
 */
function holds(pid, start) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== "EPERM") return false;
  }
  const started = startOf(pid);
  return started === 0 || start === 0 || started === start;
}

/**
 * @param {number} pid
 * @returns {number} when that process started: on Linux in ticks since the machine did, elsewhere in milliseconds since
 *   1970; 0 if that cannot be told
 */
function startOf(pid) {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // pid (name, which may hold spaces and parentheses) state parent …: the start is field 22.
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
    }
    // Without TZ it would be in the time zone of whoever asks.
    const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
    const date = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env }).trim();
    return Date.parse(`${date} UTC`) || 0;
  } catch {
    return 0;
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {{ code?: string }} */ (error).code;
}
