/** A word of a command as a shell reads it: quoted where it has to be, as where a temporary folder has a blank in its name. */
export function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
