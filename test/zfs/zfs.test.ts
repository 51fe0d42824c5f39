import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { runCycles, type Said } from "../real/disko-cycle.ts";
import { placesIn, plannedPlaces } from "../real/disko-mounts.ts";
import { zfsKernel } from "./needs.ts";

// Trees with pools: made, mounted, kept, destroyed and made anew, with ZFS itself as the judge.

const names = [
  "zfs-order",
  "zfs-beside-ext4",
  "zfs-mirror",
  "zfs-encrypted",
  "zfs-layers",
  "zfs-raidz",
  "zfs-spare",
  "zfs-complex",
];
const folder = mkdtempSync(join(tmpdir(), "mkimage-zfs-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

let said: Said;
test.before(async () => {
  const cycles = names.map((name) => ({ name }));
  said = await runCycles(cycles, { folder, kernel: zfsKernel(), deadlineSeconds: 7200 });
});

for (const name of names) {
  test(`${name} is made, mounted as planned, unmounted without a rest, kept, destroyed and made anew`, (t) => {
    const answer = (what: string): string => said(name, what) ?? t.fail(`nothing was said about ${what}`);
    for (const moment of ["first", "formatted", "anew"])
      t.deepEqual(placesIn(answer(`mounts.${moment}`)), plannedPlaces(name), moment);
    t.is(answer("mounts.again"), answer("mounts.first"));
    t.deepEqual(placesIn(answer("mounts.unmounted")), []);
    t.notRegex(answer("contents.destroyed"), /TYPE=/);
  });
}

/** The members of a pool and their uses, in the order of `zpool status`. */
function vdevsOf(name: string): string[] {
  const lines = (said(name, "pools") ?? "").split("\n").map((line) => line.trim().split(/\s+/)[0] ?? "");
  return (
    lines
      .slice(lines.indexOf("mkimage-test") + 1)
      .filter((word) => /^(\/dev|mirror|raidz|special|logs|cache|spares)/.test(word))
      // Its number is its place on the command line, which is not the order that they are shown in.
      .map((word) => word.replace(/^(mirror|raidz1)-\d+$/, "$1"))
  );
}

test("a pool lies on containers, which are opened before it and closed after it", (t) => {
  t.deepEqual(vdevsOf("zfs-layers"), ["mirror", "/dev/mapper/first", "/dev/mapper/second"]);
});

test("a pool lies on volumes in a container on an array, and has a volume to swap to", (t) => {
  const volumes = vdevsOf("zfs-complex").map((word) => word.replace(/^\/dev\/(vg\/|mapper\/vg-)/, ""));
  t.deepEqual(volumes, ["mirror", "zfs1", "zfs2"]);
  t.regex(said("zfs-complex", "swap.first") ?? "", /^\/dev\/zd\d+ /);
});

test("partitions of several disks make a raidz", (t) => {
  t.deepEqual(vdevsOf("zfs-raidz"), ["raidz1", "/dev/vda2", "/dev/vdb1", "/dev/vdc1"]);
});

test("a pool has a mirrored log, a cache and a spare", (t) => {
  const uses = ["logs", "mirror", "/dev/vda1", "/dev/vdb1", "cache", "/dev/vda2", "spares", "/dev/vdc1"];
  t.deepEqual(vdevsOf("zfs-spare"), ["mirror", "/dev/vda3", "/dev/vdb2", ...uses]);
});

test("a single member beside a mirror stays outside of it, and each use has all its groups", (t) => {
  t.deepEqual(vdevsOf("zfs-order"), [
    "/dev/vdc1",
    "mirror",
    "/dev/vda3",
    "/dev/vdb3",
    "special",
    "mirror",
    "/dev/vda2",
    "/dev/vdb2",
    "logs",
    "/dev/vda1",
    "/dev/vdb1",
  ]);
});
