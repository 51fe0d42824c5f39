import type { ContentLayout, DeviceLayout, DiskLayout, Layout, MemberLayout } from "../layout/layout.ts";
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
 * The disks whose blocks are theirs alone. For these a guest's file is to tell zeros that were written from what never was; of
 * others, such as halves of a mirror, all is sent, and what is zeros takes no space here.
 */
export function disksAlone(layout: Layout): DiskLayout[] {
  return layout.disks.filter((disk) => standsAlone(membersOn(disk), layout));
}
