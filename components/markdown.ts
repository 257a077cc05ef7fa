/** As text, whatever Markdown or HTML it looks like. */
export const escapeMarkdown = (text: string): string => escape(text, /[\\`*_{}[\]<>()#+!|~&$@"']/g);

/**
 * The same for a cell of the output `readme`: `$` too, since Pulumi Cloud replaces `${…}`. It leaves alone what does no
 * harm inside a cell, since another spelling would show as a change of that output.
 */
export const escapeReadmeCell = (text: string): string => escape(text, /[\\`*_{}[\]<>|#$~&]/g);

const escape = (text: string, characters: RegExp): string =>
  text.replace(characters, (character) => `&#${character.charCodeAt(0)};`).replace(/\s+/g, " ");
