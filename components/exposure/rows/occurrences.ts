/**
 * SQL of a boolean: whether a text is in another one more often than expected. Nearly always once is expected, and to count takes
 * ten times as long as to look for a second one.
 *
 * @param expected SQL of numbers, to be added up
 */
export function occursMoreOften(text: string, sought: string, expected: readonly string[]): string {
  const sum = expected.length === 0 ? "0" : expected.join(" + ");
  const behindFirst = `substr(${text}, strpos(${text}, ${sought}) + length(${sought}))`;
  return `(strpos(${text}, ${sought}) > 0 and case ${sum}
             when 0 then true
             when 1 then strpos(${behindFirst}, ${sought}) > 0
             else (length(${text}) - length(replace(${text}, ${sought}, ''))) / length(${sought}) > ${sum} end)`;
}
