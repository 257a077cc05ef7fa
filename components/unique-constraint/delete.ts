/**
 * Keeps the constraint: it guards the vault against a second key for a credential also when nobody deploys any more,
 * and it may have been there before us.
 */
export async function deleteConstraint(): Promise<void> {}
