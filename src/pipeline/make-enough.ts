import { MkimageError } from "../base/errors.ts";
import { type Bytes, formatSize, MiB } from "../base/units.ts";

/** The making of something that tells only in the end how much is free on it. */
interface Making<Made> {
  /** Makes it for so much free space; what was made before is gone. */
  readonly make: (space: Bytes) => Promise<Made>;
  readonly freeBytes: (made: Made) => Bytes;
  /** How much more is free than was promised, where another try can do with less; 0 where all is well. */
  readonly excessBytes: (made: Made, space: Bytes) => Bytes;
  /** Called before it is made again. */
  readonly onRetry: (made: Made, change: "larger" | "smaller") => void;
}

/** Each makes up for what the one before lacked: two are mostly enough. */
const mostTries = 4;

/**
 * Makes something, and makes it again, larger, until as much is free as was asked for. What has far more is made again once,
 * smaller: its mkfs keeps less to itself than others do.
 *
 * @throws MkimageError DOES_NOT_FIT when that is never so.
 */
export async function makeEnough<Made>(
  wanted: Bytes,
  { make, freeBytes, excessBytes, onRetry }: Making<Made>,
): Promise<Made> {
  let space = wanted;
  for (let left = mostTries; ; left -= 1) {
    const made = await make(space);
    const lack = wanted - freeBytes(made);
    const excess = left === mostTries && lack <= 0 ? excessBytes(made, space) : 0;
    if (lack <= 0 && excess <= 0) return made;
    if (left === 1) throw notEnough(wanted, wanted - lack);
    onRetry(made, lack > 0 ? "larger" : "smaller");
    // The filesystem's own metadata grows and shrinks with it.
    space += lack > 0 ? lack * 1.1 + MiB : -withoutMargin(excess);
  }
}

/** A part of the excess stays, so that what is made smaller has enough all the same. */
function withoutMargin(excess: Bytes): Bytes {
  return excess * 0.9;
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
