import type {
  ContentLayout,
  DeviceLayout,
  DiskLayout,
  FilesystemLayout,
  GroupLayout,
  Layout,
  MemberLayout,
} from "../layout/layout.ts";
import { mirrorTechnology } from "../devices/types/mdadm/layout.ts";
import { membersOn, membersOnGroup } from "../layout/nodes-of.ts";

/** The contents of a disk and of its partitions, without what is in them. */
export function contentsOn({ table, content }: DeviceLayout): ContentLayout[] {
  return [content, ...(table?.partitions ?? []).map((partition) => partition.content)].filter((one) => one !== null);
}

/** Whether nothing elsewhere is computed from the bytes of members: their groups have no others, nor have those on them. */
export function standsAlone(members: readonly MemberLayout[], { groups }: Layout): boolean {
  const isAlone = ({ group: name, groupKind }: { group: string; groupKind: string }): boolean => {
    const group = groups.find((one) => one.name === name && one.kind === groupKind);
    return group?.members.length === 1 && membersOnGroup(group).every(isAlone);
  };
  return members.every(isAlone);
}

/**
 * The mirror that a member is a half of, where a filesystem of these disks alone is all that is on it; undefined for any other
 * member. Its halves need not be the same where nothing was written: it can be brought into step later.
 */
export function mirrorOf({ group: name, groupKind }: MemberLayout, { groups }: Layout): GroupLayout | undefined {
  const group = groups.find((one) => one.name === name && one.kind === groupKind);
  const content = group?.device?.table === null ? group.device.content : undefined;
  return group?.technology === mirrorTechnology && content?.kind === "filesystem" && isOnOneDevice(content)
    ? group
    : undefined;
}

/** Whether a filesystem is told of no further devices, with parity over all of them. */
export function isOnOneDevice({ extraArgs }: FilesystemLayout): boolean {
  return extraArgs.every((argument) => !argument.includes("/"));
}

/**
 * The disks of whose blocks no others hold parity. For these a guest's file is to tell zeros that were written from what never was; of
 * others all is sent, and what is zeros takes no space here.
 */
export function disksAlone(layout: Layout): DiskLayout[] {
  return layout.disks.filter((disk) =>
    membersOn(disk).every((member) => standsAlone([member], layout) || mirrorOf(member, layout) !== undefined),
  );
}
