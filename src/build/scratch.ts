import { dirname } from "node:path";
import { MkimageError } from "../errors.ts";
import type { Disk } from "../guest/qemu.ts";
import type { Extent } from "../image/extent.ts";
import { requireSpace } from "../image/free-space.ts";
import { writeRaw } from "../image/raw.ts";
import type { ImagePlan } from "../plan/image-plan.ts";
import { assemble } from "./assemble.ts";
import type { BuildContext } from "./context.ts";
import { occupiedBytes } from "./occupied-bytes.ts";

/** A disk that has to be published as a guest left it. */
export interface ScratchDisk {
  readonly path: string;
  readonly plan: ImagePlan;
  /** Why the host cannot lay it out. */
  readonly reason: string;
}

/**
 * Writes the disk of a plan to a file that a guest may write to, as far as the host makes it.
 *
 * @throws MkimageError as `assemble` and `writeRaw` do; NO_SPACE.
 */
export async function writeScratch(
  plan: ImagePlan,
  bootCode: readonly Extent[],
  path: string,
  context: BuildContext,
): Promise<Disk> {
  const [disk] = plan.layout.disks;
  if (disk === undefined) throw new MkimageError("INTERNAL", "a preset has one disk");
  const folder = dirname(path);
  await requireSpace(dirname(folder), occupiedBytes(plan));
  const image = await assemble(plan, disk, bootCode, folder);
  await context.reporter.task("Writing a scratch disk", (task) =>
    writeRaw(image, path, { signal: context.signal, onProgress: task.progress }),
  );
  return { path, format: "raw", serial: disk.name, access: "scratch", sectorSize: disk.sectorSize };
}
