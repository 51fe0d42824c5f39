import { KiB } from "../../base/units.ts";
import { common } from "../common.ts";
import type { Filesystem } from "../filesystem.ts";
import { limitsOfLinux } from "../limits.ts";
import { guestMade } from "../guest-made/guest-made.ts";
import { btrfsChanges } from "./changes.ts";
import { btrfsShell } from "./shell.ts";
import { btrfsSpace } from "./space.ts";
import type { Mkfs } from "../mkfs/mkfs.ts";

/** Source: mkfs.btrfs(8) of btrfs-progs 6.2 and 6.14. */
const mkfs: Mkfs = {
  short: "A:b:d:fKl:L:m:Mn:O:qr:R:s:U:vV",
  long: [
    "byte-count=",
    "checksum=",
    "compress=",
    "csum=",
    "data=",
    "device-uuid=",
    "features=",
    "force",
    "help",
    "inode-flags=",
    "label=",
    "leafsize=",
    "metadata=",
    "mixed",
    "nodesize=",
    "nodiscard",
    "quiet",
    "rootdir=",
    "runtime-features=",
    "sectorsize=",
    "shrink",
    "subvol=",
    "uuid=",
    "verbose",
    "version",
  ],
  label: { names: ["-L", "--label"], most: 255, counted: "bytes" },
  uuid: { names: ["-U", "--uuid"] },
  identifier: "uuid",
  fixed: [],
};

export const btrfs: Filesystem = {
  ...common,
  survey: guestMade("btrfs", () => btrfsSpace),
  // Measured with nodes of 16 KiB, which an attribute has to fit into with its names.
  limits: { ...limitsOfLinux, attributeBytes: 16_228 },
  mkfs,
  contents: ["btrfs"],
  driver: "btrfs",
  checksums: ["crc32c_generic", "xxhash_generic", "blake2b_generic", "sha256_generic"],
  helperNeedsDriver: true,
  compresses: true,
  growth: { mounted: true, bySystemd: true, byScripts: null },
  changes: btrfsChanges,
  shell: btrfsShell,
  bootCode: [[0, 64 * KiB]],
  canBeRoot: true,
  endsTellAll: true,
};
