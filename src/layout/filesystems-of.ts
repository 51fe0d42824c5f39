import type { DiskLayout, FilesystemLayout } from "./layout.ts";

/** Every filesystem that lies on a disk. */
export function filesystemsOf(disk: DiskLayout): FilesystemLayout[] {
  const contents = [disk.content, ...(disk.table?.partitions ?? []).map(({ content }) => content)];
  return contents.filter((content) => content?.kind === "filesystem");
}
