import test from "ava";
import type { NetworkLink } from "../../../src/deploy/facts/network-facts.ts";
import type { HardwareDevice } from "../../../src/deploy/facts/target-facts.ts";
import { rescueModules } from "../../../src/deploy/rescue/rescue-modules.ts";
import { readAliases } from "../../../src/deploy/drivers/device-aliases.ts";
import { readModuleTables } from "../../../src/guest/modules.ts";

const index = readModuleTables({
  "modules.builtin": "kernel/drivers/usb/core/usbcore.ko\nkernel/net/8021q/8021q.ko\n",
  "modules.dep": ["nvme", "ahci", "virtio_net", "virtio_pci", "e1000e", "megaraid_sas"]
    .map((name) => `kernel/${name}.ko.xz:\n`)
    .join(""),
  "modules.softdep": "",
  "modules.alias": "",
});

const aliases = readAliases(
  [
    "alias pci:v*d*sv*sd*bc01sc08i02* nvme",
    "alias virtio:d00000001v* virtio_net",
    "alias pci:v00001AF4d*sv*sd*bc*sc*i* virtio_pci",
  ].join("\n"),
);

const nvme = device({ modalias: "pci:v0000144Dd0000A808sv0000sd0000bc01sc08i02", disks: ["nvme0n1"] });
const card = device({ modalias: "virtio:d00000001v00001AF4", links: ["eth0"] });
const unknown = device({ modalias: "pci:v0000FFFFd00000001sv0000sd0000bc01sc07i00", disks: ["sda"] });
const bridge = device({ modalias: "pci:v00008086d00003420sv00sd00bc06sc04i00", disks: ["nvme0n1"] });
const screen = device({ modalias: "pci:v00001AF4d00001050sv00sd00bc03sc00i00" });

function device(parts: Partial<HardwareDevice>): HardwareDevice {
  return {
    path: "pci0000:00/0000:00:04.0",
    modalias: "",
    driver: undefined,
    module: undefined,
    disks: [],
    links: [],
    watchdogs: [],
    ...parts,
  };
}

function network(...kinds: readonly NetworkLink["kind"][]) {
  const links = kinds.map((kind, number) => ({
    name: `link${number}`,
    mac: "52:54:00:00:00:01",
    mtu: 1500,
    isUp: true,
    kind,
    addresses: [],
  }));
  return { links, routes: [], nameServers: [], searchDomains: [] };
}

const choose = (hardware: readonly HardwareDevice[], ...kinds: readonly NetworkLink["kind"][]) =>
  rescueModules({ modules: index, aliases }, { hardware, network: network(...kinds) });

test("what feeds a running watchdog comes along, and what it is behind", (t) => {
  const bus = device({ modalias: "pci:v00001AF4d00001000sv00sd00bc0Csc05i00", watchdogs: ["watchdog0"] });
  const dog = device({ modalias: "platform:iTCO_wdt", module: "ahci", watchdogs: ["watchdog0"] });
  const { names, undriven, unfed } = choose([nvme, bus, dog]);
  t.true(names.includes("virtio_pci"));
  t.true(names.includes("ahci"));
  t.deepEqual([undriven, unfed], [[], []]);
  const strange = device({ modalias: "platform:strange", watchdogs: ["watchdog0"] });
  t.deepEqual(choose([nvme, strange]).unfed, [strange]);
});

test("what drives disks and cards comes along, and nothing for what is neither", (t) => {
  const { names, undriven } = choose([nvme, card, screen]);
  t.true(names.includes("nvme"));
  t.true(names.includes("virtio_net"));
  t.false(names.includes("virtio_pci"));
  t.false(names.includes("ahci"));
  t.deepEqual(undriven, []);
});

test("a device without a driver by its modalias has what drives it now, if the kernel has it", (t) => {
  for (const now of [{ driver: "megaraid_sas" }, { driver: "MegaRAID", module: "megaraid_sas" }]) {
    const known = choose([{ ...unknown, ...now }]);
    t.true(known.names.includes("megaraid_sas"));
    t.deepEqual(known.undriven, []);
    t.false(known.names.includes("ahci"));
  }
});

for (const [name, driver] of [
  ["a driver that the kernel lacks", "mystery"],
  ["no driver", undefined],
] as const) {
  test(`a disk with ${name} is told of, and brings all common drivers`, (t) => {
    const strange = { ...unknown, driver };
    const { names, undriven } = choose([strange, card]);
    t.deepEqual(undriven, [strange]);
    for (const common of ["ahci", "nvme", "e1000e", "virtio_blk"]) t.true(names.includes(common), common);
  });
}

test("what joins two buses needs no driver", (t) => {
  const { names, undriven } = choose([bridge, nvme]);
  t.deepEqual(undriven, []);
  t.false(names.includes("ahci"));
});

test("a machine of which no device is known gets all common drivers", (t) => {
  t.true(choose([screen]).names.includes("e1000e"));
});

test("links bring the modules that make them, and those that the kernel lacks are told of", (t) => {
  const { names, missing } = choose(
    [card],
    { type: "card" },
    { type: "vlan", parent: "link0", id: 5 },
    { type: "bond", members: ["link0"], options: {} },
  );
  t.true(names.includes("8021q"));
  t.true(names.includes("bonding"));
  t.false(names.includes("bridge"));
  t.deepEqual(missing, ["bonding"]);
});

test("packets of DHCP can be sent from every rescue system", (t) => {
  t.true(choose([card]).names.includes("af_packet"));
});
