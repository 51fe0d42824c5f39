import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import type { Said } from "../real/disko-cycle.ts";
import { zfsKernel } from "./needs.ts";
import { runScenes } from "./scenes.ts";

// What the scripts of trees do to disks that hold something already.

const pool = "mkimage-test";
const member = { type: "zfs", pool };

/** A mirror of a partition and a whole disk. */
function mirror(zpool: object) {
  const gpt = { type: "gpt", partitions: { zfs: { size: "100%", content: member } } };
  const disk = { x: { device: "/dev/vda", content: gpt }, y: { device: "/dev/vdb", content: member } };
  return readDeviceTree({ disk, zpool: { [pool]: { mode: "mirror", ...zpool } } });
}

const compared = {
  options: { ashift: "12" },
  rootFsOptions: { compression: "lz4" },
  datasets: {
    home: { type: "zfs_fs", mountpoint: "/home", options: { atime: "off" } },
    plain: { type: "zfs_fs" },
    volume: { type: "zfs_volume", size: "64M" },
  },
};
const changed = {
  ...compared,
  mountpoint: "/tank",
  rootFsOptions: { compression: "zstd" },
  datasets: {
    ...compared.datasets,
    home: { type: "zfs_fs", mountpoint: "/people", options: { atime: "on", keylocation: "none" } },
  },
};
const trees = { mirror: mirror({ mountpoint: "/" }), compared: mirror(compared), changed: mirror(changed) };

const folder = mkdtempSync(join(tmpdir(), "mkimage-zfs-scenes-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

let said: Said;
test.before(async () => {
  const names = ["foreign", "compared", "changed", "degraded"];
  said = await runScenes({ names, trees }, { folder, kernel: zfsKernel() });
});

function answer(t: ExecutionContext, scene: string, what: string): string {
  return said(scene, what) ?? (t.fail(`${scene} said nothing about ${what}`) as never);
}

test("a mirror whose first member is blank by now is opened without it, which is told, and never made anew", (t) => {
  const guid = answer(t, "degraded", "guid.whole");
  for (const moment of ["mounted", "formatted"]) {
    t.is(answer(t, "degraded", `guid.${moment}`), guid);
    t.is(answer(t, "degraded", `file.${moment}`), "kept");
    t.regex(answer(t, "degraded", `status.${moment}`), /state: DEGRADED/);
    t.regex(answer(t, "degraded", `said.${moment}`), /==! pool mkimage-test is incomplete: it lacks \/dev\/vda1/);
  }
  t.regex(answer(t, "degraded", "status.whole"), /state: ONLINE/);
});

test("somebody else's filesystem, pool or name ends the formatting before anything is changed", (t) => {
  t.regex(
    answer(t, "foreign", "ext4"),
    /\/dev\/vdb holds ext4 \(LABEL precious.*; disk\.y\.content wants it to be a member of pool/,
  );
  t.regex(answer(t, "foreign", "pool"), /\/dev\/vdb holds gpt table.*, which belongs to other/);
  t.regex(answer(t, "foreign", "name"), /pool mkimage-test: something else on this machine has this name/);
  t.is(answer(t, "foreign", "before"), answer(t, "foreign", "after"));
});

test("a pool is what disko's commands make of its tree, but that its being mounted is said and not by default", (t) => {
  const own = answer(t, "compared", "ours").split("\n");
  t.deepEqual(
    own.map((line) => (line.startsWith(`${pool}\tcanmount\ton\t`) ? line.replace("local", "default") : line)),
    answer(t, "compared", "disko").split("\n"),
  );
  t.true(own.includes(`${pool}/plain\tmountpoint\t/mnt/${pool}/plain\tdefault`), own.join("\n"));
  t.is(answer(t, "compared", "mounts"), `/mnt/home ${pool}/home`);
});

test("a pool that is there gets the properties that changed, and nothing of it is mounted by that", (t) => {
  const lines = answer(t, "changed", "changed").split("\n");
  for (const line of [
    "\tcompression\tzstd\tlocal",
    "\tmountpoint\t/mnt/tank\tlocal",
    "/home\tatime\ton\tlocal",
    "/home\tmountpoint\t/mnt/people\tlocal",
  ])
    t.true(lines.includes(pool + line), `${line}: ${lines.join("\n")}`);
  t.deepEqual(answer(t, "changed", "mounted").split("\n"), ["no", "no"]);
  const mounts = answer(t, "changed", "mounts").replaceAll(/ +/g, " ").split("\n").toSorted();
  t.deepEqual(mounts, [`/mnt/people ${pool}/home`, `/mnt/tank ${pool}`]);
  t.is(answer(t, "changed", "again"), answer(t, "changed", "mounts"));
});
