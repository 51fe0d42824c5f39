import type { JobFile } from "../guest/job.ts";
import type { Copy, LateContent } from "../guest/fill-job.ts";
import type { Extent } from "../image/extent.ts";
import { SourceReader } from "../image/source-reader.ts";
import { contentExtents } from "../manifest/content-extents.ts";
import { byteString, textOf } from "../base/byte-string.ts";
import type { CopiedFilesystem } from "./plan/guest-share.ts";
import type { MountedFiles } from "./plan/filesystem-survey.ts";
import { type IsPrivate, privateFilesIn } from "./plan/private-files.ts";

/** The blocks copied to a filesystem, and the file of the job that its private runs come from, where it has any. */
interface DividedCopy {
  readonly copy: Copy;
  readonly files: readonly JobFile[];
}

/**
 * Divides the blocks copied to a filesystem into those that may be stored on a disk of this machine, and those that only
 * memory holds.
 *
 * @throws MkimageError SOURCE_CHANGED.
 */
export function divideCopy(filesystem: CopiedFilesystem, index: number, isPrivate: IsPrivate): DividedCopy {
  const { plan, files, start } = filesystem;
  const secret = `secrets/blocks.${index}`;
  // Where a private file lies is known when all of the filesystem has been laid out once more.
  const extents = privateFilesIn(files, isPrivate).length === 0 ? [] : [...plan.extents()].filter(isPrivate);
  const copy = { start, runs: plan.occupied(), secretRuns: extents, secret };
  return { copy, files: extents.length === 0 ? [] : [jobFile(secret, extents.map(readExtent))] };
}

/** A private file that is filled when the folders of a guest's filesystems have been copied. */
interface PrivateContent {
  readonly content: LateContent;
  readonly file: JobFile;
}

/** The private files of folders that a guest copies. */
export function privateContents(folders: readonly MountedFiles[], isPrivate: IsPrivate): PrivateContent[] {
  const found = folders.flatMap(({ mountpoint, files }) =>
    privateFilesIn(files, isPrivate).map(({ path, inode }) => ({ place: `${mountpoint}/${textOf(path)}`, inode })),
  );
  return found.map(({ place, inode }, index) => {
    const secret = `secrets/content.${index}`;
    const content = { secret, path: place.replaceAll(/\/+/g, "/"), time: inode.mtime.seconds };
    return { content, file: jobFile(secret, contentExtents(inode).map(readExtent)) };
  });
}

function jobFile(path: string, parts: readonly Uint8Array[]): JobFile {
  return { path: byteString(path), bytes: Buffer.concat(parts) };
}

function readExtent({ source, length }: Extent): Uint8Array {
  using reader = new SourceReader();
  // The reader may look one byte further, to see whether a file has grown.
  const buffer = Buffer.alloc(length + 1);
  reader.read(source, 0, { buffer, start: 0, length });
  return buffer.subarray(0, length);
}
