import type { BootCodeLayout, BootCodePartition } from "../../bootloaders/boot-regions.ts";
import type { ByteRange } from "../../filesystems/filesystem.ts";
import { filesystemOf } from "../../filesystems/registry.ts";
import type { ContentLayout, DiskLayout, PartitionLayout } from "../../layout/layout.ts";
import { gptTypes } from "../../structures/gpt/partition-types.ts";

/** A disk as far as boot code goes. Pure. */
export function bootCodeLayoutOf(disk: DiskLayout): BootCodeLayout {
  const { sectorSize, table } = disk;
  if (table === null) {
    const whole = { firstSector: 0, sectors: disk.size / sectorSize, content: rangesIn(disk.content) };
    return { table: "none", sectorSize, partitions: [whole] };
  }
  const partitions = [...table.partitions].sort((a: PartitionLayout, b: PartitionLayout) => a.first - b.first);
  return { table: table.kind, sectorSize, partitions: partitions.map(partitionOf) };
}

function partitionOf(partition: PartitionLayout): BootCodePartition {
  const isBoot = "guid" in partition && partition.type === gptTypes.biosBoot;
  return {
    firstSector: partition.first,
    sectors: partition.last - partition.first + 1,
    content: isBoot ? "bios-grub" : rangesIn(partition.content),
  };
}

function rangesIn(content: ContentLayout | null): readonly ByteRange[] {
  return content?.kind === "filesystem" ? filesystemOf(content.format).bootCode : [];
}
