import { MkimageError } from "../../base/errors.ts";
import { type Bytes, formatSize, MiB } from "../../base/units.ts";
import type { DirectoryInode } from "../../manifest/inode.ts";
import { type Census, takeCensus } from "./census.ts";
import type { GuestMadeKind } from "./kind.ts";
import type { Survey, ToolVersions } from "../survey.ts";

/** How images are made with a filesystem that only a kernel writes: a guest makes and fills it. */
export function guestMade(name: string, kindOf: (versions: ToolVersions) => GuestMadeKind): Survey {
  return (_, files, { versions }) => {
    const kind = kindOf(versions);
    return {
      smallestSize: (additionalSpace) => smallestGuestMadeSize(kind, files, additionalSpace),
      layOut: ({ size }) => ({ madeBy: "guest", size, freeBytes: expectedFreeBytes(kind, files, size), kind: name }),
    };
  };
}

/**
 * The smallest size, in whole MiB, that should leave an ordinary user `additionalSpace` bytes, by what was measured. Another
 * version of the tools may differ by a little; the guest tells what there is.
 */
export function smallestGuestMadeSize(kind: GuestMadeKind, files: DirectoryInode, additionalSpace: Bytes): Bytes {
  const census = takeCensus(files);
  const suffices = (mebibytes: number) => kind.freeBytes(census, mebibytes * MiB) >= additionalSpace;
  let fits = kind.minimum / MiB;
  if (suffices(fits)) return fits * MiB;
  let lacks = fits;
  while (!suffices(fits)) [lacks, fits] = [fits, fits * 2];
  while (fits - lacks > 1) {
    const middle = Math.floor((lacks + fits) / 2);
    if (suffices(middle)) fits = middle;
    else lacks = middle;
  }
  return fits * MiB;
}

/**
 * Estimates the free space of a filesystem of this size with these files.
 *
 * @throws MkimageError TOO_SMALL.
 */
export function expectedFreeBytes(kind: GuestMadeKind, files: DirectoryInode, size: Bytes): Bytes {
  const census: Census = takeCensus(files);
  const free = kind.freeBytes(census, size);
  if (size >= kind.minimum && free >= 0) return free;
  const needed = smallestGuestMadeSize(kind, files, 0);
  throw new MkimageError(
    "TOO_SMALL",
    `a filesystem of ${formatSize(size)} is too small for ${kind.tool} and its files`,
    {
      hint: `at least ${needed} bytes (${formatSize(needed)}) are needed`,
    },
  );
}
