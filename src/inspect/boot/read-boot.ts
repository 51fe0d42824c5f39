import type { BootFacts } from "../facts.ts";
import { Faults } from "../../base/image-faults.ts";
import type { ReadDisk } from "../read-disk.ts";
import { biosLoader } from "./bios-loader.ts";
import { efiLoaders } from "./efi-loader.ts";
import type { BootVolume } from "../../bootloaders/menu/boot-volume.ts";
import { everyBootloader } from "../../bootloaders/registry.ts";
import { bootVolumes } from "./boot-volumes.ts";
import { entryFacts } from "./entry-facts.ts";

/** The facts of how disks boot, with the faults found. */
export interface ReadBoot extends BootFacts {
  readonly faults: readonly string[];
  /** Whether one of its loaders shows a menu that mkimage reads. */
  readonly hasMenu: boolean;
}

/** As many as a person would still look through. */
const mostEntries = 2000;

/** Everything about booting that the disks of a machine say of themselves. */
export function readBoot(disks: readonly ReadDisk[]): ReadBoot {
  const faults = new Faults();
  const volumes = disks.flatMap((disk) => bootVolumes(disk.volumes));
  const efi = volumes.flatMap((volume) =>
    (faults.attempt(`EFI/BOOT on ${volume.name}`, () => efiLoaders(volume)) ?? []).map((each) => ({ ...each, volume })),
  );
  const bios = disks.flatMap((disk) => biosLoader(disk) ?? []);
  const shown = volumes.flatMap((volume) => menusOf(volume, volumes, faults));
  if (shown.length > mostEntries) faults.add(`its menus have ${shown.length} entries: ${mostEntries} were looked at`);
  const entries = shown.slice(0, mostEntries).map(entryFacts);
  for (const { path, name, volume } of efi) {
    if (name === "no program") faults.add(`${path} on ${volume.name} is no EFI program`);
  }
  for (const fault of bios.flatMap((each) => each.faults)) faults.add(fault);
  for (const { title, missing } of entries) {
    if (missing.length > 0) faults.add(`the entry "${title}" names files that are not there: ${missing.join(", ")}`);
  }
  return {
    firmware: [...(bios.length > 0 ? ["bios" as const] : []), ...(efi.length > 0 ? ["efi" as const] : [])],
    loaders: [
      ...bios.map(({ name }) => ({ name, place: "boot code of the disk" })),
      ...efi.map(({ name, path, volume }) => ({ name, place: `${path} on ${volume.name}` })),
    ],
    entries,
    faults: faults.list,
    hasMenu: [...bios, ...efi].some(({ hasMenu }) => hasMenu),
  };
}

function menusOf(volume: BootVolume, volumes: readonly BootVolume[], faults: Faults) {
  return everyBootloader.flatMap(
    ([, { menu }]) => faults.attempt(`a boot menu on ${volume.name}`, () => menu?.entries(volume, volumes) ?? []) ?? [],
  );
}
