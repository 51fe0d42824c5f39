import type { DeviceTree } from "../device-tree.ts";
import { MkimageError } from "../../base/errors.ts";
import { layOutContent, neededSize } from "./content.ts";
import { planDevice } from "./device.ts";
import { type GroupPlan, sharingMembers } from "../../layout/group.ts";
import type { KnownMember } from "./known-members.ts";
import { lentNeedOf } from "./lent-devices.ts";
import type { LayoutRequest } from "../../layout/request.ts";
import { unitTypeOf } from "../registry.ts";
import { unitEntries } from "../tree/unit-entries.ts";
import { smallestSize } from "../../layout/smallest.ts";
import type { Membership, Solver } from "./solver.ts";
import { type Bytes, TiB } from "../../base/units.ts";

/** A solver and the groups that it knows. */
export interface TreeSolver extends Solver {
  readonly groups: readonly GroupPlan[];
}

/** The solver of a tree whose groups have these members. */
export function createSolver(tree: DeviceTree, members: readonly KnownMember[], request: LayoutRequest): TreeSolver {
  const memberNeeds = new Map<GroupPlan, MemberNeeds>();
  const solver: Solver = {
    request,
    need: (content, fixedSize) => neededSize(content, fixedSize, solver),
    layOut: (content, size, place) => layOutContent(content, size, place, solver),
    device: (device) => planDevice(device, solver),
    memberNeed: (member) => {
      const group = groupOf(groups, member);
      const beside = group.needBeside?.(member.path);
      if (beside !== undefined) return beside;
      const needs = memberNeeds.get(group) ?? memberNeedsOf(group, sharingMembers(group, membersOf(group, members)));
      memberNeeds.set(group, needs);
      const size = members.find(({ path }) => path === member.path)?.size ?? null;
      return size === null ? needs.open : needs.known;
    },
    lentNeed: (names) => lentNeedOf(names, tree, solver),
  };
  const groups = unitEntries(tree).flatMap(({ kind, key, node }) => unitTypeOf(kind).plan?.(key, node, solver) ?? []);
  return { ...solver, groups };
}

/** The members of a group. */
export function membersOf<T extends Membership>(group: GroupPlan, members: readonly T[]): T[] {
  return members.filter((member) => member.kind === group.kind && member.group === group.name);
}

function groupOf(groups: readonly GroupPlan[], { kind, group, path }: Membership): GroupPlan {
  const found = groups.find((candidate) => candidate.kind === kind && candidate.name === group);
  if (found === undefined) throw new MkimageError("INTERNAL", `${path}: the group ${group} was not looked for`);
  return found;
}

/** The size that a group needs of each of its members. */
interface MemberNeeds {
  /** Of those whose size is open. */
  readonly open: Bytes;
  /** Of those whose size is known. */
  readonly known: Bytes;
}

/**
 * The least size, the same for each member whose size is open, with which the group does. Where the given sizes of disks
 * leave no way, their flexible partitions count as open too, so that the disks are refused with the size that would do.
 */
function memberNeedsOf(group: GroupPlan, members: readonly KnownMember[]): MemberNeeds {
  const sizes = members.map(({ size }) => size);
  const known = sizes.filter((size) => size !== null);
  if (known.length === sizes.length && group.faultAt(known) === undefined) return { open: 0, known: 0 };
  const openNeed = leastOpenSize(group, sizes);
  if (openNeed !== undefined) return { open: openNeed, known: 0 };
  const unlessFixed = members.map(({ size, fixed }) => (fixed ? size : null));
  const need = leastOpenSize(group, unlessFixed);
  if (need === undefined) throw unsolvable(group, unlessFixed);
  return { open: need, known: need };
}

/** Returns the least size for each `null`. */
function leastOpenSize(group: GroupPlan, sizes: readonly (Bytes | null)[]): Bytes | undefined {
  return smallestSize((size) => group.faultAt(sizes.map((known) => known ?? size)) === undefined);
}

function unsolvable(group: GroupPlan, sizes: readonly (Bytes | null)[]): MkimageError {
  const title = `${group.kind} ${group.name}`;
  const fault = group.faultAt(sizes.map((size) => size ?? vast));
  const helps =
    leastOpenSize(
      group,
      sizes.map(() => null),
    ) !== undefined;
  return new MkimageError(helps ? "TOO_SMALL" : "BAD_REQUEST", `${title}: ${fault ?? "no size would do"}`, {
    hint: helps ? "make the partitions of its members larger" : "no size of its members would help",
  });
}

const vast: Bytes = 4 * TiB;
