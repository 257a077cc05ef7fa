import { UniqueConstraint, View } from "wallet-vault";

const constraint = new UniqueConstraint("email", {
  schema: "public",
  table: "customers",
  columns: ["email"],
  name: "customers_email_key",
});

const view = new View(
  "per-country",
  {
    schema: "public",
    name: "customers_per_country",
    query: "select country, count(*) as customers from public.customers group by country",
  },
  { dependsOn: constraint },
);

/** What became of the constraint: `created`, or `adopted` where an equal one was there. */
export const origin = constraint.origin;
export const columns = view.columns;
