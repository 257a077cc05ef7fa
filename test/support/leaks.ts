/** Parts of a key that give it away, also where it was cut, turned round or encoded. */
function traces(key: string): string[] {
  const backwards = [...key].toReversed().join("");
  const forms = [key, backwards].flatMap((text) => [
    text,
    Buffer.from(text).toString("base64"),
    Buffer.from(text).toString("hex"),
  ]);
  // PostgreSQL cuts the values in a failing row's description after 64 bytes.
  return forms.map((form) => (form.length > 40 ? form.slice(4, 36) : form).toLowerCase());
}

/** How many of the keys show in `text`, in whatever form. */
export const keysIn = (text: string, keys: readonly string[]): number => {
  const searched = text.toLowerCase();
  return keys.filter((key) => traces(key).some((trace) => searched.includes(trace))).length;
};
