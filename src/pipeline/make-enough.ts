import { MkimageError } from "../base/errors.ts";
import { type Bytes, formatSize, MiB } from "../base/units.ts";

/** How something is made of which only making it tells how much is free in the end. */
interface Making<Made> {
  /** Makes it for so much free space; what was made before is gone. */
  readonly make: (space: Bytes) => Promise<Made>;
  readonly freeBytes: (made: Made) => Bytes;
  /** Called before it is made again. */
  readonly onRetry: (made: Made) => void;
}

/** Each makes up for what the one before lacked: two are mostly enough. */
const mostTries = 4;

/**
 * Makes something, and makes it again, larger, until as much is free as was asked for.
 *
 * @throws MkimageError DOES_NOT_FIT when that is never so.
 */
export async function makeEnough<Made>(wanted: Bytes, { make, freeBytes, onRetry }: Making<Made>): Promise<Made> {
  let space = wanted;
  for (let left = mostTries; ; left -= 1) {
    const made = await make(space);
    const lack = wanted - freeBytes(made);
    if (lack <= 0) return made;
    if (left === 1) throw notEnough(wanted, wanted - lack);
    onRetry(made);
    // The filesystem's own metadata grows with it.
    space += lack * 1.1 + MiB;
  }
}

function notEnough(wanted: Bytes, free: Bytes): MkimageError {
  const sizes = `${formatSize(free)} (${free} bytes) of ${formatSize(wanted)} (${wanted} bytes)`;
  return new MkimageError(
    "DOES_NOT_FIT",
    `the filesystem that is to have it has ${sizes} free, after ${mostTries} tries`,
    {
      hint: "its mkfs keeps more to itself than mkimage knows: give the size yourself, by --size",
    },
  );
}
