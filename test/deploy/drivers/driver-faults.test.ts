import test from "ava";
import { readAliases, readBuiltInAliases } from "../../../src/deploy/drivers/device-aliases.ts";
import { driverFaults } from "../../../src/deploy/drivers/driver-faults.ts";
import type { SystemDrivers } from "../../../src/deploy/drivers/system-drivers.ts";
import type { HardwareDevice } from "../../../src/deploy/facts/target-facts.ts";
import type { NetworkLink } from "../../../src/deploy/facts/network-facts.ts";
import { freeDisk } from "../../machine/free-disk.ts";
import { targetFacts } from "../target-facts.ts";

const ahciName = "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01";
const diskName = "scsi:t-0x00";
const cardName = "virtio:d00000001v00001AF4";

function device(modalias: string, driver: string | undefined, parts: Partial<HardwareDevice> = {}): HardwareDevice {
  return { path: "/sys/devices/x", modalias, driver, module: undefined, disks: [], links: [], watchdogs: [], ...parts };
}

const below = { disks: ["sda"] };
const ahci = device(ahciName, "ahci", { ...below, module: "ahci" });
const scsiDisk = device(diskName, "sd", { ...below, module: "sd_mod" });

const aliases = readAliases(
  [
    "# Aliases extracted from modules themselves.",
    "alias pci:v*d*sv*sd*bc01sc06i01* ahci",
    "alias pci:v00008086d00002922sv*sd*bc*sc*i* ata_other",
    "alias scsi:t-0x00* sd_mod",
    "alias virtio:d00000001v* virtio_net",
    "alias fs-ext4 ext4",
  ].join("\n"),
);

function drivers(parts: Partial<SystemDrivers> = {}): SystemDrivers {
  return { initrd: new Set(["ahci", "sd_mod"]), builtIn: new Set(), aliases, tellsBuiltIn: true, ...parts };
}

function faults(
  hardware: readonly HardwareDevice[],
  having: SystemDrivers,
  links: readonly NetworkLink[] = [],
): string[] {
  const network = { links, routes: [], nameServers: [], searchDomains: [] };
  return driverFaults(targetFacts({ hardware, network }), [{ ...freeDisk, name: "sda" }], having).map(
    ({ message }) => message,
  );
}

test("a system whose initrd has the drivers of the disk and its controller is accepted", (t) => {
  t.deepEqual(faults([ahci, scsiDisk], drivers()), []);
});

test("drivers of the kernel itself need no initrd", (t) => {
  t.deepEqual(faults([ahci, scsiDisk], drivers({ initrd: new Set(), builtIn: new Set(["ahci", "sd_mod"]) })), []);
});

test("each driver that the initrd lacks is a fault, which says which module that is", (t) => {
  const messages = faults([ahci, scsiDisk], drivers({ initrd: new Set() }));
  t.is(messages.length, 2);
  t.regex(messages[0] ?? "", /initrd has no driver for pci:v00008086.*driven by ahci.*\/dev\/sda: it lacks ahci$/);
  t.regex(messages[1] ?? "", /it lacks sd_mod$/);
});

test("another module that is for the device too is not the one that drives it", (t) => {
  t.is(faults([ahci], drivers({ initrd: new Set(["ata_other"]) })).length, 1);
});

test("where another driver has the device now, any that is for it will do", (t) => {
  const other = { ...ahci, driver: "ahci_of_old", module: undefined };
  t.deepEqual(faults([other], drivers({ initrd: new Set(["ata_other"]) })), []);
  t.regex(faults([other], drivers({ initrd: new Set() }))[0] ?? "", /it lacks ahci or ata_other$/);
});

test("a controller that no driver of the system is for is a fault of its kernel", (t) => {
  const unknown = device("pci:v0000ABCDd00000001sv0sd0bc01sc04i00", "megaraid_sas", below);
  t.regex(faults([unknown], drivers())[0] ?? "", /kernel has no driver for pci:v0000ABCD/);
});

const unaffected = {
  "a bridge, which the kernel drives itself": device("pci:v00008086d00003420sv0sd0bc06sc04i00", "pcieport", below),
  "a device of a bus whose drivers do not say for what they are": device("platform:any", "any", below),
  "a device that nothing drives": device("pci:v0000ABCDd0sv0sd0bc01sc04i00", undefined, below),
  "a device that has no disk of the tree below it": device(ahciName, "ahci", { disks: ["sdb"] }),
};
for (const [name, one] of Object.entries(unaffected)) {
  test(`${name} needs no driver`, (t) => t.deepEqual(faults([one], drivers({ initrd: new Set() })), []));
}

test("where the kernel does not tell for what its own drivers are, a device without a module may have one", (t) => {
  const unknown = device("pci:v0000ABCDd00000001sv0sd0bc01sc04i00", "megaraid_sas", below);
  t.deepEqual(faults([unknown], drivers({ tellsBuiltIn: false })), []);
});

test("an initrd that cannot be read is not judged", (t) => {
  t.deepEqual(faults([ahci], drivers({ initrd: undefined })), []);
});

const used: NetworkLink = {
  name: "eth0",
  mac: "52:54:00:12:34:56",
  mtu: 1500,
  isUp: true,
  kind: { type: "card" },
  addresses: [{ address: "192.0.2.7", prefix: 24, isLent: false }],
};
const card = device(cardName, "virtio_net", { links: ["eth0"] });

test("a network card needs a driver somewhere in the system", (t) => {
  t.deepEqual(faults([card], drivers(), [used]), []);
  const message = faults([card], drivers({ aliases: [] }), [used])[0] ?? "";
  t.regex(message, /kernel has no driver for virtio:d00000001.*on the way to the network card eth0/);
});

test("a network card without an address needs one only below a bond, a bridge or a VLAN", (t) => {
  const none = drivers({ aliases: [] });
  const unused = { ...used, addresses: [] };
  t.deepEqual(faults([card], none, [unused]), []);
  const above = (kind: NetworkLink["kind"]): NetworkLink => ({ ...used, name: "above", kind });
  t.is(faults([card], none, [unused, above({ type: "vlan", parent: "eth0", id: 5 })]).length, 1);
  t.is(faults([card], none, [unused, above({ type: "bridge", members: ["eth0"] })]).length, 1);
  t.is(faults([card], none, [unused, above({ type: "bond", members: ["eth0"], options: {} })]).length, 1);
});

test("the drivers in a kernel say for what they are", (t) => {
  const found = readBuiltInAliases(
    "ahci.license=GPL\0ahci.alias=pci:v*bc01sc06i01*\0virtio-pci.alias=pci:v00001AF4d*\0",
  );
  t.deepEqual(found, [
    { pattern: "pci:v*bc01sc06i01*", module: "ahci" },
    { pattern: "pci:v00001AF4d*", module: "virtio_pci" },
  ]);
});
