/** A YAML document; the package brings no types along. */
export function parseYaml<T>(text: string): T {
  return (require("js-yaml") as { safeLoad(text: string): T }).safeLoad(text);
}
