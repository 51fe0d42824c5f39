import { isPartOfFilesystem } from "../../filesystems/registry.ts";
import type { FoundNode } from "../found.ts";
import type { BlockFacts } from "./facts.ts";
import { type FoundPlace, usedAt } from "./reading.ts";

/** The facts of a device that hold whatever fills it. */
export function nodeOfBlock(block: BlockFacts): FoundNode {
  const used = block.uses.flatMap((use) => (use.kind === "mount" ? (use.used ?? []) : []))[0];
  const sectorSize = block.sectorSize === 4096 ? 4096 : 512;
  const held = heldThrough(block.loops ?? []);
  return {
    device: block.path,
    size: block.size,
    sectorSize,
    usedAt: usedAt(block.uses),
    ...(used === undefined ? {} : { used }),
    ...(held === undefined ? {} : { held, obstacle: held }),
  };
}

/** Names the loop devices over it: what is mounted through them is no use of its own. */
function heldThrough(loops: readonly string[]): string | undefined {
  if (loops.length === 0) return undefined;
  const paths = loops.map((name) => `/dev/${name}`);
  return `it is used through ${paths.join(", ")}: let go of that first (losetup --detach ${paths.join(" ")})`;
}

/** Why what fills a device cannot be told, or cannot stand there in a tree. */
export function obstacleIn({ mark, table }: BlockFacts, { mayBeTable }: FoundPlace): string | undefined {
  const named = [
    ...mark.rivals,
    ...(mark.type === null || table === null ? [] : [mark.type, `a partition table (${table.kind})`]),
  ];
  if (named.length > 1) return `it has the marks of ${named.join(" and of ")}; which of them counts is not known`;
  if (table === null || mark.type !== null || mayBeTable) return undefined;
  return `it has a partition table (${table.kind}), and a tree has none in a partition or a volume`;
}

/** Something that no type reads: what is known of it, and what is to be noted. */
interface Unread {
  readonly known: Pick<FoundNode, "holds" | "obstacle">;
  readonly reason?: string;
}

/** Names what is on a device that no type reads; undefined: nothing is. */
export function unreadOn(block: BlockFacts): Unread | undefined {
  const { type } = block.mark;
  const users = [...block.above, ...(block.loops ?? []), ...usedAt(block.uses)];
  const obstacle = usedObstacle(users);
  // As blkid names it.
  if (type === "swsuspend") {
    const holds = { what: "the memory of a system that hibernates", isHibernation: true } as const;
    return { known: { holds, obstacle }, reason: "a system hibernates there" };
  }
  if (type !== null) {
    const reason = `it holds ${type}, which is not read as a node of a tree`;
    return { known: { holds: { what: type }, obstacle: obstacle ?? partObstacle(type) }, reason };
  }
  if (users.length > 0) {
    const reason = `it is used by ${users.join(", ")}, and has no mark of what that is`;
    return { known: { holds: { what: "something without a mark", isUnmarked: true }, obstacle }, reason };
  }
  return block.hasBytes === true ? { known: { holds: { what: "data without a mark", isUnmarked: true } } } : undefined;
}

function usedObstacle(users: readonly string[]): string | undefined {
  return users.length === 0 ? undefined : `it is used by ${users.join(", ")}`;
}

/** Nothing tells here which filesystem it is that needs the device. */
function partObstacle(mark: string): string | undefined {
  return isPartOfFilesystem(mark) ? `a filesystem elsewhere may need it (${mark})` : undefined;
}
