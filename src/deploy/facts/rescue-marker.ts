import * as z from "zod";
import { plainText } from "./plain-text.ts";
import type { KnownDisk, RescueFacts, TargetFacts } from "./target-facts.ts";

/** The text of /etc/mkimage-rescue, by which a rescue system says what it is. */
export function rescueMarker({ version, deployment, disks }: RescueFacts): string {
  const lines = [
    `version ${version}`,
    `deployment ${deployment}`,
    ...disks.map((disk) => `disk ${JSON.stringify(disk)}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Reads what `rescueMarker` writes; disks that are none are left out. Pure. */
export function readRescueMarker(text: string): RescueFacts {
  const of = (key: string) => plainText(new RegExp(`^${key} (.*)$`, "m").exec(text)?.[1] ?? "");
  const disks = [...text.matchAll(/^disk (.*)$/gm)]
    .slice(0, mostDisks)
    .flatMap(([, json = ""]) => readDisk(json) ?? []);
  return { version: of("version"), deployment: of("deployment"), disks };
}

const mostDisks = 1000;

const knownDisk = z.strictObject({
  paths: z.array(z.string()),
  size: z.int().nonnegative(),
  sectorSize: z.int().positive(),
  serial: z.string().optional(),
});

function readDisk(json: string): KnownDisk | undefined {
  try {
    return knownDisk.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

/** The disks of a machine by the names that they have there now, for a system that calls them otherwise. Pure. */
export function knownDisks({ disks, diskPaths }: Pick<TargetFacts, "disks" | "diskPaths">): KnownDisk[] {
  return disks.map(({ name, size, sectorSize, serial }) => {
    const links = [...diskPaths].flatMap(([path, disk]) => (disk === name ? [path] : []));
    return { paths: [`/dev/${name}`, ...links], size, sectorSize, serial };
  });
}
