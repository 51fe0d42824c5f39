import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { MkimageError } from "../../base/errors.ts";
import { chooseAcceleration, type AccelerationRequest } from "../../guest/acceleration.ts";
import { bootImage } from "../../guest/boot.ts";
import { findFirmware } from "../../guest/firmware.ts";
import type { Disk } from "../../guest/qemu.ts";
import { bootMachine, type FirmwareRequest } from "../boot/boot-machine.ts";
import type { BootFacts } from "../facts.ts";
import { printable } from "../printable.ts";
import type { ReadDisk } from "../read-disk.ts";
import type { Reporter } from "../../runtime/reporter.ts";
import { variablesName } from "../../pipeline/publish/output-folder.ts";
import { type Check, failed, passed } from "./check.ts";

export interface BootCheck {
  /** A line of the serial console that counts as booted. */
  readonly expect: RegExp;
  readonly deadlineSeconds: number;
  readonly firmware: FirmwareRequest;
  readonly acceleration: AccelerationRequest;
}

/** The lines on a serial console that show a booted system: a login prompt, NixOS's greeting, or a systemd target. */
export const bootedLine = /(^|\s)login:|<<< Welcome to .* >>>|Reached target .*(Multi-User|Graphical)/;

interface Circumstances {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** Boots the disks on throw-away overlays until the line comes that was expected. */
export async function checkBoot(
  disks: readonly ReadDisk[],
  boot: BootFacts,
  request: BootCheck,
  { reporter, signal }: Circumstances,
): Promise<Check> {
  const start = performance.now();
  try {
    const { firmware, matched } = await reporter.task("booting", ({ detail }) =>
      bootDisks(disks, boot, request, { signal, onLine: (line) => detail(printable(line)) }),
    );
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    return passed("boot", `under ${firmware === "efi" ? "UEFI" : "BIOS"} in ${seconds} s: ${printable(matched)}`);
  } catch (error) {
    const isFinding = error instanceof MkimageError && findings.has(error.code);
    if (!isFinding) throw error;
    return failed("boot", error.message, error.details.map(printable));
  }
}

const findings = new Set<string>(["GUEST_FAILED", "GUEST_TIMED_OUT", "BAD_IMAGE"]);

interface Watch {
  readonly signal: AbortSignal | undefined;
  readonly onLine: (line: string) => void;
}

async function bootDisks(disks: readonly ReadDisk[], boot: BootFacts, request: BootCheck, { signal, onLine }: Watch) {
  const { firmware, architecture } = bootMachine(boot, request.firmware);
  const watch = signal === undefined ? {} : { signal };
  const { acceleration } = await chooseAcceleration(request.acceleration, { architecture, ...watch });
  const result = await bootImage({
    architecture,
    acceleration,
    disks: await Promise.all(disks.map(throwAwayDisk)),
    until: request.expect,
    deadlineSeconds: request.deadlineSeconds,
    onLine,
    ...watch,
    ...(firmware === "efi" ? { firmware: firmwareFor(disks, architecture) } : {}),
  });
  return { firmware, matched: result.matched ?? "" };
}

/** The machine gets a copy of the variables that lie beside the image. */
function firmwareFor(disks: readonly ReadDisk[], architecture: "x86_64" | "aarch64") {
  const [disk] = disks;
  const variables = disk === undefined ? undefined : join(dirname(disk.image.path), variablesName);
  return findFirmware({ architecture, ...(variables !== undefined && existsSync(variables) ? { variables } : {}) });
}

async function throwAwayDisk({ image, sectorSize }: ReadDisk, index: number): Promise<Disk> {
  const size = sectorSize === 4096 ? { sectorSize: 4096 as const } : {};
  return { path: await image.raw.whole(), format: "raw", serial: `disk${index}`, access: "snapshot", ...size };
}
