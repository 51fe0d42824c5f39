import { MkimageError } from "../base/errors.ts";
import type { FilesystemName } from "./survey.ts";

/** The UUID of a filesystem that we write ourselves: nobody else draws it. */
export function ownUuid({ path, uuid }: Pick<FilesystemName, "path" | "uuid">): string {
  if (uuid === null) throw new MkimageError("INTERNAL", `${path} has no UUID`);
  return uuid;
}
