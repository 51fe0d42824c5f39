import type { OpenImage } from "../inspect/open-image.ts";
import { formatSize } from "../layout/units.ts";
import { run } from "../process/run.ts";
import { type Check, judged, passed } from "./check.ts";

/** What qemu-img can check. Of the others it was already shown that they can be read to their end. */
const checkable: readonly string[] = ["qcow2", "vdi", "vhdx", "vmdk", "qed", "parallels"];

/** The format's headers and tables. */
export async function checkFormat(image: OpenImage, signal: AbortSignal | undefined): Promise<Check> {
  const { format, path, size } = image;
  const text = `${format}, a disk of ${formatSize(size)}`;
  if (!checkable.includes(format)) return passed("format", text);
  return await judged("format", text, () => run("qemu-img", checkArguments(path, format), { signal }));
}

/** Reads only. */
export function checkArguments(path: string, format: string): string[] {
  return ["check", "-q", "-f", format, path];
}
