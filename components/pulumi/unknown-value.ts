/** What Pulumi's engine sends instead of a value that is not known before the update. */
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * True where some input is not known yet, or is a text made of one, so that nothing can be said about the resource in this
 * preview.
 */
export function hasUnknown(value: unknown): boolean {
  if (typeof value === "string") return value.includes(unknownValue);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, entry]) => key !== "__provider" && hasUnknown(entry));
}
