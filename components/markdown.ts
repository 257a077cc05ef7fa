/** Escapes all that Markdown or HTML could take for markup. */
export const escapeMarkdown = (text: string): string => escape(text, /[\\`*_{}[\]<>()#+!|~&$@"']/g);

/**
 * Escapes a cell of the output `readme`. Pulumi Cloud replaces `${…}`, hence `$`. The set is smaller than the other one
 * and must stay: a wider one would show as a change of that output in every stack.
 */
export const escapeReadmeCell = (text: string): string => escape(text, /[\\`*_{}[\]<>|#$~&]/g);

const escape = (text: string, characters: RegExp): string =>
  text.replace(characters, (character) => `&#${character.charCodeAt(0)};`).replace(/\s+/g, " ");
