import { partitionPath } from "../layout/partition-path.ts";
import { type CommandStep, type Guard, step } from "./step.ts";

/** Waits until udev has made the links to new devices, where there is a udev. */
export const waitForUdev = ["wait_for_udev"] as const;

/** Waits for the node of a device that was made just now: on a machine with much to do its maker may not have. */
export function waitForNode(device: string): string[][] {
  return [[...waitForUdev], ["wait_for_node", device]];
}

/** Has the kernel read a device's partition table again. */
export function readTableAgain(path: string, device: string, guards: readonly Guard[] = []): CommandStep {
  const links = device.startsWith("/dev/md/") ? [["link_partitions", device]] : [];
  return step(path, `read the partition table of ${device}`, guards, ["partprobe", device], waitForUdev, ...links);
}

/**
 * Has the kernel read a table that was just written. On a disk that this run has wiped, what deleted partitions left is over; a
 * partition whose node names another device is none of its.
 */
export function readNewTable(
  path: string,
  device: string,
  partitions: readonly { readonly device: string; readonly number: number }[],
): CommandStep {
  const reading = readTableAgain(path, device);
  const own = partitions.filter((one) => one.device === partitionPath(device, one.number));
  if (own.length === 0) return reading;
  const argv = ["clear_partitions", device, ...own.map((one) => one.device)];
  return { ...reading, commands: [...reading.commands, { argv }] };
}
