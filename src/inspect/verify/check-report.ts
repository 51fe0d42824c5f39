import { basename, extname } from "node:path";
import * as z from "zod";
import { readBuildReport } from "../inspect.ts";
import type { ReadDisk } from "../read-disk.ts";
import { type Check, failed, passed } from "./check.ts";
import { packingOf } from "./packing.ts";
import { subjectOf } from "./volume-of-disk.ts";

const content = z.object({
  kind: z.string(),
  uuid: z.string(),
  place: z.object({ offset: z.number() }),
  randomEncryption: z.boolean().optional(),
});

/** The fields read from `image.json`: the place of each identifier. Contents of other shapes have no identifier. */
const disk = z.object({
  imageName: z.string(),
  content: content.nullable().catch(null),
  table: z.object({ partitions: z.array(z.object({ content: content.nullable().catch(null) })) }).nullable(),
});
const report = z.object({ disks: z.array(disk) });

/** Compares the build's report beside an image with its contents; no check without a report, or where it names nothing. */
export function checkReport(disks: readonly ReadDisk[]): Check[] {
  const parsed = report.safeParse(readBuildReport(disks));
  if (!parsed.success) return [];
  const promised = disks.flatMap((each) => promisesFor(each, parsed.data));
  if (promised.length === 0) return [];
  const faults = promised.flatMap(({ on, kind, uuid, found, subject }) => {
    if (found?.toLowerCase() === uuid.toLowerCase()) return [];
    return [`${on}: ${subject} should hold a ${kind} with the UUID ${uuid}, and has ${found ?? "none"}`];
  });
  if (faults.length > 0) return [failed("report", "image.json speaks of something else", faults)];
  return [passed("report", `all ${promised.length} contents that image.json names are there`)];
}

function promisesFor(read: ReadDisk, { disks }: z.output<typeof report>) {
  const name = basename(read.image.path, extname(read.image.path));
  if (packingOf(read.image.bytes) !== undefined) return [];
  const own = disks.find(({ imageName }) => imageName === name);
  const contents = [own?.content, ...(own?.table?.partitions ?? []).map((each) => each.content)];
  return contents.flatMap((each) => {
    // Encrypted anew at every boot, it has no identifier.
    if (each === null || each === undefined || each.randomEncryption === true) return [];
    const volume = read.volumes.find(({ bytes }) => bytes.start === each.place.offset);
    const subject = volume === undefined ? `byte ${each.place.offset}` : subjectOf(volume);
    return [{ ...each, on: basename(read.image.path), subject, found: volume?.signature.uuid ?? null }];
  });
}
