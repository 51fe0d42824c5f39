import type { FilesystemLayout, Layout } from "../../layout/layout.ts";

/** The number of the partition that a filesystem fills; `undefined` where it has a whole disk. */
export function partitionOf({ place, path }: FilesystemLayout, { disks }: Layout): number | undefined {
  const disk = disks.find(({ name }) => name === place?.disk);
  return disk?.table?.partitions.find(({ content }) => content?.path === path)?.number;
}
