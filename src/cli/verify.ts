import { Command, InvalidArgumentError, Option } from "commander";
import { MkimageError } from "../base/errors.ts";
import type { AccelerationRequest } from "../guest/acceleration.ts";
import type { FirmwareRequest } from "../inspect/boot/boot-machine.ts";
import { printable, printableJson } from "../inspect/printable.ts";
import { bootedLine } from "../inspect/verify/check-boot.ts";
import type { Check } from "../inspect/verify/check.ts";
import { verify } from "../inspect/verify/verify.ts";
import { addAppearanceOptions, type AppearanceFlags, reporting } from "./appearance.ts";

interface VerifyFlags extends AppearanceFlags {
  readonly boot?: boolean;
  readonly expect?: RegExp;
  readonly deadline: number;
  readonly firmware: FirmwareRequest;
  readonly accel: AccelerationRequest;
  readonly format?: string;
  readonly allow?: "unknown";
}

/** `mkimage verify IMAGE…`. `signal` stops it. */
export function verifyCommand(signal: AbortSignal): Command {
  const command = new Command("verify")
    .description("check an image of any origin: format, table, filesystems, Nix database, boot files, and a boot")
    .argument("<image...>", "image file; several are the disks of one machine")
    .option("--boot", "boot it as well, on a throw-away overlay")
    .option("--expect <regex>", "the line on the serial console that counts as booted", pattern)
    .option("--deadline <seconds>", "how long the boot may take", positive, 300)
    .addOption(new Option("--firmware <kind>", "what boots it").choices(["auto", "bios", "efi"]).default("auto"))
    .addOption(new Option("--accel <how>", "how it is emulated").choices(["auto", "kvm", "tcg"]).default("auto"))
    .option("--format <name>", "what the file is, as qemu-img calls it (default: what it says it is)")
    .addOption(
      new Option("--allow <what>", "unknown: no failure where an image or a partition is not understood").choices([
        "unknown",
      ]),
    )
    .addHelpText("after", examples)
    .action((images: string[], flags: VerifyFlags) => check(images, flags, signal));
  return addAppearanceOptions(command);
}

const examples = `
Examples:
  mkimage verify result/nixos.qcow2
  mkimage verify result/nixos.img --boot --expect 'login:' --deadline 120
  mkimage verify empty.img --allow unknown      a disk that need not hold anything

The exit code is 0 when every check passes and something was understood and found sound, 16 when a check fails, and 18 when
none fails and something is not understood: an image that is compressed, random, encrypted as a whole, or blank, and a
partition for a filesystem with other bytes in it.`;

async function check(images: readonly string[], flags: VerifyFlags, signal: AbortSignal): Promise<void> {
  const boots = flags.boot === true || flags.expect !== undefined;
  const { expect = bootedLine, deadline: deadlineSeconds, firmware, accel: acceleration } = flags;
  const boot = boots ? { expect, deadlineSeconds, firmware, acceleration } : null;
  const checks: Check[] = [];
  const onCheck = (done: Check): void => {
    checks.push(done);
    if (flags.json !== true) describeCheck(done).forEach(print);
  };
  const { format, allow } = flags;
  const allowUnknown = allow === "unknown";
  const { failed, unknown } = await reporting(flags, (reporter) =>
    verify({ images, boot, allowUnknown, onCheck }, { reporter, signal, format }),
  );
  const ok = failed + unknown === 0;
  if (flags.json === true) print(printableJson({ version: 1, ok, checks }, 2));
  if (failed > 0)
    throw new MkimageError("MISMATCH", `${failed} of ${checks.length} checks failed`, {
      hint: "the lines marked with FAILED say what was found",
    });
  if (unknown > 0)
    throw new MkimageError("NOT_UNDERSTOOD", "there is no verdict: not everything was understood", {
      hint: "the lines marked with ? say why; --allow unknown takes that for no failure",
    });
}

const marks = { ok: "ok    ", failed: "FAILED", note: "-     ", unknown: "?     " } as const;

/** One line, and one for each detail. */
function describeCheck({ subject, outcome, text, details }: Check): string[] {
  return [
    `${marks[outcome]}  ${subject.padEnd(11)}  ${printable(text)}`,
    ...details.map((line) => `          ${printable(line)}`),
  ];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError(`It is no regular expression: ${(error as Error).message}`);
  }
}

function positive(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a whole number of seconds, such as 120.");
}
