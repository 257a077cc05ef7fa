/** Changes nothing: what was proven stays in its table, and holds as long as its digest does. */
export async function deleteIdentity(): Promise<void> {}
