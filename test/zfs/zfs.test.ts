import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { runCycles, type Said } from "../real/disko-cycle.ts";
import { placesIn, plannedPlaces } from "../real/disko-mounts.ts";
import { zfsKernel } from "./needs.ts";

// Trees with pools: made, mounted, kept, destroyed and made anew, with ZFS itself as the judge.

const names = ["zfs-order", "zfs-beside-ext4", "zfs-mirror", "zfs-encrypted"];
const folder = mkdtempSync(join(tmpdir(), "mkimage-zfs-"));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

let said: Said;
test.before(async () => {
  const cycles = names.map((name) => ({ name }));
  said = await runCycles(cycles, { folder, kernel: zfsKernel(), deadlineSeconds: 3600 });
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

test("a single member beside a mirror stays outside of it, and each use has all its groups", (t) => {
  const lines = (said("zfs-order", "pools") ?? "").split("\n").map((line) => line.trim().split(/\s+/)[0] ?? "");
  const vdevs = lines
    .slice(lines.indexOf("mkimage-test") + 1)
    .filter((word) => /^(\/dev|mirror|special|logs)/.test(word))
    // Its number is its place on the command line, which is not the order that they are shown in.
    .map((word) => word.replace(/^mirror-\d+$/, "mirror"));
  t.deepEqual(vdevs, [
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
