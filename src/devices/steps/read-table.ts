import { partitionPath } from "../../layout/partition-path.ts";
import type { ClaimedDevice } from "../../steps/claim.ts";
import { waitForUdev } from "../../steps/settle.ts";
import { type CommandStep, type Guard, step } from "../../steps/step.ts";
import type { StepContext } from "./context.ts";

/** Has the kernel read a device's partition table again. */
export function readTableAgain(
  { path, device }: ClaimedDevice,
  { partitionLinks }: StepContext,
  guards: readonly Guard[] = [],
): CommandStep {
  const links = partitionLinks(device);
  return step(path, `read the partition table of ${device}`, guards, ["partprobe", device], waitForUdev, ...links);
}

/**
 * Has the kernel read a table that was just written. On a disk that this run has wiped, what deleted partitions left is over; a
 * partition whose node names another device is none of its.
 */
export function readNewTable(
  { path, device }: ClaimedDevice,
  partitions: readonly { readonly device: string; readonly number: number }[],
  context: StepContext,
): CommandStep {
  const reading = readTableAgain({ path, device }, context);
  const own = partitions.filter((one) => one.device === partitionPath(device, one.number));
  if (own.length === 0) return reading;
  const argv = ["clear_partitions", device, ...own.map((one) => one.device)];
  return { ...reading, commands: [...reading.commands, { argv }] };
}
