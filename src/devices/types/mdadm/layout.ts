import type { MdadmNode } from "./schema.ts";
import type { GroupPlan } from "../../../layout/group.ts";
import type { DeviceNode, Solver } from "../../layout/solver.ts";
import { type Bytes, GiB, KiB, MiB, roundDown, roundUp } from "../../../base/units.ts";

/** Plans an md array. */
export function planArray(key: string, node: MdadmNode, solver: Solver): GroupPlan {
  const path = `mdadm.${key}`;
  const { name } = node;
  const device: DeviceNode = {
    content: node.content,
    path: `${path}.content`,
    name: `mdadm-${name}`,
    title: `array ${name}`,
    device: `/dev/md/${name}`,
    sectorSize: 512,
  };
  const plan = solver.device(device);
  return {
    kind: "mdadm",
    name,
    faultAt: (sizes) => {
      const least = leastMembers[node.level];
      if (sizes.length < least) return `RAID ${node.level} takes at least ${least} members, and it has ${sizes.length}`;
      return plan.faultAt(arraySize(node.level, sizes));
    },
    layOut: (members) => {
      const size = arraySize(
        node.level,
        members.map((member) => member.size),
      );
      return {
        kind: "mdadm",
        technology: technologyOf(node.level),
        path,
        name,
        size,
        members: members.map((member) => member.path),
        device: plan.layOut(size, null),
        filesystem: null,
        volumes: [],
        free: 0,
      };
    },
  };
}

function technologyOf(level: MdadmNode["level"]): string {
  return `RAID ${level}`;
}

/** The technology of arrays whose members all hold the same. */
export const mirrorTechnology = technologyOf(1);

const leastMembers: Readonly<Record<MdadmNode["level"], number>> = { 0: 1, 1: 1, 4: 2, 5: 2, 6: 4, 10: 2 };

/** The chunk that striped arrays are made of, unless mdadm is told otherwise. */
const chunk: Bytes = 512 * KiB;

/** The size of an array whose members have these sizes. */
export function arraySize(level: MdadmNode["level"], memberSizes: readonly Bytes[]): Bytes {
  const usable = memberSizes.map(usableSize);
  const smallest = Math.min(...usable);
  const striped = roundDown(smallest, chunk);
  switch (level) {
    case 0:
      return usable.reduce((sum, size) => sum + roundDown(size, chunk), 0);
    case 1:
      return smallest;
    case 4:
    case 5:
      return striped * (usable.length - 1);
    case 6:
      return striped * (usable.length - 2);
    case 10:
      return roundDown((striped * usable.length) / 2, chunk);
  }
}

/**
 * Returns the size of a member without its superblock, its bitmap and the room that mdadm reserves for reshaping. With
 * metadata 1.0 it reserves less; then the array becomes somewhat larger than planned.
 *
 * Source: mdadm 4.2 with metadata 1.2: superblock 12 KiB, bitmap by size, a 1024th of the member, in whole MiB.
 */
function usableSize(size: Bytes): Bytes {
  const bitmap = size > 200 * GiB ? 128 * KiB : size > 8 * GiB ? 64 * KiB : 4 * KiB;
  const headroom = Math.min(size / 1024, 128 * MiB);
  return Math.max(roundDown(size - roundUp(12 * KiB + bitmap + headroom, MiB), 64 * KiB), 0);
}
