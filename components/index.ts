// What other Pulumi programs may use: `import { … } from "wallet-vault"`. Everything else is internal.
export { declareWalletVault, type WalletVaultSettings } from "./declare-wallet-vault";
export { UniqueConstraint, type UniqueConstraintArgs } from "./unique-constraint/resource";
export { View, type ViewArgs } from "./view/resource";
export type { WalletVault } from "./wallet-vault";
