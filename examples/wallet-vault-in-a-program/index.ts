import { declareWalletVault, View } from "wallet-vault";

async function program() {
  const vault = await declareWalletVault("vault", { placeholders: ["MIGRATION_REQUIRED", "TODO"] });

  // What else the program declares; this one waits until every key that can be moved is in the vault.
  const projects = new View(
    "wallets-per-project",
    {
      schema: "public",
      name: "wallets_per_project",
      query: "select project_id, count(*) as wallets from public.project_credentials group by project_id",
    },
    { dependsOn: vault },
  );

  return {
    status: vault.status,
    summary: vault.summary,
    attention: vault.attention,
    projects: projects.qualifiedName,
  };
}

export = program;
