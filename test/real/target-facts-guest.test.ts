import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { MiB } from "../../src/base/units.ts";
import { driverFaults } from "../../src/deploy/drivers/driver-faults.ts";
import { systemDrivers } from "../../src/deploy/drivers/system-drivers.ts";
import { targetFactsScript } from "../../src/deploy/facts/facts-script.ts";
import { readFacts } from "../../src/deploy/facts/read-facts.ts";
import type { TargetFacts } from "../../src/deploy/facts/target-facts.ts";
import { chooseKernel } from "../../src/guest/kernel.ts";
import { runGuest } from "../../src/guest/run-guest.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { readRecords } from "../../src/remote/records.ts";
import { takeSnapshot } from "../../src/remote/snapshot.ts";
import { demoSystem } from "./fixtures-build.ts";
import { isLong } from "../together/is-long.ts";

/** The facts of a guest of busybox alone, in which commands have run before. */
async function factsOfGuest(
  t: ExecutionContext,
  kernel: Parameters<typeof chooseKernel>[0],
  commands: string,
): Promise<TargetFacts> {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-facts-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "disk");
  writeFileSync(path, Buffer.alloc(8 * MiB));
  const disk = { path, format: "raw", serial: "disk-of-facts", access: "scratch", sectorSize: 4096 } as const;
  const script = `exec >/results/files/records\n${targetFactsScript}`;
  const job = {
    modules: kernel.needs,
    steps: [
      { title: "prepare", argv: ["sh", "-ec", commands] },
      { title: "tell", argv: ["sh", "-c", script] },
    ],
  };
  const places = { logPath: join(folder, "log"), resultsPath: join(folder, "results"), deadlineSeconds: 300 };
  const machine = { architecture: "x86_64", acceleration: "tcg", kernel: chooseKernel(kernel), disks: [disk] } as const;
  const { results } = await runGuest(machine, job, places);
  const said = lookUp(results, "files/records");
  const records = readRecords(said?.type === "file" ? contentOf(said).toString("utf8") : "");
  return readFacts({
    records,
    folders: takeSnapshot(records, join(folder, "machine")),
    hostKeys: [],
    machine: "guest",
  });
}

test.serial("a guest of the demo system's kernel tells its disk, and what is on the way to it", async (t) => {
  const toplevel = demoSystem("systemd-boot");
  const facts = await factsOfGuest(t, { toplevel, needs: [] }, "true");
  const disk = facts.disks.find(({ serial }) => serial === "disk-of-facts");
  t.like(disk, { size: 8 * MiB, sectorSize: 4096, readOnly: false, machine: "guest" });
  t.is(facts.container, undefined);
  t.is(facts.firmware, "bios");
  t.true(facts.memory.total > 512 * MiB && facts.memory.total <= 1024 * MiB);
  const way = facts.hardware.filter(({ disks }) => disks.includes(disk?.name ?? ""));
  t.deepEqual(way.map(({ driver }) => driver).toSorted(), ["virtio-pci", "virtio_blk"]);

  const drivers = await systemDrivers(toplevel);
  if (drivers === undefined || disk === undefined) return t.fail();
  t.deepEqual(driverFaults(facts, [disk], drivers), []);
  const initrd = new Set([...(drivers.initrd ?? [])].filter((name) => name !== "virtio_blk"));
  const [fault, ...others] = driverFaults(facts, [disk], { ...drivers, initrd });
  t.regex(fault?.message ?? "", /initrd has no driver for virtio:d00000002.*it lacks virtio_blk$/);
  t.deepEqual(others, []);
});

const network = `ip link add d0 type dummy; ip link add d1 type dummy; ip link add d2 type dummy
ip link set d0 address 52:54:00:00:00:01; ip link set d1 address 52:54:00:00:00:02
echo active-backup >/sys/class/net/bond0/bonding/mode
echo 100 >/sys/class/net/bond0/bonding/miimon
echo +d0 >/sys/class/net/bond0/bonding/slaves; echo +d1 >/sys/class/net/bond0/bonding/slaves
ip link set bond0 up
ip link add link bond0 name bond0.42 type vlan id 42
ip link set bond0.42 up
ip addr add 192.0.2.7/24 dev bond0.42
ip route add default via 192.0.2.1 dev bond0.42
ip link set d2 up
ip -6 addr add 2001:db8::7/64 dev d2
ip -6 route add default via fe80::1 dev d2`;

if (isLong) {
  test.serial(
    "a generic kernel tells a VLAN on a bond of two, each by its own address, as busybox made them",
    async (t) => {
      const cwd = join(import.meta.dirname, "../..");
      const vmKernel = execFileSync("fixtures/kernel", { encoding: "utf8", cwd }).trim();
      const facts = await factsOfGuest(t, { vmKernel, needs: ["bonding", "8021q", "dummy"] }, network);
      const links = new Map(facts.network.links.map((link) => [link.name, link]));
      t.is(links.get("d0")?.mac, "52:54:00:00:00:01");
      t.is(links.get("d1")?.mac, "52:54:00:00:00:02");
      const bond = links.get("bond0")?.kind;
      t.deepEqual(bond?.type === "bond" ? bond.members : [], ["d0", "d1"]);
      t.like(links.get("bond0")?.kind, { options: { mode: "active-backup", miimon: "100" } });
      t.deepEqual(links.get("bond0.42")?.kind, { type: "vlan", parent: "bond0", id: 42 });
      t.deepEqual(links.get("bond0.42")?.addresses, [{ address: "192.0.2.7", prefix: 24, isLent: false }]);
      t.deepEqual(
        facts.network.routes.map(({ destination, link, gateway }) => [destination, link, gateway]),
        [
          ["default", "bond0.42", "192.0.2.1"],
          ["default", "d2", "fe80::1"],
        ],
      );
      t.deepEqual([facts.kexec.isSupported, facts.kexec.disabled, facts.kexec.isPermitted], [true, false, true]);
    },
  );
}
