import { MkimageError } from "../base/errors.ts";
import { requireHeld } from "./limits.ts";
import { filesystemOf, filesystems } from "./registry.ts";
import type { Survey } from "./survey.ts";

/**
 * Looks through the manifest of one filesystem.
 *
 * @throws MkimageError BAD_REQUEST for what it cannot hold.
 */
export const surveyFilesystem: Survey = (filesystem, files, context) => {
  const { survey, limits } = filesystemOf(filesystem.format);
  if (survey !== null) {
    requireHeld(filesystem.format, limits, files);
    return survey(filesystem, files, context);
  }
  throw new MkimageError("INTERNAL", `mkimage does not make filesystems of type ${filesystem.format}`);
};

/** The filesystems that images are made with. */
export const plannableFormats: readonly string[] = Object.keys(filesystems).filter(isPlannable);

/** Whether an image can be made with a filesystem of this kind. */
export function isPlannable(format: string): boolean {
  return filesystemOf(format).survey !== null;
}
