import { describeMount, type Mountable, namesFor, unfoundMounts } from "../../bootloaders/growth/unfound-mounts.ts";
import type { ContentLayout, DeviceLayout, Layout, PartitionLayout } from "../../layout/layout.ts";

/** A line for the user where a system, by its fstab, looks for filesystems that a layout does not have. Pure. */
export function notesOnFstab(fstab: string, layout: Layout): string[] {
  const lines = unfoundMounts(fstab, mountablesOf(layout)).map(describeMount);
  if (lines.length === 0) return [];
  return [
    `the system looks for ${lines.join(", for ")}, where the disks have nothing that belongs there: it may not boot; ` +
      "mkimage disko config prints the fileSystems of a device tree",
  ];
}

function mountablesOf({ disks, groups }: Layout): Mountable[] {
  const volumes = groups.flatMap((group) => group.volumes);
  const devices = groups.flatMap(({ device }) => (device === null ? [] : [device]));
  const whole = groups.flatMap(({ filesystem }) => mountablesIn(filesystem));
  return [
    ...[...disks, ...devices].flatMap(mountablesOn),
    ...volumes.flatMap(({ content }) => mountablesIn(content)),
    ...whole,
  ];
}

function mountablesOn({ table, content }: DeviceLayout): Mountable[] {
  const partitions: readonly PartitionLayout[] = table?.partitions ?? [];
  return [
    ...mountablesIn(content),
    ...partitions.flatMap((partition) => {
      const names = "guid" in partition ? namesFor({ partlabel: partition.name, partuuid: partition.guid }) : [];
      return mountablesIn(partition.content, names);
    }),
  ];
}

/** Lists the mountable contents; those in a container are known by their own names only. */
function mountablesIn(content: ContentLayout | null, outer: readonly string[] = []): Mountable[] {
  if (content === null) return [];
  switch (content.kind) {
    case "filesystem": {
      const { label, uuid, mountpoints } = content;
      return [{ names: [...outer, ...namesFor({ label, uuid })], mountpoints }];
    }
    case "swap":
      return [{ names: [...outer, ...namesFor({ label: content.label, uuid: content.uuid })], mountpoints: undefined }];
    case "container":
      return mountablesOn(content);
    case "member":
      return [];
  }
}
