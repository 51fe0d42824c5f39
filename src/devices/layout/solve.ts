import type { DeviceTree } from "../device-tree.ts";
import type { DiskNode } from "../types/disk/schema.ts";
import { requireGroups } from "../tree/groups.ts";
import { refuseDuplicates } from "../tree/duplicates.ts";
import { MkimageError } from "../../base/errors.ts";
import { checkLayout } from "../../layout/check.ts";
import { type TreeSolver, createSolver } from "./create-solver.ts";
import { tooSmall } from "./device.ts";
import { type KnownMember, type SizedDisk, knownMembers } from "./known-members.ts";
import type { DiskLayout, Layout } from "../../layout/layout.ts";
import { filesystemsOf, filesystemsOfGroup, membersOn } from "../../layout/nodes-of.ts";
import { refuseSharedNames } from "../../layout/partition-names.ts";
import type { LayoutRequest, SizeSteps } from "../../layout/request.ts";
import { parseBytes } from "../../layout/sector-text.ts";
import { layOutGroups } from "./solve-groups.ts";
import { type Bytes, roundUp } from "../../base/units.ts";

/**
 * Solves a device tree to sectors. Nothing is touched or looked up: the same tree and request give the same layout.
 *
 * @throws MkimageError TOO_SMALL, with the size that would do; BAD_REQUEST for partitions that overlap or fit on no disk,
 *   unknown partition types, nodes that have what only one can have, members of groups that are not there, groups without members, cycles, and sizes that are
 *   no whole number of sectors.
 */
export function solveLayout(tree: DeviceTree, request: LayoutRequest): Layout {
  refuseDuplicates(tree);
  requireGroups(tree);
  const sized = Object.entries(tree.disk).map(([key, node]) => ({ node, ...sizedDisk(key, node, request) }));
  const members: KnownMember[] = knownMembers(tree, sized, request.identity);
  const solver = createSolver(tree, members, request);
  const disks = sized.map(({ node, ...disk }) => solveDisk(node, disk, solver, request.steps));
  const groups = layOutGroups(solver.groups, members, disks.flatMap(membersOn));
  const filesystems = [...disks.flatMap(filesystemsOf), ...groups.flatMap(filesystemsOfGroup)];
  const layout = { disks, groups, filesystems };
  refuseSharedNames(layout);
  checkLayout(layout);
  return layout;
}

function sizedDisk(key: string, node: DiskNode, request: LayoutRequest): SizedDisk {
  const { name, content, sectorSize } = node;
  const size = givenSize(node, request);
  return {
    content,
    path: `disk.${key}.content`,
    name: `disk-${name}`,
    title: `disk ${name}`,
    sectorSize,
    size,
    device: node.device,
  };
}

function givenSize(node: DiskNode, request: LayoutRequest): Bytes | null {
  const given = request.sizes?.[node.name] ?? node.imageSize;
  if (given === "auto") return null;
  const size = typeof given === "string" ? parseBytes(given) : given;
  if (size > 0 && size % node.sectorSize === 0) return size;
  throw new MkimageError(
    "BAD_REQUEST",
    `disk ${node.name}: ${size} bytes is no whole number of sectors of ${node.sectorSize} bytes`,
    {
      hint: "give a size in whole MiB, such as 8G, or auto",
    },
  );
}

const anySize: SizeSteps = { multiple: 1, least: 0 };

function solveDisk(
  node: DiskNode,
  disk: SizedDisk,
  solver: TreeSolver,
  { multiple, least }: SizeSteps = anySize,
): DiskLayout {
  const plan = solver.device(disk);
  if (node.content === null && disk.size === null && solver.lentNeed([node.device ?? ""]) === 0) {
    throw new MkimageError("BAD_REQUEST", `${disk.title} has neither content nor a size`, {
      hint: "give it an imageSize, or content",
    });
  }
  const fault = disk.size === null ? undefined : plan.faultAt(disk.size);
  if (disk.size !== null && fault !== undefined) throw tooSmall(disk.title, disk.size, plan.need(), fault);
  const size = disk.size ?? roundUp(Math.max(plan.need(), least), multiple);
  const { name, imageName, device, sectorSize } = node;
  return {
    name,
    imageName,
    device,
    sectorSize,
    size,
    ...plan.layOut(size, { disk: name, offset: 0 }),
  };
}
