/**
 * Runs a program in this process's place: same terminal, same signals, same ending. Resolves with its exit code; if a
 * signal ended it, this process ends by the same signal. `onSignal` is told of every signal that is passed on, `onEnd` of
 * the program's end, before this process ends.
 */
export function inForeground(
  command: string,
  args: readonly string[],
  options?: { cwd?: string; env?: NodeJS.ProcessEnv; onSignal?: () => void; onEnd?: () => void },
): Promise<number>;
