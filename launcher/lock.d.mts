/**
 * Runs `work` while no other process on this machine holds the lock `folder` (made and removed again; its parent must
 * exist). A lock whose process is gone is taken over. `waiting` is called once if somebody else holds it.
 */
export function withLock<T>(folder: string, work: () => T | Promise<T>, waiting?: () => void): Promise<T>;
