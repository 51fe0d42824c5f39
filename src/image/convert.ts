import { resolve } from "node:path";
import { MkimageError } from "../errors.ts";
import { type Bytes, formatSize, GiB, TiB } from "../layout/units.ts";
import { run } from "../process/run.ts";
import type { ConvertedFormat, HeaderIdentity } from "./converted-format.ts";
import type { SinkOptions } from "./image.ts";
import { normaliseHeaders } from "./normalise.ts";

export interface Conversion {
  /** A raw file of a whole number of sectors. */
  readonly source: string;
  readonly target: string;
  readonly format: ConvertedFormat;
}

/**
 * What qemu-img does for each format. `force_size` keeps qemu-img from rounding the size to cylinders. `largest` is what
 * the format can hold, as QEMU implements it.
 */
const recipes: Readonly<Record<ConvertedFormat, { name: string; options: readonly string[]; largest: Bytes }>> = {
  vdi: { name: "vdi", options: [], largest: 512 * TiB },
  vpc: { name: "vpc", options: ["subformat=dynamic", "force_size=on"], largest: 2040 * GiB },
  "vpc-fixed": { name: "vpc", options: ["subformat=fixed", "force_size=on"], largest: 2040 * GiB },
  vhdx: { name: "vhdx", options: ["subformat=dynamic"], largest: 64 * TiB },
  vmdk: { name: "vmdk", options: ["subformat=streamOptimized", "adapter_type=lsilogic"], largest: 2 * TiB },
};

/** Arguments for qemu-img. Paths are made absolute, so that none is taken for an option or a protocol. */
export function convertArguments({ source, target, format }: Conversion): string[] {
  const { name, options } = recipes[format];
  const settings = options.length === 0 ? [] : ["-o", options.join(",")];
  return ["convert", "-p", "-f", "raw", "-O", name, ...settings, resolve(source), resolve(target)];
}

/**
 * Converts a raw image of `size` bytes with qemu-img. The same image and identity give the same bytes. When it fails the
 * target stays behind, incomplete.
 *
 * @throws MkimageError BAD_REQUEST for a size that the format cannot hold, MISSING_TOOL, COMMAND_FAILED,
 *   COMMAND_TIMED_OUT, INTERRUPTED.
 */
export async function convert(
  conversion: Conversion,
  size: Bytes,
  identity: HeaderIdentity,
  { signal, onProgress }: SinkOptions = {},
): Promise<void> {
  checkSize(conversion.format, size);
  const onOutput = (text: string) => {
    const percent = progressOf(text);
    if (percent !== undefined) onProgress?.(Math.round((size * percent) / 100), size);
  };
  await run("qemu-img", convertArguments(conversion), { signal, onOutput, deadlineSeconds: 24 * 3600 });
  await normaliseHeaders(conversion.format, conversion.target, identity);
}

/** The last percentage in a piece of qemu-img's output, which separates them by carriage returns. */
export function progressOf(text: string): number | undefined {
  const percent = [...text.matchAll(/\((\d+(?:\.\d+)?)\/100%\)/g)].at(-1)?.[1];
  return percent === undefined ? undefined : Number(percent);
}

function checkSize(format: ConvertedFormat, size: Bytes): void {
  const { name, largest } = recipes[format];
  if (size <= largest && size % 512 === 0) return;
  throw new MkimageError("BAD_REQUEST", `the format ${name} cannot hold an image of ${formatSize(size)}`, {
    hint: `make it a multiple of 512 bytes, up to ${formatSize(largest)}, or choose qcow2`,
  });
}
