import { Command } from "commander";
import { writeImage } from "../machine/write-image.ts";
import { addAppearanceOptions, type AppearanceFlags, reporting } from "./appearance.ts";
import { addConsentOptions, type ConsentFlags } from "./consent-options.ts";
import { addSshOptions, atDevice, type SshFlags } from "./ssh-options.ts";
import { dialogueOf, printReport } from "./dialogue.ts";

/** `mkimage write IMAGE DEVICE`. `signal` stops it. */
export function writeCommand(signal: AbortSignal): Command {
  const command = new Command("write")
    .description("write an image of any format to a disk, and read all of it back")
    .argument("<image>", "the image file")
    .argument("<device>", "the disk: /dev/disk/by-id/usb-…, or ssh://root@host/dev/… of another machine")
    .option("--grow", "make the last partition, and the ext4 in it, reach to the device's end")
    .option("--format <name>", "what the file is, as qemu-img calls it (default: what it says it is)")
    .addHelpText("after", examples)
    .action((image: string, device: string, flags: WriteFlags) => write({ image, device, flags, signal }));
  return addAppearanceOptions(addSshOptions(addConsentOptions(command)));
}

const examples = `
Examples:
  mkimage write result/nixos.qcow2 /dev/sdb --dry-run
  mkimage write result/nixos.qcow2 /dev/sdb
  mkimage write result/nixos.img /dev/disk/by-id/usb-Vendor_Stick_0123-0:0 --yes
  mkimage write --grow result/nixos.img /dev/sdb        all of the disk is for the system
  mkimage write result/nixos.img ssh://root@host/dev/disk/by-id/…      a disk of another machine`;

interface WriteFlags extends ConsentFlags, AppearanceFlags, SshFlags {
  readonly grow?: boolean;
  readonly format?: string;
}

interface Call {
  readonly image: string;
  readonly device: string;
  readonly flags: WriteFlags;
  readonly signal: AbortSignal;
}

async function write({ image, device, flags, signal }: Call): Promise<void> {
  const report = await reporting(flags, (reporter) =>
    atDevice(device, flags, signal, (place, path) =>
      writeImage({ ...flags, image, path }, dialogueOf(flags, reporter, signal), { reporter, signal, place }),
    ),
  );
  if (report !== undefined) printReport(device, report, flags);
}
