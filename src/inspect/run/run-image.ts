import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { MkimageError } from "../../base/errors.ts";
import type { AccelerationRequest } from "../../guest/acceleration.ts";
import type { Architecture } from "../../guest/architecture.ts";
import { copyVariables } from "../../guest/firmware.ts";
import type { Disk, Machine, MachineFirmware, Seat } from "../../guest/qemu.ts";
import type { Seats } from "../../guest/seats.ts";
import { imageDrivers } from "../../image/formats/registry.ts";
import { bootMachine, type FirmwareRequest } from "../boot/boot-machine.ts";
import { readBoot } from "../boot/read-boot.ts";
import { withDisks } from "../inspect.ts";
import type { OpenOptions } from "../../image/reading/open-image.ts";
import type { ReadDisk } from "../read-disk.ts";
import type { Bytes } from "../../base/units.ts";
import { variablesName } from "../../pipeline/publish/output-folder.ts";

interface RunRequest {
  /** The disks of the machine; it boots from the first. */
  readonly images: readonly string[];
  /** Whether the machine's writes go to the images, and its EFI variables to efi-vars.fd beside the first. */
  readonly keep: boolean;
  readonly firmware: FirmwareRequest;
  readonly acceleration: AccelerationRequest;
  readonly memory: Bytes;
  readonly processors: number;
  readonly seat: Seat;
  readonly sshPort: number | undefined;
}

/**
 * Boots images at this terminal, until the machine is switched off. Without `keep`, all writes are discarded.
 *
 * @throws MkimageError as `openImage` and `runSeat` do; BAD_IMAGE when nothing in them boots, or cannot be written to.
 */
export async function runImage(
  request: RunRequest,
  options: OpenOptions & { readonly signal: AbortSignal },
  seats: Seats,
): Promise<void> {
  const { firmware, architecture, disks } = await withDisks(request.images, options, async (read) => ({
    ...bootMachine(readBoot(read), request.firmware),
    disks: read.map((disk, index) => diskOf(disk, index, request.keep)),
  }));
  const circumstances = { architecture, signal: options.signal };
  const { acceleration, note } = await seats.chooseAcceleration(request.acceleration, circumstances);
  if (note !== undefined) options.reporter.note(note);
  const workspace = await seats.openTemporaryWorkspace();
  try {
    const variables = join(dirname(disks[0]?.path ?? ""), variablesName);
    const flash = { architecture, variables, keep: request.keep, folder: workspace.folder };
    const { memory, processors, seat, sshPort } = request;
    const machine = {
      architecture,
      acceleration,
      memory,
      processors,
      seat,
      sshPort,
      disks,
      clock: Math.floor(Date.now() / 1000),
    };
    const complete: Machine = firmware === "efi" ? { ...machine, firmware: firmwareIn(flash, seats) } : machine;
    await seats.runSeat(complete, options.signal);
  } finally {
    workspace.remove();
  }
}

function diskOf({ image, sectorSize }: ReadDisk, index: number, keep: boolean): Disk {
  const { path, format } = image;
  const driver = imageDrivers.find((one) => one === format);
  if (driver === undefined) {
    throw new MkimageError("BAD_IMAGE", `${image.name} has the format ${format}, which mkimage run does not boot`, {
      hint: `it boots ${imageDrivers.join(", ")}; qemu-img convert -O qcow2 makes one of it`,
    });
  }
  const disk = { path, format: driver, serial: `disk${index}` } as const;
  const sectors = sectorSize === 4096 ? { sectorSize: 4096 as const } : {};
  return { ...disk, access: keep ? "kept" : "snapshot", ...sectors };
}

interface Flash {
  readonly architecture: Architecture;
  /** The variables beside the image, which need not be there. */
  readonly variables: string;
  readonly keep: boolean;
  readonly folder: string;
}

/** The machine starts with the image's own variables, else with the firmware's template. */
function firmwareIn(
  { architecture, variables, keep, folder }: Flash,
  { findFirmware }: Pick<Seats, "findFirmware">,
): MachineFirmware {
  const hasOwn = existsSync(variables);
  const firmware = findFirmware({ architecture, ...(hasOwn ? { variables } : {}) });
  if (hasOwn && keep) return firmware;
  const copy = join(folder, variablesName);
  copyVariables(firmware, copy);
  return { ...firmware, variables: copy };
}
