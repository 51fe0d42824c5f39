import { createHash } from "node:crypto";
import type { BcachefsFilesystemNode } from "./schema.ts";

/** The UUID of a filesystem, in lower case. disko's rule: where none is given, it follows from the name. */
export function uuidOf({ uuid }: BcachefsFilesystemNode, name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)];
  return (uuid ?? groups.join("-")).toLowerCase();
}
