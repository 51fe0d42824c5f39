import * as z from "zod";
import { MkimageError } from "../base/errors.ts";
import { MiB, parseSize } from "../base/units.ts";

/** A size: text such as `512M`, or a number of MiB as in make-disk-image. Its output is in bytes. */
export const size = z
  .union([z.string(), z.number()])
  .transform((value, context) => {
    try {
      return parseSize(String(value), MiB);
    } catch (error) {
      context.addIssue({ code: "custom", message: explain(error) });
      return z.NEVER;
    }
  })
  .meta({ placeholder: "SIZE" });

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

function explain(error: unknown): string {
  if (error instanceof MkimageError)
    return error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
  throw error;
}
