/** Names a file for the last line of an update, so that `npm run pulumi` can print it below all that the CLI prints. */
export const lastLineVariable = "WALLET_VAULT_LAST_LINE_FILE";
