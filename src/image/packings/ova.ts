import type { Archive } from "./archive.ts";
import { ovfMembers } from "./ovf.ts";
import { tarOf } from "./tar.ts";

/** VirtualBox: a machine in one file, its description first. */
export const ova: Archive = {
  ending: "ova",
  format: "vmdk",
  layOut: (disk) => tarOf(ovfMembers(disk.machine.name, disk), disk.identity.time),
};
