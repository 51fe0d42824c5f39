import { formatSize } from "../base/units.ts";
import { checkDevice, type DeviceRequest } from "./approve-device.ts";
import { confirmDevice, describeForPeople, type Dialogue } from "./confirm.ts";
import type { Device } from "./device.ts";
import type { DevicePlace } from "./device-place.ts";
import { lengthOf } from "../image/extent.ts";
import { examineImage, type ImageFacts } from "../image/reading/examine-image.ts";
import { openGrownImage } from "./grow/grown-image.ts";
import { openImageFile, type ImageFile } from "./image-file.ts";
import { relocateGpt } from "./relocate-gpt.ts";
import type { DeviceReport, DeviceWriteOptions } from "./write-device.ts";

/** `mkimage write`, as data. */
export interface WriteImageRequest extends DeviceRequest {
  /** The path of an image file of any format. */
  readonly image: string;
  /** Its format, by qemu-img's name. Default: detected from the file. */
  readonly format?: string | undefined;
  /** Says what would happen, and touches nothing. */
  readonly dryRun?: boolean | undefined;
  /** Makes the last partition, and the ext4 in it, reach to the device's end. */
  readonly grow?: boolean | undefined;
}

/** The machine whose device is written, beside how the writing is watched and stopped. */
interface WriteImageOptions extends DeviceWriteOptions {
  readonly place: DevicePlace;
}

/**
 * Writes an image file to a device: refuses, shows, asks, writes, reads back, and returns what was proven; undefined
 * after a dry run.
 *
 * @throws MkimageError REFUSED_DEVICE, BAD_IMAGE, BAD_REQUEST, and what `DevicePlace.write` throws.
 */
export async function writeImage(
  request: WriteImageRequest,
  dialogue: Dialogue,
  options: WriteImageOptions,
): Promise<DeviceReport | undefined> {
  const { place } = options;
  const facts = await examineImage(request.image, request.format);
  const whole = { ...request, imageSize: facts.size, protectedPaths: [{ what: "the image", path: facts.path }] };
  const device = await checkDevice(whole, place);
  using file = await (request.grow === true
    ? openGrownImage(facts, device, options)
    : openImageFile(facts, options.reporter, options.signal));
  const complete = { ...whole, imageSectorSize: file.sectorSize };
  const checked = await checkDevice(complete, place);
  relocated(file, checked);
  if (request.dryRun === true) {
    describeWriting(checked, facts, file).forEach(dialogue.say);
    return undefined;
  }
  file.notes.forEach((note) => options.reporter.note(note));
  await confirmDevice(checked, complete, dialogue);
  return await place.write(checked, file.image, options);
}

/** Describes for people the data written and verified. */
export function describeReport(path: string, report: DeviceReport): string[] {
  const rate =
    report.writeSeconds > 0 ? `, ${formatSize(Math.round(report.bytesWritten / report.writeSeconds))}/s` : "";
  return [
    `${path} holds the image of ${formatSize(report.imageSize)}`,
    `  written ${formatSize(report.bytesWritten)} in ${report.writeSeconds.toFixed(1)} s${rate}, flushed`,
    `  read back from the device and compared: ${formatSize(report.bytesVerified)} in ${report.readSeconds.toFixed(1)} s`,
    ...(report.backupTable === undefined
      ? []
      : [`  backup partition table at byte ${report.backupTable}, the device's end`]),
  ];
}

/** A damaged table is found before anything is written. */
function relocated({ head, image }: ImageFile, { size, sectorSize }: Device) {
  return relocateGpt(head, { imageSize: image.size, deviceSize: size, sectorSize });
}

function describeWriting(device: Device, facts: ImageFacts, file: ImageFile): string[] {
  const table = relocated(file, device);
  const bytes = lengthOf(file.image.extents);
  return [
    ...describeForPeople(device),
    "would happen, in this order:",
    "  both ends are cleared, with every old signature and partition table",
    ...file.notes.map((note) => `  ${note}`),
    device.canDiscard ? "  old data are discarded" : "  holes are written as zeros",
    `  ${formatSize(bytes)} of data are written from ${facts.path} (${facts.format}, ${formatSize(facts.size)})`,
    "  everything is flushed, read back and compared",
    ...(table === undefined ? [] : [`  the backup partition table is written at byte ${table.backup.offset}`]),
    "  the first blocks are written, and the kernel reads the partitions",
    "nothing was written",
  ];
}
