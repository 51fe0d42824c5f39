import { filesystemOf } from "../../../filesystems/registry.ts";
import { compareFilesystem } from "../../changes/compare-filesystem.ts";
import type { ContentChanges } from "../../changes/type-changes.ts";
import type { FilesystemNode } from "./schema.ts";

/** A filesystem keeps what is in it while its size and its label change. */
export const filesystemChanges: ContentChanges<FilesystemNode> = {
  isSame: ({ format }, found) => {
    const there = found.type === "filesystem" ? found.format : found.type;
    return there === format || filesystemOf(format).contents.includes(there);
  },
  compare: ({ wanted, found, ...pair }) =>
    compareFilesystem({ ...pair, node: wanted, there: found, format: wanted.format }),
};
