import * as z from "zod";
import { MkimageError } from "../base/errors.ts";
import { type Bytes, MiB, parseSize } from "../base/units.ts";
import { parseBytes } from "../layout/sector-text.ts";

/** A size: text such as `512M`, or a number of MiB as in make-disk-image. Its output is in bytes. */
export const size = z
  .union([z.string(), z.number()])
  .transform((value, context) => bytesOf(() => parseSize(String(value), MiB), context))
  .meta({ placeholder: "SIZE" });

/** `SIZE` or `auto` for all disks, `DISK=SIZE` for one. The size stays text, as a device tree has it: a bare number is bytes. */
export const diskSize = z.string().transform((text, context) => {
  const [, disk, imageSize = ""] = /^(?:(.+)=)?([^=]*)$/.exec(text) ?? [];
  if (imageSize !== "auto")
    bytesOf(() => parseBytes(imageSize), context, "write SIZE, auto, or one of them for one disk: DISK=SIZE; ");
  return { disk, imageSize };
});

/** `NAME=FILE`. */
export const namedFile = z
  .string()
  .regex(/^[^=]+=.+$/, "write NAME=FILE")
  .transform((text) => ({ name: text.slice(0, text.indexOf("=")), file: text.slice(text.indexOf("=") + 1) }));

/** A UUID in any case; its output is in upper case. */
export const uuid = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "a UUID has the form F222513B-DED1-49FA-B591-20CE86A2FE7F")
  .toUpperCase()
  .meta({ placeholder: "UUID" });

/** A name that can stand in a file name of the output. */
export const fileName = z
  .string()
  .regex(/^[^/\p{Cc}"]+$/u, "a file name is not empty, and has no slash, quote or control character")
  .refine((name) => name !== "." && name !== ".." && !name.startsWith("."), "a file name does not begin with a dot")
  .meta({ placeholder: "NAME" });

/** An absolute path inside the image. */
export const targetPath = z
  .string()
  .regex(/^\/[^\0]*$/, "a path in the image is absolute: it begins with a slash")
  .refine((path) => !path.split("/").includes(".."), "a path in the image has no ..");

/** Reads a size, or makes the fault an issue, with what is legal before it. */
function bytesOf(read: () => Bytes, context: z.core.$RefinementCtx, legal = ""): Bytes {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MkimageError)) throw error;
    const fault = error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
    context.addIssue({ code: "custom", message: legal + fault });
    return z.NEVER;
  }
}
