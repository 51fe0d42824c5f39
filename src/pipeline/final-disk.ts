import type { DiskSource } from "../image/disk-source.ts";
import type { DiskLayout } from "../layout/layout.ts";
import { assemble } from "./assemble.ts";
import type { Installed } from "./install.ts";

/**
 * A disk of the final plan with its bootloader, ready for a sink: the file that a guest left, or extents.
 *
 * @throws MkimageError as `assemble` does.
 */
export async function finalDisk(
  { plan, installation, scratchDisks }: Installed,
  disk: DiskLayout,
  folder: string,
): Promise<DiskSource> {
  const path = scratchDisks?.files.get(disk.name);
  return path === undefined ? assemble(plan, disk, installation.bootCode, folder) : { path };
}
