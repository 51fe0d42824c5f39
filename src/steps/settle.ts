/** Waits until udev has made the links to new devices, where there is a udev. */
export const waitForUdev = ["wait_for_udev"] as const;

/** Waits for the node of a device that was made just now: on a machine with much to do its maker may not have. */
export function waitForNode(device: string): string[][] {
  return [[...waitForUdev], ["wait_for_node", device]];
}
