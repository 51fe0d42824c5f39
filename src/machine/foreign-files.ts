import { closeSync, openSync, readSync } from "node:fs";
import { MkimageError } from "../base/errors.ts";

/**
 * Refuses an image that says in its first bytes that other files hold its contents, before any program opens it: opening
 * it would open those, and they can be named as anything that QEMU reads, devices and network addresses included.
 *
 * @throws MkimageError BAD_IMAGE.
 */
export function refuseReferences(path: string): void {
  const head = readHead(path);
  const found = references.map((look) => look(head)).find((what) => what !== undefined);
  if (found === undefined) return;
  throw new MkimageError("BAD_IMAGE", `${path} takes bytes from other files: ${found}`, {
    hint: "make one file of it first, if you trust it: qemu-img convert -O qcow2",
  });
}

const headLength = 4096;

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

/** What each format says of other files, for people. */
const references: readonly ((head: Buffer) => string | undefined)[] = [
  backingOfQcow,
  dataOfQcow,
  backingOfQed,
  partsOfVmdk,
  parentOfVhd,
];

/** Source: QEMU, docs/interop/qcow2.txt. The first version of the format begins in the same way. */
function backingOfQcow(head: Buffer): string | undefined {
  if (head.toString("latin1", 0, 4) !== "QFI\xfb" || head.readBigUInt64BE(8) === 0n) return undefined;
  const [start, length] = [Number(head.readBigUInt64BE(8)), head.readUInt32BE(16)];
  return head.toString("utf8", start, Math.min(start + length, headLength)) || "a backing file";
}

const externalData = 4n;

function dataOfQcow(head: Buffer): string | undefined {
  const isQcow = head.toString("latin1", 0, 4) === "QFI\xfb" && head.readUInt32BE(4) >= 3;
  return isQcow && (head.readBigUInt64BE(72) & externalData) !== 0n ? "an external data file" : undefined;
}

/** Source: QEMU, docs/interop/qed_spec.txt. */
function backingOfQed(head: Buffer): string | undefined {
  const hasBacking = head.toString("latin1", 0, 4) === "QED\0" && (head.readBigUInt64LE(16) & 1n) !== 0n;
  return hasBacking ? "a backing file" : undefined;
}

/**
 * A descriptor names the files that hold the contents, also where it stands in a file with the header of a sparse one.
 *
 * Source: VMware, "Virtual Disk Format 5.0"; QEMU takes a text for a descriptor when this is its first word.
 */
function partsOfVmdk(head: Buffer): string | undefined {
  const isDescriptor = isDescriptorText(head.toString("latin1"));
  const isHollow = head.toString("latin1", 0, 4) === "KDMV" && head.readBigUInt64LE(12) === 0n;
  if (!isDescriptor && !isHollow) return undefined;
  const names = [...head.toString("latin1").matchAll(extentLine)].map(([, name]) => name);
  return names.join(", ") || "a VMDK descriptor names them";
}

/** Access, sectors, kind and file: `RW 4096 FLAT "disk-flat.vmdk" 0`. */
const extentLine = /^(?:RW|RDONLY|NOACCESS) \d+ \w+ "([^"\n]+)"/gm;

const differencing = 4;

/** Source: Microsoft, "Virtual Hard Disk Image Format Specification 1.0". */
function parentOfVhd(head: Buffer): string | undefined {
  const isVhd = head.toString("latin1", 0, 8) === "conectix";
  return isVhd && head.readUInt32BE(60) === differencing ? "a parent" : undefined;
}

/** Comments and empty lines, then its version. */
function isDescriptorText(text: string): boolean {
  if (text.startsWith("# Disk DescriptorFile")) return true;
  const first = text.split("\n").find((line) => !/^(#.*|\s*)$/.test(line));
  return first !== undefined && /^version=\d/.test(first);
}
