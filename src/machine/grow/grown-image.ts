import { join } from "node:path";
import { imageOf } from "../../image/disk-source.ts";
import { bytesExtent, clipExtents, type Extent, lengthOf, shiftExtents } from "../../image/extent.ts";
import { requireSpace } from "../../image/free-space.ts";
import type { Bytes } from "../../base/units.ts";
import { run } from "../../runtime/run.ts";
import { openWorkspace, type Workspace } from "../../runtime/workspace.ts";
import { copyPartArguments } from "../copy-part.ts";
import type { Device } from "../device.ts";
import type { ImageFacts } from "../../image/reading/examine-image.ts";
import { type ImageFile, openImageFile, workFolder } from "../image-file.ts";
import type { DeviceWriteOptions } from "../write-device.ts";
import { growExt, isExt } from "./grow-ext.ts";
import { describeGrowth, type GrownTable, planGrowth } from "./plan-growth.ts";

/**
 * Opens an image as it would be if it had been made for the device. The filesystem grows in a scratch file, before
 * anything is written: so the device is written and proven in one go, and an interrupted write never looks bootable.
 *
 * @throws MkimageError BAD_IMAGE when the table or the filesystem is damaged; NO_SPACE; INTERRUPTED.
 */
export async function openGrownImage(
  facts: ImageFacts,
  { size: deviceSize, sectorSize }: Device,
  options: DeviceWriteOptions,
): Promise<ImageFile> {
  const file = await openImageFile(facts, options.reporter, options.signal);
  try {
    const table = planGrowth(file.head, { imageSize: facts.size, deviceSize, sectorSize });
    if (typeof table === "string") return { ...file, notes: [...file.notes, table] };
    return await grown(file, table, { facts, deviceSize }, options);
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

interface Sizes {
  readonly facts: ImageFacts;
  readonly deviceSize: Bytes;
}

async function grown(
  file: ImageFile,
  table: GrownTable,
  { facts, deviceSize }: Sizes,
  options: DeviceWriteOptions,
): Promise<ImageFile> {
  const { start, oldSize, name } = table;
  const original = [...file.image.extents];
  const build = (content: Iterable<Extent>, notes: readonly string[]): ImageFile => ({
    ...file,
    head: withHead(file.head, table),
    image: { size: deviceSize, zeroedUpTo: facts.size, extents: [...before(original, table), ...content] },
    notes: [...file.notes, describeGrowth(table), ...notes],
  });
  if (!isExt(file.bytes.read(start, 2048))) {
    const note = `${name} holds no ext4: what is in it does not grow`;
    return build(clipExtents(original, start, start + oldSize), [note]);
  }
  const workspace = await openWorkspace(workFolder(facts.path));
  const dispose = () => {
    workspace.remove();
    file[Symbol.dispose]();
  };
  try {
    const filesystem = await growFilesystem(file, table, workspace, options);
    return {
      ...build(shiftExtents(filesystem, start), [`the ext4 in ${name} grows with it`]),
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    workspace.remove();
    throw error;
  }
}

/** The extents before the partition, with the new table. */
function* before(extents: readonly Extent[], { head, start }: GrownTable): Generator<Extent> {
  const table = head.subarray(0, start);
  if (table.length > 0) yield bytesExtent(0, table);
  yield* clipExtents(extents, table.length, start);
}

/** Without a table the head is as it was. */
function withHead(old: Uint8Array, { head }: GrownTable): Uint8Array {
  return head.length === 0 ? old : head;
}

async function growFilesystem(
  { raw, image }: ImageFile,
  table: GrownTable,
  { folder }: Workspace,
  { reporter, signal }: DeviceWriteOptions,
): Promise<Iterable<Extent>> {
  const { start, oldSize, size } = table;
  const data = lengthOf(clipExtents(image.extents, start, start + oldSize));
  await requireSpace(folder, data);
  const part = join(folder, "part.raw");
  return await reporter.task("growing the filesystem", async () => {
    const view = await raw.part(start, oldSize);
    await run("qemu-img", copyPartArguments(view, { start, size: oldSize }, part), {
      signal,
      deadlineSeconds: 24 * 3600,
    });
    await growExt(part, size, { signal });
    return imageOf({ path: part }).extents;
  });
}
