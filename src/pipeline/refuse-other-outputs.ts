import { MkimageError } from "../base/errors.ts";
import type { Request } from "../request/schema.ts";

/**
 * Refuses what a request asks of an image file, where there is none.
 *
 * @param doing the option or verb that goes straight to a disk, as the user writes it.
 * @throws MkimageError BAD_REQUEST.
 */
export function refuseOtherOutputs(
  { variant, format, compress, bmap, touchEfiVars, postVm, size }: Request,
  doing: string,
): void {
  const extra = [
    variant === undefined ? "" : "variant",
    format === "raw" ? "" : "format",
    compress === undefined ? "" : "compress",
    bmap ? "bmap" : "",
    touchEfiVars ? "touch-efi-vars" : "",
    postVm === "" ? "" : "post-vm",
    size === "auto" ? "" : "size",
  ].filter((name) => name !== "");
  if (extra.length === 0) return;
  throw new MkimageError("BAD_REQUEST", `${doing} makes no image file; drop ${extra.join(", ")}`, {
    hint: "a system that is written to a disk takes the disk's own size; for an image file use build, then mkimage write",
  });
}
