import type { FileHandle } from "node:fs/promises";
import { MkimageError } from "../../base/errors.ts";
import { writeFully } from "../file-output.ts";
import { converted } from "./convert.ts";
import type { HeaderIdentity, ImageFormat } from "./format.ts";
import { TiB } from "../../base/units.ts";
import { readHeader, uuidBytes } from "./header.ts";

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
