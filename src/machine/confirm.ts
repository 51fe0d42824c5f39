import { MkimageError } from "../base/errors.ts";
import { formatSize } from "../base/units.ts";
import type { Device } from "./device.ts";
import type { DeviceFault } from "./rules.ts";

/** How the user says that the device is the right one. */
export interface Consent {
  readonly yes?: boolean | undefined;
  /** The device's exact size in bytes, for devices that have no path under /dev/disk/by-id. */
  readonly expectSize?: number | undefined;
}

/** Where a question goes. `ask` is there on a terminal only. */
export interface Dialogue {
  readonly say: (line: string) => void;
  readonly ask?: ((question: string) => Promise<string>) | undefined;
}

/**
 * Shows the device, and goes on only if the user means it: retyped on a terminal, or `--yes` with a path that names
 * this very disk, or `--yes --expect-size` where a device has no such path.
 *
 * @throws MkimageError REFUSED_DEVICE.
 */
export async function confirmDevice(device: Device, consent: Consent, dialogue: Dialogue): Promise<void> {
  describeForPeople(device).forEach(dialogue.say);
  if (consent.yes === true || dialogue.ask === undefined) return refuseOn(consentFault(device, consent));
  const name = nameOf(device);
  const answer = await dialogue.ask(`Everything on it will be lost. Type ${name} to go on: `);
  if (answer.trim() === name) return;
  throw new MkimageError("REFUSED_DEVICE", `${name} was not confirmed`, { hint: "nothing was written" });
}

/** A device's path, and that of another machine with its name. */
function nameOf({ machine, path }: Device): string {
  return machine === undefined ? path : `${machine}:${path}`;
}

/** Finds the fault of a consent given without a terminal; `undefined` when it is valid. */
export function consentFault(device: Device, { yes, expectSize }: Consent): DeviceFault | undefined {
  if (yes !== true) return { message: `writing to ${device.path} was not confirmed`, hint: flagsFor(device) };
  if (expectSize !== undefined && expectSize !== device.size) {
    return {
      message: `${device.path} has ${device.size} bytes, not ${expectSize} as --expect-size says`,
      hint: "make sure that it is the disk you mean: lsblk -b",
    };
  }
  if (device.byIdPaths.includes(device.path)) return undefined;
  if (device.byIdPaths.length === 0 && expectSize !== undefined) return undefined;
  return { message: `${device.path} can name another disk tomorrow`, hint: flagsFor(device) };
}

/** Model, serial number, size, and what is on it. */
export function describeForPeople(device: Device): string[] {
  const contents = (name: string) =>
    device.signatures
      .filter((signature) => signature.device === name)
      .map(({ type, label }) => (label === undefined ? type : `${type} "${label}"`));
  const line = (name: string, size: number) =>
    [formatSize(size), ...contents(name), ...usesOf(device, name)].join(", ");
  return [
    `${nameOf(device)} (/dev/${device.name}): ${line(device.name, device.size)}`,
    `  model ${device.model ?? "unknown"}, serial ${device.serial ?? "unknown"}, sectors of ${device.sectorSize} bytes`,
    ...device.partitions.map(({ name, size }) => `  ${name}: ${line(name, size)}`),
  ];
}

function usesOf(device: Device, name: string): string[] {
  return device.users
    .filter((user) => user.device === name)
    .map((user) => (user.kind === "mount" ? `mounted on ${user.mountPoint}` : `used by ${user.kind}`));
}

function flagsFor({ byIdPaths, path, size }: Device): string {
  const [first] = byIdPaths;
  return first === undefined
    ? `without a terminal give --yes --expect-size ${size} (${path} has no path under /dev/disk/by-id)`
    : `without a terminal give --yes and the path ${first}`;
}

function refuseOn(fault: DeviceFault | undefined): void {
  if (fault !== undefined) throw new MkimageError("REFUSED_DEVICE", fault.message, { hint: fault.hint });
}
