import { MkimageError } from "../base/errors.ts";
import { requestFlags } from "../request/flags.ts";
import type { Request } from "../request/schema.ts";
import { writtenName } from "../request/written.ts";

/**
 * Refuses what a request asks of an image file, where there is none.
 *
 * @param doing the option or verb that goes straight to a disk, as the user writes it.
 * @throws MkimageError BAD_REQUEST.
 */
export function refuseOtherOutputs(request: Request, doing: string): void {
  const extra = requestFlags().flatMap(({ key }) =>
    asksForFile(request, key) ? [writtenName(request.given, key)] : [],
  );
  if (extra.length === 0) return;
  throw new MkimageError("BAD_REQUEST", `${doing} makes no image file; drop ${extra.join(", ")}`, {
    hint: "a system that is written to a disk takes the disk's own size and sectors; for an image file use build, then mkimage write",
  });
}

function asksForFile(request: Request, key: string): boolean {
  if (key === "format") return request.format !== "raw";
  if (key === "size") return request.size !== "auto";
  // A deployment takes this one off the request of its disks.
  if (key === "touchEfiVars") return request.touchEfiVars;
  return isForFiles(key) && request.given.has(key) && request[key] !== false;
}

/** The keys that have no effect on a disk. What is only switched off by them is off. */
const forFiles = [
  "variant",
  "compression",
  "compress",
  "bmap",
  "postVm",
  "baseName",
  "imageSize",
  "sectorSize",
  "out",
  "force",
  "checksum",
] as const satisfies readonly (keyof Request)[];

function isForFiles(key: string): key is (typeof forFiles)[number] {
  return (forFiles as readonly string[]).includes(key);
}
