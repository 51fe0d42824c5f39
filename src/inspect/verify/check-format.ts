import type { MkimageError } from "../../base/errors.ts";
import type { OpenImage } from "../../image/reading/open-image.ts";
import { formatSize } from "../../base/units.ts";
import { type Check, failed, passed } from "./check.ts";

/** The format's headers and tables of an image that could be opened, for which all of them must be sound. */
export function checkFormat({ format, size }: OpenImage): Check {
  return passed("format", `${format}, a disk of ${formatSize(size)}`);
}

/** The same of an image that could not. */
export function failedFormat({ message, details }: MkimageError): Check {
  return failed("format", message, details);
}
