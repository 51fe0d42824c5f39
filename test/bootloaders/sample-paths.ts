import { createHash } from "node:crypto";

/** A store path of that name, with a hash that is made from it. */
export function storePath(name: string): string {
  const hash = createHash("sha256").update(name).digest("hex").replaceAll("e", "x").slice(0, 32);
  return `/nix/store/${hash}-${name}`;
}
