import { MkimageError } from "../base/errors.ts";
import type { Bytes } from "../base/units.ts";
import type { BootFirmware } from "../bootloaders/boot-firmware.ts";
import type { Course } from "./course.ts";
import { systemDrivers } from "./drivers/system-drivers.ts";
import { findDisk } from "./facts/find-disk.ts";
import type { TargetFacts } from "./facts/target-facts.ts";
import { type DeployWants, refusalsOf } from "./refusals.ts";
import { requireKnowable, type TargetDisk, wantedDisks } from "./target-disks.ts";

/**
 * The disks of a target that are to be overwritten, if nothing speaks against deploying to it.
 *
 * @param memory the bytes that the target needs for what it is started into.
 * @throws MkimageError REFUSED_DEVICE with every reason; BAD_REQUEST for a disk whose place nobody tells.
 */
export async function requireFit(course: Course, facts: TargetFacts, memory: Bytes): Promise<TargetDisk[]> {
  const { prepared, request, signal } = course;
  const { system, draft, devices } = prepared;
  const writes = request.phases.includes("disks");
  const disks = writes ? wantedDisks(draft.blueprint.tree, devices, facts) : [];
  const wants: DeployWants = {
    architecture: system.architecture,
    memory,
    entersRescue: request.phases.includes("kexec") && facts.rescue === undefined,
    // Disks are laid out for the sizes and sectors that they have; what does not fit is told by that.
    disks: disks.map((disk) => ({ ...disk, minimumSize: undefined, sectorSize: undefined })),
    firmware: writes ? firmwareOf(system.firmware, request.touchesFirmware) : "either",
    drivers: await systemDrivers(system.toplevel, signal),
  };
  const faults = refusalsOf(facts, wants);
  const [first] = faults;
  if (first !== undefined) {
    const several = faults.length > 1;
    throw new MkimageError(
      "REFUSED_DEVICE",
      several ? `${facts.hostname} cannot be deployed to, for ${faults.length} reasons` : first.message,
      {
        details: several ? faults.map(({ message, hint }) => `${message} (${hint})`) : [],
        hint: several ? "nothing was changed" : `${first.hint}; nothing was changed`,
      },
    );
  }
  const targets = disks.flatMap((disk) => {
    const device = findDisk(facts, disk.path);
    return device === undefined ? [] : [{ ...disk, device }];
  });
  if (wants.entersRescue) requireKnowable(targets, facts.disks);
  return targets;
}

function firmwareOf(firmware: BootFirmware | undefined, touchesFirmware: boolean): DeployWants["firmware"] {
  if (touchesFirmware) return "efi";
  if (firmware === undefined || firmware.bios === firmware.uefi) return "either";
  return firmware.uefi ? "efi" : "bios";
}
