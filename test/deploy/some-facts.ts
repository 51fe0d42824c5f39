import { GiB, MiB } from "../../src/base/units.ts";
import type { TargetFacts } from "../../src/deploy/facts/target-facts.ts";
import { freeDisk } from "../machine/free-disk.ts";

/** A machine with one disk, from which nothing keeps a deployment. */
export const someFacts: TargetFacts = {
  kernel: "Linux",
  machine: "x86_64",
  release: "6.1.0-32-amd64",
  hostname: "web1",
  operatingSystem: "Debian GNU/Linux 12 (bookworm)",
  container: undefined,
  firmware: "efi",
  kexec: { secureBoot: false, lockdown: "none", disabled: false, isSupported: true, isPermitted: true },
  memory: { total: 2 * GiB, available: 1 * GiB },
  disks: [{ ...freeDisk, path: "/dev/sdb", size: 4 * GiB, byIdPaths: ["/dev/disk/by-id/usb-Stick_0123"] }],
  diskPaths: new Map([["/dev/disk/by-id/usb-Stick_0123", "sdb"]]),
  network: { links: [], routes: [], nameServers: [], searchDomains: [] },
  hardware: [],
  processor: { vendor: "GenuineIntel", flags: ["vmx"] },
  hostKeys: [],
  authorizedKeys: [],
  tools: new Set(),
  boot: "1a9b2c3d-0000-4000-8000-000000000000",
  rescue: undefined,
  currentSystem: undefined,
};

/** The memory that is asked for in tests. */
export const enoughMemory = 512 * MiB;
