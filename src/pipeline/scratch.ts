import { truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Installation } from "../bootloaders/installation.ts";
import type { Disk } from "../guest/qemu.ts";
import { requireSpace } from "../image/free-space.ts";
import { writeRaw } from "../image/raw.ts";
import type { DiskLayout } from "../layout/layout.ts";
import { diskSerial } from "./plan/disk-serial.ts";
import type { ImagePlan } from "./plan/image-plan.ts";
import { assemble } from "./assemble.ts";
import type { BuildContext } from "./context.ts";
import { occupiedBytes } from "./occupied-bytes.ts";

/** A disk of a layout in a file that a guest may write to. */
export interface ScratchDisk {
  readonly layout: DiskLayout;
  readonly disk: Disk;
}

/** Disks that have to be published as a guest left them. */
export interface FinishedDisks {
  /** The raw file of each disk by the name of the disk. */
  readonly files: ReadonlyMap<string, string>;
  readonly plan: ImagePlan;
  /** Why the host cannot lay them out. */
  readonly reason: string;
}

/**
 * Writes the disks of a plan, as far as the host makes them, to files `PREFIX.NUMBER` that a guest may write to.
 *
 * @throws MkimageError as `assemble` and `writeRaw` do; NO_SPACE.
 */
export async function writeScratch(
  plan: ImagePlan,
  bootCode: Installation["bootCode"],
  prefix: string,
  context: BuildContext,
): Promise<ScratchDisk[]> {
  const folder = dirname(prefix);
  const { signal, reflink } = context;
  await requireSpace(dirname(folder), occupiedBytes(plan), context.host);
  const written: ScratchDisk[] = [];
  for (const [index, layout] of plan.layout.disks.entries()) {
    const path = `${prefix}.${index}`;
    const image = await assemble(plan, layout, bootCode, folder);
    await context.reporter.task("Writing a scratch disk", (task) =>
      writeRaw(image, path, { signal, reflink, onProgress: task.progress }),
    );
    written.push(scratchDisk(layout, path));
  }
  return written;
}

/** Makes empty disks of a plan's sizes, in files `PREFIX.NUMBER` that a guest may write to. */
export function writeEmpty(plan: ImagePlan, prefix: string): ScratchDisk[] {
  return plan.layout.disks.map((layout, index) => {
    const path = `${prefix}.${index}`;
    writeFileSync(path, "", { mode: 0o600 });
    truncateSync(path, layout.size);
    return scratchDisk(layout, path);
  });
}

function scratchDisk(layout: DiskLayout, path: string): ScratchDisk {
  const { name, sectorSize } = layout;
  return { layout, disk: { path, format: "raw", serial: diskSerial(name), access: "scratch", sectorSize } };
}

/** The files of scratch disks by the names of the disks. */
export function filesOf(scratch: readonly ScratchDisk[]): ReadonlyMap<string, string> {
  return new Map(scratch.map(({ layout, disk }) => [layout.name, disk.path]));
}
