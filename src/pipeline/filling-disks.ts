import { dirname, join } from "node:path";
import { surveyExt4 } from "../filesystems/ext4/ext4.ts";
import { additionsSerial, blocksSerial, sourceSerial } from "../guest/fill-job.ts";
import type { Disk } from "../guest/qemu.ts";
import { shiftExtents } from "../image/extent.ts";
import { requireSpace } from "../image/free-space.ts";
import type { Image } from "../image/image.ts";
import { joinExtents } from "../image/overlay.ts";
import { writeRaw } from "../image/raw.ts";
import { type Bytes, MiB, roundUp } from "../base/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { additionsTo, isSameTree } from "../manifest/same-tree.ts";
import { emptyDirectory } from "../manifest/tree.ts";
import type { CopiedFilesystem, ShareOfDisks } from "./plan/guest-share.ts";
import { haveSameFiles, type MountedFiles } from "./plan/filesystem-survey.ts";
import { folderOwnership } from "./plan/manifests.ts";
import { type IsPrivate, withoutPrivate } from "./plan/private-files.ts";
import type { BuildContext } from "./context.ts";

/** Where disks for the guest are written, and what may not stand on them. */
interface DiskSite {
  readonly folder: string;
  readonly isPrivate: IsPrivate;
  readonly source: SourceDisk;
}

/** The part of a guest's share that is copied from disks. */
interface CopiedShare extends Pick<ShareOfDisks, "folders" | "copies"> {
  /** As `SourceDisk.additions` has told them; without them the guest finds all files on one disk. */
  readonly additions?: Additions;
}

/** The files that come beside those of an earlier guest, by the numbers of the folders that they belong into. */
type Additions = ReadonlyMap<number, DirectoryInode>;

/**
 * Writes the disks that a guest copies from: one with files, one with filesystems that are laid out; each only where there
 * are any.
 *
 * @throws MkimageError NO_SPACE, SOURCE_CHANGED, INTERRUPTED.
 */
export async function writeFillingDisks(share: CopiedShare, site: DiskSite, context: BuildContext): Promise<Disk[]> {
  return [...(await site.source.disks(share, site.isPrivate, context)), ...(await blocksDisk(share, site, context))];
}

/**
 * The disk with the files of the filesystems that are filled: a folder for each mount point, by its number. Guests that fill
 * others with the same files, larger ones or those of an image that has its bootloader, find it written already, and a
 * second disk with what an installer has put beside them.
 */
export class SourceDisk {
  readonly #folder: string;
  #written: readonly MountedFiles[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns what these folders have more than those that are written; nothing where they are to be written whole. Pure. */
  additions(folders: readonly MountedFiles[]): Additions {
    const written = this.#written;
    if (folders.length !== written.length) return new Map();
    const additions = new Map<number, DirectoryInode>();
    for (const [index, { mountpoint, files }] of folders.entries()) {
      const before = written[index];
      if (before?.mountpoint !== mountpoint) return new Map();
      if (isSameTree(before.files, files)) continue;
      const added = additionsTo(before.files, files);
      if (added === undefined) return new Map();
      additions.set(index, added);
    }
    return additions;
  }

  /** None where there are no files. */
  async disks({ folders, additions }: CopiedShare, isPrivate: IsPrivate, context: BuildContext): Promise<Disk[]> {
    if (folders.length === 0) return [];
    const path = join(this.#folder, sourceSerial);
    const source: Disk = { path, format: "raw", serial: sourceSerial, access: "read-only" };
    if (additions !== undefined && additions.size > 0) {
      const beside = { ...source, path: join(this.#folder, additionsSerial), serial: additionsSerial };
      await writeFiles("Writing further files for the guest", additions, beside.path, isPrivate, context);
      return [source, beside];
    }
    if (haveSameFiles(folders, this.#written)) return [source];
    this.#written = [];
    const whole = new Map(folders.map(({ files }, index) => [index, files]));
    await writeFiles("Writing the files for the guest", whole, path, isPrivate, context);
    this.#written = folders;
    return [source];
  }
}

async function writeFiles(
  title: string,
  folders: Additions,
  path: string,
  isPrivate: IsPrivate,
  context: BuildContext,
): Promise<void> {
  const files = sideBySide(folders, context.time);
  const options = { uuid: sourceUuid, hashSeed: sourceUuid, label: "source", time: context.time };
  const surveyed = surveyExt4(files, options);
  const plan = surveyed.plan(surveyed.smallestSize(0));
  const image = { size: plan.size, extents: withoutPrivate(plan.extents(), isPrivate) };
  await requireSpace(dirname(path), plan.usedBytes, context.host);
  await write(title, image, path, context);
}

function sideBySide(folders: Additions, time: number): DirectoryInode {
  const entries = [...folders].map(([index, files]) => [String(index), files] as const);
  return { ...emptyDirectory(folderOwnership(time)), entries: new Map(entries) };
}

const sourceUuid = "6d6b696d-6167-4574-8f73-6f7572636501";

/** The filesystems whose blocks are copied into their containers, one behind the other. */
async function blocksDisk(
  { copies }: CopiedShare,
  { folder, isPrivate }: DiskSite,
  context: BuildContext,
): Promise<Disk[]> {
  const last = copies.at(-1);
  if (last === undefined) return [];
  const lists = copies.map(({ plan, start }) => {
    return { start, extents: shiftExtents(withoutPrivate(plan.extents(), isPrivate), start) };
  });
  const path = join(folder, blocksSerial);
  await requireSpace(folder, usedBytes(copies), context.host);
  const image = { size: roundUp(last.start + last.plan.size, MiB), extents: joinExtents(lists) };
  await write("Writing the filesystems for the guest", image, path, context);
  return [{ path, format: "raw", serial: blocksSerial, access: "read-only" }];
}

function usedBytes(copies: readonly CopiedFilesystem[]): Bytes {
  return copies.reduce((sum, { plan: { size, freeBytes } }) => sum + size - freeBytes, 0);
}

async function write(title: string, image: Image, path: string, context: BuildContext): Promise<void> {
  const { signal, reflink } = context;
  await context.reporter.task(title, (task) => writeRaw(image, path, { signal, reflink, onProgress: task.progress }));
}
