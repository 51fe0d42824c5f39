import type { Request } from "../../request/schema.ts";

/** A password of a request: for which container, from which file, and where a guest finds it. */
interface Password {
  readonly name: string;
  readonly from: string;
  /** Relative to the job's folder. */
  readonly path: string;
}

/** The passwords of a request, in its order. */
export function passwordsOf({ secret }: Pick<Request, "secret">): Password[] {
  return secret.map(({ name, file }, index) => ({ name, from: file, path: `secrets/password.${index}` }));
}

/** Where a guest finds the passwords, by the names of their containers. */
export function passwordPaths(request: Pick<Request, "secret">): ReadonlyMap<string, string> {
  return new Map(passwordsOf(request).map(({ name, path }) => [name, `/job/${path}`]));
}
