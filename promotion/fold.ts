/**
 * The lines of a text, broken at spaces. What is longer than `room`, and cannot be broken, has a line of its own.
 *
 * @param indent stands before all lines but the first
 */
export function fold(text: string, room: number, indent = ""): string[] {
  const lines: string[] = [];
  for (const part of parts(text)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + part.length <= room) lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(last === undefined ? part : indent + part);
  }
  return lines;
}

/** Words; a command, up to the next punctuation mark, is one: broken in two, it could not be copied. */
function parts(text: string): string[] {
  const all = text.split(" ");
  const found: string[] = [];
  let inCommand = false;
  for (const [index, word] of all.entries()) {
    if (inCommand) found[found.length - 1] += ` ${word}`;
    else found.push(word);
    const begins = word === "npm" && all[index + 1] === "run";
    inCommand = (inCommand || begins) && !/[.,;:)]$/.test(word);
  }
  return found;
}
