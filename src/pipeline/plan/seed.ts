import { createHash } from "node:crypto";
import type { Request } from "../../request/schema.ts";

/**
 * The text that every identifier of an image is derived from: the one given, else the system and what the request says
 * about the disk. The format is not part of it: the same disk in another format has the same identifiers.
 *
 * @param roots the store paths that go in, or the name of a root tree.
 */
export function seedOf(request: Request, roots: readonly string[]): string {
  if (request.seed !== undefined) return request.seed;
  const { partition, fsType, label, rootGpuid, rootFsuid, onlyNixStore, sectorSize } = request;
  const shape = { partition, fsType, label, rootGpuid, rootFsuid, onlyNixStore, sectorSize };
  return createHash("sha256")
    .update(JSON.stringify([[...roots].sort(), shape]))
    .digest("hex");
}
