import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { throwAsUserError } from "../pulumi/user-error";
import { type ProviderArguments, providerArguments } from "./provider-arguments";

/** The provider of @pulumi/postgresql for the database that our own sessions reach. */
export function postgresqlProvider(
  name: string,
  databaseUrl: pulumi.Input<string>,
  opts: pulumi.ResourceOptions,
): postgresql.Provider {
  const connection = pulumi.secret(databaseUrl).apply(readArguments);
  // Only the password is a secret; the rest would hide the schema's database in the preview.
  const open = pulumi.unsecret(connection.apply(withoutPassword));
  return new postgresql.Provider(
    name,
    {
      host: open.host,
      port: open.port,
      database: open.database,
      username: open.username,
      password: connection.password,
      sslmode: open.sslmode,
      sslrootcert: open.apply((of) => of.sslrootcert),
      clientcert: open.apply((of) => of.clientcert) as pulumi.Input<never>,
      // The plugin believes it is a superuser unless told, and then reads pg_authid, which hosted platforms forbid.
      superuser: false,
      connectTimeout: 15,
    },
    opts,
  );
}

function readArguments(databaseUrl: string): ProviderArguments {
  try {
    return providerArguments(databaseUrl);
  } catch (error) {
    return throwAsUserError(error);
  }
}

function withoutPassword(connection: ProviderArguments): Omit<ProviderArguments, "password"> {
  const { password: _password, ...open } = connection;
  return open;
}
