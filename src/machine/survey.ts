import { realpathSync } from "node:fs";
import type { DeviceTree } from "../devices/device-tree.ts";
import type { DiskNode } from "../devices/types/disk/schema.ts";
import { describeForPeople, type Dialogue } from "./confirm.ts";
import type { Device } from "./device.ts";
import { inspectDevice } from "./inspect-device.ts";
import { ownUsers, withoutUsers } from "./own-users.ts";
import { refusals } from "./rules.ts";
import { MkimageError } from "../base/errors.ts";

/** A disk of the tree, as it is on this machine. */
export interface SurveyedDisk {
  readonly key: string;
  /** The name by which layouts know it. */
  readonly name: string;
  readonly node: DiskNode;
  readonly device: Device;
}

/**
 * Looks at every disk of a tree on this machine, without touching it.
 *
 * @param devices where disks are, by name, when that is not where the tree says.
 * @throws MkimageError REFUSED_DEVICE when one is not there; BAD_REQUEST when two are the same.
 */
export async function surveyDisks(
  tree: DeviceTree,
  devices: Readonly<Record<string, string>> = {},
): Promise<SurveyedDisk[]> {
  const disks = await Promise.all(
    Object.entries(tree.disk).map(async ([key, node]) => {
      const { name } = node;
      return { key, name, node, device: await inspectDevice(devices[name] ?? node.device ?? "") };
    }),
  );
  requireDifferentDevices(disks);
  return disks;
}

function requireDifferentDevices(disks: readonly SurveyedDisk[]): void {
  for (const [path, sharing] of Map.groupBy(disks, ({ device }) => realpathSync(device.path))) {
    if (sharing.length === 1) continue;
    throw new MkimageError("BAD_REQUEST", `the disks ${sharing.map(({ key }) => key).join(" and ")} are both ${path}`, {
      hint: "give each disk of the tree a device of its own",
    });
  }
}

/** The user's consent to wiping the disks. */
interface WipeConsent {
  readonly yesWipeAllDisks: boolean;
  /** The folder where the tree is mounted, which is unmounted before anything is wiped. */
  readonly root: string;
}

/**
 * Shows every disk that is to be destroyed, and goes on only if the user means each of them.
 *
 * @throws MkimageError REFUSED_DEVICE for disks that are in use by anything but the tree, and without consent.
 */
export async function approveWipe(
  tree: DeviceTree,
  disks: readonly SurveyedDisk[],
  consent: WipeConsent,
  dialogue: Dialogue,
): Promise<void> {
  const doomed = disks.filter(({ node }) => node.destroy);
  for (const { device } of doomed) describeForPeople(device).forEach(dialogue.say);
  const own = ownUsers(tree, disks, consent.root);
  const faults = doomed.flatMap(({ device }) => refusals(withoutUsers(device, own), {}));
  if (faults.length > 0) {
    throw new MkimageError("REFUSED_DEVICE", faults[0]?.message ?? "", {
      details: faults.slice(1).map(({ message, hint }) => `${message} (${hint})`),
      hint: `${faults[0]?.hint}; nothing was changed`,
    });
  }
  if (!consent.yesWipeAllDisks) for (const { device } of doomed) await askFor(device, dialogue);
}

async function askFor({ path }: Device, { ask }: Dialogue): Promise<void> {
  if (ask === undefined) {
    throw new MkimageError("REFUSED_DEVICE", `destroying ${path} was not confirmed`, {
      hint: "without a terminal give --yes-wipe-all-disks",
    });
  }
  const answer = await ask(`Everything on it will be lost. Type ${path} to go on: `);
  if (answer.trim() === path) return;
  throw new MkimageError("REFUSED_DEVICE", `${path} was not confirmed`, { hint: "nothing was changed" });
}
