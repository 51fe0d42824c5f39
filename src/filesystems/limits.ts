import { type ByteString, textOf } from "../base/byte-string.ts";
import { MkimageError } from "../base/errors.ts";
import { type Bytes, formatSize } from "../base/units.ts";
import type { DirectoryInode, Inode } from "../manifest/inode.ts";
import { walk } from "../manifest/tree.ts";

/** The most that a filesystem holds of one file. Names are no part of it: a manifest has none that Linux would not open. */
export interface FilesystemLimits {
  /** Of a file, holes counted. */
  readonly fileBytes: Bytes;
  /** Of a symlink's target; 0 where there are no symlinks. */
  readonly targetBytes: number;
  /** Of one extended attribute, name and value together; 0 where there are none. */
  readonly attributeBytes: number;
  /** Whether it keeps who owns a file. */
  readonly owners: boolean;
  /** Whether it holds devices, fifos and sockets. */
  readonly specialFiles: boolean;
}

/** The limits of Linux itself, which many of its filesystems share. Source: limits.h of the kernel. */
export const limitsOfLinux: FilesystemLimits = {
  fileBytes: Number.MAX_SAFE_INTEGER,
  targetBytes: 4095,
  attributeBytes: 255 + 65_536,
  owners: true,
  specialFiles: true,
};

/**
 * Refuses files that a filesystem cannot hold, all at once: whoever fills it would end at the first.
 *
 * @throws MkimageError BAD_REQUEST.
 */
export function requireHeld(format: string, limits: FilesystemLimits, files: DirectoryInode): void {
  const faults: string[] = [];
  const seen = new Set<Inode>();
  for (const { path, inode } of walk(files)) {
    if (seen.has(inode)) continue;
    seen.add(inode);
    const at = JSON.stringify(textOf(`/${path}`));
    faults.push(...faultsOf(inode, limits).map((fault) => `${at}: ${fault}`));
  }
  if (faults.length === 0) return;
  throw new MkimageError("BAD_REQUEST", `a filesystem of type ${format} cannot hold ${faults[0]}`, {
    details: faults.slice(1),
    hint: "change or leave out what is named here, or put it on another filesystem",
  });
}

function faultsOf(inode: Inode, limits: FilesystemLimits): string[] {
  return [
    ...typeFaults(inode, limits),
    ...(limits.owners || (inode.uid === 0 && inode.gid === 0)
      ? []
      : [`it belongs to ${inode.uid}:${inode.gid}, and all files are root's there`]),
    ...[...(inode.xattrs ?? [])].flatMap(([name, value]) => attributeFaults(name, value, limits)),
  ];
}

function typeFaults(inode: Inode, { fileBytes, targetBytes, specialFiles }: FilesystemLimits): string[] {
  switch (inode.type) {
    case "directory":
      return [];
    case "file":
      return inode.size > fileBytes
        ? [`it has ${formatSize(inode.size)}, and ${formatSize(fileBytes)} are the most`]
        : [];
    case "symlink":
      if (targetBytes === 0) return ["it is a symlink"];
      return inode.target.length > targetBytes
        ? [`its target has ${inode.target.length} bytes, and ${targetBytes} are the most`]
        : [];
    default:
      return specialFiles ? [] : [`it is a ${inode.type.replace("-", " ")}`];
  }
}

function attributeFaults(name: ByteString, value: Uint8Array, { attributeBytes }: FilesystemLimits): string[] {
  const bytes = name.length + value.length;
  if (bytes <= attributeBytes) return [];
  const most = attributeBytes === 0 ? "none can be kept" : `${attributeBytes} are the most`;
  return [`its extended attribute ${textOf(name)} takes ${bytes} bytes, and ${most}`];
}
