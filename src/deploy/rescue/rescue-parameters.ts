import { architectures, type Architecture } from "../../guest/architecture.ts";

/**
 * The parameters of a rescue system's kernel, made of those of the system that its machine gets: all but those that are for that system's
 * own programs. A kernel that gives up starts the machine anew, into its old system as long as its disks are what they were. The last console is
 * the one that programs speak to.
 */
export function rescueParameters(architecture: Architecture, parameters: readonly string[]): string[] {
  const own = parameters.filter((parameter) => !ofItsSystem.test(parameter));
  const hasConsole = own.some((parameter) => parameter.startsWith("console="));
  const consoles = hasConsole ? [] : ["console=tty0", `console=${architectures[architecture].console}`];
  return [...own, ...consoles, "panic=30"];
}

/** Parameters that say where the system is, how much it tells, or what its own programs do. */
const ofItsSystem =
  /^(?:init|root|rootfstype|rootflags|ro|rw|resume|resume_offset|initrd|panic|loglevel|quiet|splash|BOOT_IMAGE|(?:boot|rd|systemd|udev|luks|stage1|stage2)\..*)(?:=|$)/;
