import { Command, InvalidArgumentError, Option } from "commander";
import type { AccelerationRequest } from "../guest/acceleration.ts";
import { seatsInQemu } from "../guest/seats.ts";
import type { FirmwareRequest } from "../inspect/boot/boot-machine.ts";
import { type Bytes, GiB, MiB, parseSize } from "../base/units.ts";
import { runImage } from "../inspect/run/run-image.ts";
import { addAppearanceOptions, type AppearanceFlags, reporting } from "./appearance.ts";

interface RunFlags extends AppearanceFlags {
  readonly keep?: boolean;
  readonly ssh?: number;
  readonly memory: Bytes;
  readonly cpus: number;
  readonly display: string;
  readonly firmware: FirmwareRequest;
  readonly accel: AccelerationRequest;
  readonly format?: string;
}

/** `mkimage run IMAGE…`. `signal` ends the machine. */
export function runCommand(signal: AbortSignal): Command {
  const command = new Command("run")
    .description("boot an image in QEMU at this terminal; what it writes is forgotten unless --keep is given")
    .argument("<image...>", "image file; several are the disks of one machine, which boots from the first")
    .option("--keep", "write to the image itself, and to efi-vars.fd beside it")
    .option("--ssh <port>", "make the guest's port 22 this port of the loopback address", port)
    .option("--memory <size>", "main memory, in MiB where no unit is given", (text) => parseSize(text, MiB), GiB)
    .option("--cpus <number>", "processors", processors, 1)
    .option("--display <how>", "screen, as QEMU calls it: none, gtk, sdl, vnc=:1", "none")
    .addOption(
      new Option("--firmware <kind>", "what boots it; auto looks for EFI/BOOT")
        .choices(["auto", "bios", "efi"])
        .default("auto"),
    )
    .addOption(new Option("--accel <how>", "how it is emulated").choices(["auto", "kvm", "tcg"]).default("auto"))
    .option("--format <name>", "what the file is, as qemu-img calls it (default: what it says it is)")
    .addHelpText("after", examples)
    .action((images: string[], flags: RunFlags) => start(images, flags, signal));
  return addAppearanceOptions(command);
}

const examples = `
Examples:
  mkimage run result/nixos.qcow2
  mkimage run result/nixos.img --ssh 2222 --memory 2G --cpus 2
  mkimage run disk-a.img disk-b.img --firmware bios

The serial console is on the terminal. Ctrl-A X ends the machine, Ctrl-A C goes to QEMU's monitor and back.`;

async function start(images: readonly string[], flags: RunFlags, signal: AbortSignal): Promise<void> {
  const { keep = false, firmware, memory, cpus, display, ssh, accel, format } = flags;
  const seat = { display };
  const request = { images, keep, firmware, acceleration: accel, memory, processors: cpus, seat, sshPort: ssh };
  await reporting(flags, (reporter) => runImage(request, { reporter, signal, format }, seatsInQemu));
}

function port(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 65_535) return number;
  throw new InvalidArgumentError("It is a port from 1 to 65535, such as 2222.");
}

function processors(text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 255) return number;
  throw new InvalidArgumentError("It is a whole number from 1 to 255.");
}
