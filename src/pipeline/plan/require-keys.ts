import type { DeviceTree } from "../../devices/device-tree.ts";
import { MkimageError } from "../../base/errors.ts";
import type { Request } from "../../request/schema.ts";
import type { Fault } from "../../base/schema/faults.ts";
import { missingKeys } from "./missing-keys.ts";
import { passwordPaths } from "./passwords.ts";

/** A device tree, and the request that brings its keys. */
interface KeyedTree {
  readonly tree: DeviceTree;
  readonly request: Request;
}

/**
 * Refuses a build whose guest would look for keys in vain. A plan does without them.
 *
 * @throws MkimageError BAD_REQUEST naming every key that is missing.
 */
export function requireKeys(keyed: KeyedTree): void {
  const faults = keysToGive(keyed);
  if (faults.length === 0) return;
  throw new MkimageError("BAD_REQUEST", "no image can be made of this device tree without its keys", {
    details: faults,
    hint: "mkimage disko makes every type on a machine, where it asks for passwords too",
  });
}

/** The keys that a build of this tree lacks, a line each. */
export function keysToGive({ tree, request }: KeyedTree): Fault[] {
  const files = new Set(request.preFormatFiles.map(([, to]) => to));
  const passwords = request.diskoScript === undefined ? new Set(passwordPaths(request).keys()) : undefined;
  return missingKeys(tree, { files, passwords });
}
