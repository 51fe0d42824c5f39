import type { TakenThing } from "../../base/shared-things.ts";

type NamedNodes = Readonly<Record<string, { readonly name: string }>>;

/** The names of what is in a set. */
export function named(set: NamedNodes, path: string, what: string, normal = (name: string) => name): TakenThing[] {
  return Object.entries(set).map(([key, { name }]) => ({
    what: `${what} ${normal(name)}`,
    path: `${path}.${key}`,
  }));
}

/** A UUID that a node asks for. */
export function identified(uuid: string | null, path: string): TakenThing[] {
  return uuid === null ? [] : [{ what: `the UUID ${uuid.toLowerCase()}`, path }];
}

/** A GUID that a table or a partition asks for. */
export function partitionId(guid: string | null, path: string): TakenThing[] {
  return guid === null ? [] : [{ what: `the partition's or table's GUID ${guid.toLowerCase()}`, path }];
}

/** `/boot//efi/` is `/boot/efi`. */
export function plainPath(path: string): string {
  return `/${path
    .split("/")
    .filter((name) => name !== "" && name !== ".")
    .join("/")}`;
}
