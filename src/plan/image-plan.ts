import type { Installation } from "../bootloader/installation.ts";
import type { DeviceTree } from "../devices/device-tree.ts";
import { mountpointsOf } from "../devices/mountpoints.ts";
import {
  type FilesystemContext,
  type FilesystemPlan,
  layOutFilesystem,
  smallestFilesystemSize,
} from "../filesystems/lay-out.ts";
import type { Identity } from "../layout/identity.ts";
import type { FilesystemLayout, Layout } from "../layout/layout.ts";
import type { FilesystemRequest } from "../layout/request.ts";
import { solveLayout } from "../layout/solve.ts";
import type { Bytes } from "../layout/units.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { emptyDirectory } from "../manifest/tree.ts";
import { folderOwnership, type Manifests, manifestsOf } from "./manifests.ts";

/** Everything that decides the bytes of an image. */
export interface ImageInput {
  readonly tree: DeviceTree;
  /** Of every disk; `auto`: what its contents need. */
  readonly size: Bytes | "auto";
  /** What an ordinary user shall have free on the root filesystem when the size is automatic. */
  readonly additionalSpace: Bytes;
  readonly identity: Identity;
  /** Of all that we make, in seconds since 1970. */
  readonly time: number;
  readonly files: DirectoryInode;
  readonly installation: Installation;
}

/** An image, solved: where everything lies, and each filesystem laid out. No file has been read. */
export interface ImagePlan {
  readonly layout: Layout;
  readonly filesystems: readonly PlannedFilesystem[];
}

export interface PlannedFilesystem {
  readonly filesystem: FilesystemLayout;
  readonly files: DirectoryInode;
  readonly plan: FilesystemPlan;
}

/**
 * Solves an image. Pure.
 *
 * @throws MkimageError TOO_SMALL, DOES_NOT_FIT with what is needed; BAD_REQUEST for what a filesystem cannot hold.
 */
export function planImage(input: ImageInput): ImagePlan {
  const manifests = manifestsOf(input.files, mountpointsOf(input.tree), input.installation, input.time);
  const layout = solveLayout(input.tree, {
    identity: input.identity,
    sizes: sizesOf(input),
    needs: (filesystem) => neededSize(filesystem, manifests, input),
  });
  const filesystems = layout.filesystems.map((filesystem) => {
    const files = filesOf(filesystem, manifests, input);
    const sectorSize = layout.disks.find((disk) => disk.name === filesystem.place?.disk)?.sectorSize ?? 512;
    return { filesystem, files, plan: layOutFilesystem(filesystem, files, contextOf(input, sectorSize)) };
  });
  return { layout, filesystems };
}

/** A size that is given holds for every disk; otherwise the tree says it. */
function sizesOf({ tree, size }: ImageInput): Record<string, Bytes> {
  if (size === "auto") return {};
  return Object.fromEntries(Object.entries(tree.disk).map(([key, node]) => [node.name ?? key, size]));
}

/** Only the root filesystem is given more than it needs, and only where no size is set for a disk. */
function neededSize(filesystem: FilesystemRequest, manifests: Manifests, input: ImageInput): Bytes {
  const grows = filesystem.mountpoint === "/" && filesystem.fixedSize === null;
  const isFree = input.size === "auto" && Object.values(input.tree.disk).every((disk) => disk.imageSize === "auto");
  const additionalSpace = grows && isFree ? input.additionalSpace : 0;
  const files = filesOf(filesystem, manifests, input);
  return smallestFilesystemSize(filesystem, files, additionalSpace, contextOf(input, filesystem.sectorSize));
}

function filesOf(
  { mountpoint }: Pick<FilesystemLayout, "mountpoint">,
  manifests: Manifests,
  { time }: ImageInput,
): DirectoryInode {
  const files = mountpoint === null ? undefined : manifests.get(mountpoint);
  return files ?? emptyDirectory(folderOwnership(time));
}

function contextOf({ identity, time }: ImageInput, sectorSize: 512 | 4096): FilesystemContext {
  return { identity, time, sectorSize };
}
