import type { Device } from "../../src/machine/device.ts";
import { MiB } from "../../src/base/units.ts";

/** A stick that nobody uses. */
export const freeDisk: Device = {
  path: "/dev/sdb",
  name: "sdb",
  number: "8:16",
  sequence: "7",
  model: "Stick",
  serial: "0123",
  size: 64 * MiB,
  sectorSize: 512,
  readOnly: false,
  canDiscard: false,
  partitionOf: undefined,
  partitions: [],
  signatures: [],
  users: [],
  holds: [],
  byIdPaths: [],
};
