import test from "ava";
import { GiB, MiB } from "../../src/base/units.ts";
import { type DeployWants, refusalsOf } from "../../src/deploy/refusals.ts";
import type { NetworkLink } from "../../src/deploy/facts/network-facts.ts";
import type { TargetFacts } from "../../src/deploy/facts/target-facts.ts";
import { freeDisk } from "../machine/free-disk.ts";
import { targetFacts } from "./target-facts.ts";

const someFacts = targetFacts({
  machine: "x86_64",
  disks: [{ ...freeDisk, path: "/dev/sdb", size: 4 * GiB, byIdPaths: ["/dev/disk/by-id/usb-Stick_0123"] }],
});

const disk = { name: "main", path: "/dev/disk/by-id/usb-Stick_0123", minimumSize: 2 * GiB, sectorSize: 512 };

const wants: DeployWants = {
  architecture: "x86_64",
  entersRescue: true,
  memory: 512 * MiB,
  disks: [disk],
  firmware: "efi",
  drivers: undefined,
};

test("a machine that has everything is not refused", (t) => t.deepEqual(refusalsOf(someFacts, wants), []));

const second = { ...freeDisk, path: "/dev/sdc", name: "sdc", model: undefined, size: 8 * GiB };
const { kexec } = someFacts;
const [link] = someFacts.network.links as [NetworkLink];
const [first = freeDisk] = someFacts.disks;

const cases: Record<string, [Partial<TargetFacts>, Partial<DeployWants>, message: RegExp, hint: RegExp]> = {
  "another system than Linux": [
    { kernel: "FreeBSD", machine: "amd64" },
    {},
    /runs FreeBSD, not Linux/,
    /rescue system/,
  ],
  "another architecture": [{ machine: "aarch64" }, {}, /is aarch64, the system is for x86_64/, /nixpkgs\.hostPlatform/],
  "a container": [
    { container: "lxc", kexec: { ...kexec, isSupported: false } },
    {},
    /is a container \(lxc\)/,
    /the machine that runs it/,
  ],
  "Secure Boot": [{ kexec: { ...kexec, secureBoot: true } }, {}, /Secure Boot is on/, /firmware's settings/],
  "a kernel that is locked down": [
    { kexec: { ...kexec, lockdown: "integrity" } },
    {},
    /locked down \(integrity\)/,
    /rescue system of the provider's/,
  ],
  "kexec that was turned off": [
    { kexec: { ...kexec, disabled: true } },
    {},
    /kernel\.kexec_load_disabled is 1/,
    /sysctl\.d there and reboot/,
  ],
  "a kernel without kexec": [
    { kexec: { ...kexec, isSupported: false } },
    {},
    /6\.1\.0-28-amd64 was built without kexec/,
    /another kernel/,
  ],
  "a root who may not boot": [{ kexec: { ...kexec, isPermitted: false } }, {}, /CAP_SYS_BOOT/, /all capabilities/],
  "too little memory": [
    { memory: { total: 480_000_000, available: 1 } },
    {},
    /has 457\.8 MiB of memory, the rescue system needs 512 MiB/,
    /more memory/,
  ],
  "BIOS where EFI is needed": [{ firmware: "bios" }, {}, /started by EFI, and the machine was started by BIOS/, /GRUB/],
  "EFI where BIOS is needed": [{}, { firmware: "bios" }, /started by BIOS, and the machine was started by EFI/, /CSM/],
  "a machine that tells no address of a card": [
    { network: { ...someFacts.network, links: [{ ...link, kind: { type: "other" } }] } },
    {},
    /no address of a network card/,
    /iproute2 or BusyBox/,
  ],
  "a disk that is not there": [
    { disks: [first, second] },
    { disks: [{ ...disk, path: "/dev/disk/by-id/nvme-other" }] },
    /the disk main of the tree is \/dev\/disk\/by-id\/nvme-other, which the machine does not have/,
    /its disks are \/dev\/sdb: 4 GiB, Stick, serial 0123, \/dev\/disk\/by-id\/usb-Stick_0123; \/dev\/sdc: 8 GiB/,
  ],
  "a machine without any disk": [{ disks: [] }, {}, /does not have/, /no disk at all/],
  "a disk that is too small": [
    {},
    { disks: [{ ...disk, minimumSize: 5 * GiB }] },
    /too small for the disk main: it has 4294967296 bytes, the plan needs 5368709120 \(5 GiB\)/,
    /larger disk/,
  ],
  "sectors of another size": [
    {},
    { disks: [{ ...disk, sectorSize: 4096 }] },
    /has sectors of 512 bytes, the disk main of the tree has 4096/,
    /sectorSize = 512/,
  ],
  "a disk that cannot be written to": [{ disks: [{ ...first, readOnly: true }] }, {}, /is read-only/, /switch/],
  "a reader without a card": [{ disks: [{ ...first, size: 0 }] }, {}, /has no medium/, /insert/],
  "two disks that are one": [
    {},
    { disks: [disk, { ...disk, name: "other", path: "/dev/sdb" }] },
    /the disks main and other of the tree are both \/dev\/sdb/,
    /of its own/,
  ],
};
for (const [name, [facts, wanted, message, hint]] of Object.entries(cases)) {
  test(`${name} is refused, with what to do`, (t) => {
    const faults = refusalsOf({ ...someFacts, ...facts }, { ...wants, ...wanted });
    t.is(faults.length, 1, JSON.stringify(faults));
    t.regex(faults[0]?.message ?? "", message);
    t.regex(faults[0]?.hint ?? "", hint);
  });
}

test("everything that is wrong is said at once", (t) => {
  const facts = {
    ...someFacts,
    machine: "i686",
    firmware: "bios",
    disks: [],
    memory: { total: 1, available: 1 },
  } as const;
  t.is(refusalsOf(facts, wants).length, 4);
});

const accepted: Record<string, [Partial<TargetFacts>, Partial<DeployWants>]> = {
  "a system that both firmwares start": [{ firmware: "bios" }, { firmware: "either" }],
  "a disk of any size": [{}, { disks: [{ ...disk, minimumSize: undefined }] }],
  "a disk that is in use, by the system that goes": [
    {
      disks: [
        { ...first, users: [{ kind: "mount", device: "sdb1", mountPoint: "/" }], holds: [{ what: "x", path: "/" }] },
      ],
    },
    {},
  ],
  "our own rescue system, which needs no kexec": [
    {
      rescue: { version: "0.1.0", deployment: "x", disks: [] },
      kexec: { ...kexec, isSupported: false, secureBoot: true },
    },
    { entersRescue: false },
  ],
  "a machine without Secure Boot and lockdown to speak of": [
    { kexec: { ...kexec, secureBoot: undefined, lockdown: undefined } },
    {},
  ],
};
for (const [name, [facts, wanted]] of Object.entries(accepted)) {
  test(`${name} is accepted`, (t) => {
    t.deepEqual(refusalsOf({ ...someFacts, ...facts }, { ...wants, ...wanted }), []);
  });
}
