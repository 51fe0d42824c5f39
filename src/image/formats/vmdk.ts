import type { FileHandle } from "node:fs/promises";
import { uuidBytes } from "../../base/guid.ts";
import { MkimageError } from "../../base/errors.ts";
import { writeFully } from "../file-output.ts";
import { converted } from "./convert.ts";
import type { HeaderIdentity, ImageFormat, ImageReader } from "./format.ts";
import { TiB } from "../../base/units.ts";
import { readHeader } from "./header.ts";

/** VMware, in the form that is sent about. */
export const vmdk: ImageFormat = {
  ending: "vmdk",
  largest: 2 * TiB,
  ...converted({
    name: "vmdk",
    driver: "vmdk",
    options: ["subformat=streamOptimized", "adapter_type=lsilogic"],
    normalise,
  }),
};

export const vmdkReader: ImageReader = {
  endings: [".vmdk"],
  isCheckable: true,
  readsPastEnd: false,
  references: partsOfVmdk,
};

/**
 * The embedded descriptor: the content id, which qemu-img draws, and the name of the file, which was a temporary one.
 *
 * Source: VMware, Virtual Disk Format 5.0, "Hosted Sparse Extents", "The Disk DescriptorFile".
 */
async function normalise(file: FileHandle, identity: HeaderIdentity): Promise<void> {
  const header = await readHeader(file, 0, 512, "KDMV");
  const start = Number(header.readBigUInt64LE(28)) * 512;
  const length = Number(header.readBigUInt64LE(36)) * 512;
  const old = await readHeader(file, start, length, "# Disk DescriptorFile");
  const text = old.toString("utf8").replace(/\0+$/, "");
  const contentId = uuidBytes(identity.uuid("vmdk content")).toString("hex", 0, 4);
  const changed = replaced(
    replaced(text, /^CID=.*$/m, `CID=${contentId}`),
    /^(RW \d+ SPARSE) ".*"$/m,
    '$1 "disk.vmdk"',
  );
  const descriptor = Buffer.alloc(length);
  descriptor.write(changed, "utf8");
  await writeFully(file, descriptor, start);
}

function replaced(text: string, pattern: RegExp, replacement: string): string {
  if (pattern.test(text)) return text.replace(pattern, replacement);
  throw new MkimageError("BAD_IMAGE", `the descriptor of the converted image has no line ${String(pattern)}`);
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

/** Comments and empty lines, then its version. */
function isDescriptorText(text: string): boolean {
  if (text.startsWith("# Disk DescriptorFile")) return true;
  const first = text.split("\n").find((line) => !/^(#.*|\s*)$/.test(line));
  return first !== undefined && /^version=\d/.test(first);
}
