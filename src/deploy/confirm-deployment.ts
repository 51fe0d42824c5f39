import { MkimageError } from "../base/errors.ts";
import { formatSize } from "../base/units.ts";
import { describeForPeople, type Dialogue } from "../machine/confirm.ts";
import { nameOf, type RemoteHost } from "../remote/address.ts";
import type { TargetFacts } from "./facts/target-facts.ts";
import type { TargetDisk } from "./target-disks.ts";

/**
 * Shows a machine and its disks that are to be overwritten, and goes on only if the user means it. The name to retype is the one
 * that the user has for it: what machines call themselves is often the same.
 *
 * @throws MkimageError REFUSED_DEVICE without consent.
 */
export async function confirmDeployment(
  host: RemoteHost,
  facts: TargetFacts,
  disks: readonly TargetDisk[],
  yesWipeAllDisks: boolean,
  dialogue: Dialogue,
): Promise<void> {
  describeTarget(facts, disks).forEach(dialogue.say);
  if (yesWipeAllDisks) return;
  const name = nameOf(host);
  if (dialogue.ask === undefined) {
    throw new MkimageError("REFUSED_DEVICE", `overwriting the disks of ${name} was not confirmed`, {
      hint: "without a terminal give --yes-wipe-all-disks; nothing was changed",
    });
  }
  const answer = await dialogue.ask(`Everything on these disks will be lost. Type ${name} to go on: `);
  if (answer.trim() === name) return;
  throw new MkimageError("REFUSED_DEVICE", `${name} was not confirmed`, { hint: "nothing was changed" });
}

/** A machine, and its disks that are to be overwritten, in lines. */
export function describeTarget(facts: TargetFacts, disks: readonly TargetDisk[]): string[] {
  const { hostname, operatingSystem, machine, memory, firmware } = facts;
  const system = operatingSystem ?? `${facts.kernel} ${facts.release}`;
  const spared = facts.disks.filter((device) => !disks.some((disk) => disk.device.name === device.name));
  return [
    `${hostname}: ${system}, ${machine}, ${formatSize(memory.total)} of memory, ${firmware === "efi" ? "EFI" : "BIOS"}`,
    ...disks.flatMap(({ name, device }) => [`becomes ${name}:`, ...describeForPeople(device)]),
    ...spared.flatMap((device) => ["stays as it is:", ...describeForPeople(device).slice(0, 2)]),
  ];
}
