import type { Bytes } from "../base/units.ts";

/** The arguments of qemu-img that copy a part of a raw file, without its holes. */
export function copyPartArguments(
  source: string,
  { start, size }: { readonly start: Bytes; readonly size: Bytes },
  target: string,
): string[] {
  // QEMU ends an option's value at a comma, unless it is doubled.
  const file = source.replaceAll(",", ",,");
  const part = `driver=raw,offset=${start},size=${size},file.driver=file,file.filename=${file}`;
  return ["convert", "--image-opts", "-O", "raw", part, target];
}
