// @ts-check
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds after which a lock without a pid in it counts as abandoned: writing the pid takes far less. */
const graceMs = 5_000;

/**
 * Runs `work` while no other process on this machine holds the same lock.
 *
 * The lock is a folder, because mkdir either makes it or says that it is there, on every file system. A lock whose
 * process is gone is taken over. Plain JavaScript, because the launcher needs it before anything is installed.
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
  writeFileSync(join(folder, "pid"), `${process.pid}\n`);
  return true;
}

/**
 * Moves an abandoned lock out of the way. Its new name holds the dead pid and stays until the new holder is done, so
 * that a second process which saw the same dead pid fails here instead of moving the new holder's lock.
 *
 * @param {string} folder
 * @returns {string | undefined} where the lock went, or undefined if it is held or somebody else was faster
 */
function setAside(folder) {
  const pid = holder(folder);
  if (pid === undefined || (pid !== 0 && alive(pid))) return undefined;
  const aside = `${folder}.dead-${pid}`;
  try {
    renameSync(folder, aside);
    return aside;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} folder
 * @returns {number | undefined} the pid; 0 if it was never written; undefined if that cannot be told yet
 */
function holder(folder) {
  try {
    const pid = Number.parseInt(readFileSync(join(folder, "pid"), "utf8"), 10);
    if (pid > 0) return pid;
  } catch {
    // No pid yet: judged by age below.
  }
  try {
    return Date.now() - statSync(folder).mtimeMs > graceMs ? 0 : undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {{ code?: string }} */ (error).code;
}
