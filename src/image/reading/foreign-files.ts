import { closeSync, openSync, readSync } from "node:fs";
import { MkimageError } from "../../base/errors.ts";
import { headLength } from "../formats/format.ts";
import { referencesIn } from "../formats/registry.ts";

/**
 * Refuses an image that says in its first bytes that other files hold its contents, before any program opens it: opening
 * it would open those, and they can be named as anything that QEMU reads, devices and network addresses included.
 *
 * @throws MkimageError BAD_IMAGE.
 */
export function refuseReferences(path: string): void {
  const found = referencesIn(readHead(path));
  if (found === undefined) return;
  throw new MkimageError("BAD_IMAGE", `${path} takes bytes from other files: ${found}`, {
    hint: "make one file of it first, if you trust it: qemu-img convert -O qcow2",
  });
}

function readHead(path: string): Buffer {
  const descriptor = openSync(path, "r");
  try {
    // What an image lacks of it is zeros, which name nothing.
    const head = Buffer.alloc(headLength);
    readSync(descriptor, head, 0, head.length, 0);
    return head;
  } finally {
    closeSync(descriptor);
  }
}
