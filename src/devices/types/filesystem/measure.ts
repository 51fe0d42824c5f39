import type { FoundNode } from "../../found.ts";
import type { DeviceQuestion } from "../../found/facts.ts";

type Measured = Pick<FoundNode, "used" | "smallest" | "extent" | "hasJournal" | "sizeFault">;

/** How a filesystem is measured: what is asked, and what follows from the answers. */
interface Measure {
  readonly questions: (path: string) => Readonly<Record<string, DeviceQuestion>>;
  readonly read: (answer: (question: string) => string | undefined) => Measured;
}

/** How a filesystem of this type is measured where it is not mounted; `undefined` where no program tells. */
export function measureOf(type: string | null): Measure | undefined {
  if (type === null) return undefined;
  return /^ext[234]$/.test(type) ? ext : type === "xfs" ? xfs : undefined;
}

const ext: Measure = {
  questions: (path) => ({
    superblock: { tool: "dumpe2fs", argv: ["-h", path] },
    smallest: { tool: "resize2fs", argv: ["-P", path] },
  }),
  read: (answer) => {
    const superblock = answer("superblock") ?? "";
    const number = (name: string) => numberAfter(superblock, new RegExp(`^${name}:\\s+(\\d+)$`, "m"));
    const [block, count, free] = [number("Block size"), number("Block count"), number("Free blocks")];
    if (block === undefined || count === undefined || free === undefined) return {};
    const smallest = numberAfter(answer("smallest") ?? "", /minimum size of the filesystem: (\d+)/i);
    return {
      extent: count * block,
      used: (count - free) * block,
      ...(smallest === undefined ? {} : { smallest: smallest * block }),
      ...(/^Filesystem features:.*\sneeds_recovery\b/m.test(superblock) ? { hasJournal: true } : {}),
      ...(/^Filesystem features:.*\sbigalloc\b/m.test(superblock) ? { sizeFault: bigalloc } : {}),
    };
  },
};

/** Source: ext4(5): support for it is under development; resize2fs 1.47 leaves groups that e2fsck finds unsound. */
const bigalloc = "it has the feature bigalloc, with which resize2fs may leave it unsound";

/** It never becomes smaller. */
const xfs: Measure = {
  questions: (path) => ({
    superblock: {
      tool: "xfs_db",
      argv: ["-r", "-c", "sb 0", "-c", "print blocksize dblocks fdblocks", path],
    },
  }),
  read: (answer) => {
    const superblock = answer("superblock") ?? "";
    const number = (name: string) => numberAfter(superblock, new RegExp(`^${name} = (\\d+)$`, "m"));
    const [block, count, free] = [number("blocksize"), number("dblocks"), number("fdblocks")];
    if (block === undefined || count === undefined || free === undefined) return {};
    return { extent: count * block, used: (count - free) * block, smallest: count * block };
  },
};

function numberAfter(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
