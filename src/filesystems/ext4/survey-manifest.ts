import { ownUuid } from "../own-uuid.ts";
import type { FilesystemContext, FilesystemName, Survey } from "../survey.ts";
import { type Ext4Options, surveyExt4 } from "./ext4.ts";

/** Ext4, laid out by the host. */
export const surveyManifest: Survey = (filesystem, files, context) => {
  const surveyed = surveyExt4(files, ext4Options(filesystem, context));
  return {
    smallestSize: surveyed.smallestSize,
    layOut: (layout) => {
      const { size, freeBytes, extents, occupied } = surveyed.plan(layout.size, layout.place?.offset);
      return { madeBy: "host", size, freeBytes, kind: "ext4", extents, occupied };
    },
  };
};

function ext4Options(filesystem: FilesystemName, { identity, time, inodes }: FilesystemContext): Ext4Options {
  const { label, path } = filesystem;
  return { uuid: ownUuid(filesystem), label: label ?? "", hashSeed: identity.uuid(`${path} hash seed`), time, inodes };
}
