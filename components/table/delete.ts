/** Keeps the table and what it holds: it can be had again only by as much work, or, of keys that were put aside, not at all. */
export async function deleteTable(): Promise<void> {}
