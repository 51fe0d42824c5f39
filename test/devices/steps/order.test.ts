import test from "ava";
import * as fc from "fast-check";
import { MkimageError } from "../../../src/base/errors.ts";
import type { Step } from "../../../src/steps/step.ts";
import { commandsOf, fixtureNames, fixtureSteps, stepsOf } from "../../steps/fixtures.ts";

const ext4 = (mountpoint: string) => ({ type: "filesystem", format: "ext4", mountpoint });
const disk = (content: object, device = "/dev/sda") => ({ device, content });

function titles(steps: readonly Step[]): string[] {
  return steps.map(({ title }) => title);
}

test("kinds are made alphabetically, then names; a group comes right behind its members", (t) => {
  const { create } = stepsOf({
    zpool: { z: {} },
    mdadm: { md: { content: { type: "lvm_pv", vg: "vg" } } },
    lvm_vg: { vg: { lvs: { a: { size: "1G", content: { type: "zfs", pool: "z" } } } } },
    disk: {
      b: disk({ type: "mdraid", name: "md" }, "/dev/b"),
      a: disk({ type: "mdraid", name: "md" }, "/dev/a"),
      c: disk(ext4("/"), "/dev/c"),
    },
  });
  t.deepEqual(
    commandsOf(create, "mdadm", "vgcreate", "lvcreate", "zpool", "mkfs.ext4").filter(
      (one) => !/assemble|import/.test(one),
    ),
    [
      "mkfs.ext4 /dev/c",
      "mdadm --create /dev/md/md --level=1 --raid-devices=2 --metadata=default --force --run --homehost=any /dev/a /dev/b",
      "vgcreate --yes vg /dev/md/md",
      "lvcreate --yes --name a --size 1G vg",
      "zpool create -f -R /mnt -O mountpoint=none -O canmount=off z /dev/vg/a",
    ],
  );
});

test("a cycle is an error that shows it", (t) => {
  const tree = {
    lvm_vg: {
      a: { lvs: { x: { size: "1G", content: { type: "lvm_pv", vg: "b" } } } },
      b: { lvs: { y: { size: "1G", content: { type: "lvm_pv", vg: "a" } } } },
    },
  };
  const error = t.throws<MkimageError>(() => stepsOf(tree));
  t.is(error.code, "BAD_REQUEST");
  t.true(error.message.includes("lvm_vg.a > lvm_vg.b > lvm_vg.a"));
});

test("a member of what is not there is an error", (t) => {
  const error = t.throws<MkimageError>(() => stepsOf({ disk: { a: disk({ type: "mdraid", name: "md" }) } }));
  t.is(error.code, "BAD_REQUEST");
  t.true(error.message.includes("md, which is not in mdadm"));
});

test("a disk needs an absolute path as its device", (t) => {
  for (const device of [null, "sda", "-x"]) {
    const error = t.throws<MkimageError>(() => stepsOf({ disk: { a: { device, content: ext4("/") } } }));
    t.is(error.code, "BAD_REQUEST");
  }
});

test("devices are opened in the order of creation, then mounted, outer folders first", (t) => {
  const { mount, unmount } = fixtureSteps("lvm-on-luks");
  const expected = ["cryptsetup", "vgchange", "swapon", "mount", "mount", "mount"];
  const programs = (steps: readonly Step[]) =>
    commandsOf(steps, ...expected, "umount", "swapoff").map((one) => one.split(" ")[0]);
  t.deepEqual(programs(mount), expected);
  t.deepEqual(programs(unmount), ["umount", "umount", "umount", "swapoff", "vgchange", "cryptsetup"]);
});

const mountpoint = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
const mountpoints = fc.uniqueArray(mountpoint, { minLength: 1, maxLength: 8 });

test("whatever the mount points, a folder is mounted before what is in it, and unmounted after", (t) => {
  const property = fc.property(mountpoints, (points) => {
    const { mount, unmount } = stepsOf({
      nodev: Object.fromEntries(points.map((point) => [point, { fsType: "tmpfs" }])),
    });
    const folders = commandsOf(mount).map((command) => command.split(" ").at(-1) ?? "");
    for (const [index, folder] of folders.entries())
      for (const later of folders.slice(index + 1))
        t.false(folder.startsWith(`${later}/`), `${folder} before ${later}`);
    t.deepEqual(
      commandsOf(unmount).map((command) => command.split(" ").at(-1)),
      folders.toReversed(),
    );
    t.is(folders.length, points.length);
  });
  fc.assert(property, { numRuns: 100 });
});

/** Volume groups on volume groups: each of them on some that come before it in a random order. */
const groups = fc
  .uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"), { minLength: 2 })
  .chain((names) =>
    fc.tuple(fc.constant(names), fc.array(fc.nat(), { minLength: names.length, maxLength: names.length })),
  );

test("whatever lies on what, members are made before their group", (t) => {
  const property = fc.property(groups, ([names, choices]) => {
    const above = (index: number) => (index === 0 ? undefined : names[(choices[index] ?? 0) % index]);
    // Every group but the first one offers a member to one that comes earlier in the list.
    const lvm_vg = Object.fromEntries(
      names.map((name, index) => {
        const vg = above(index);
        return [name, { lvs: vg === undefined ? {} : { v: { size: "1G", content: { type: "lvm_pv", vg } } } }];
      }),
    );
    const made = commandsOf(stepsOf({ lvm_vg }).create, "vgcreate").map((command) => command.split(" ")[2] ?? "");
    t.deepEqual(made.toSorted(), names.toSorted());
    for (const [index, name] of names.entries()) {
      const vg = above(index);
      if (vg !== undefined) t.true(made.indexOf(name) < made.indexOf(vg), `${name} before ${vg} in ${made.join()}`);
    }
  });
  fc.assert(property, { numRuns: 100 });
});

test("destroying unmounts, removes groups, and wipes each disk that may be destroyed", (t) => {
  const keep = { device: "/dev/sdb", destroy: false, content: { type: "lvm_pv", vg: "kept" } };
  const tree = {
    disk: { a: disk({ type: "lvm_pv", vg: "vg" }), b: keep },
    lvm_vg: { vg: { lvs: { r: { size: "1G", content: ext4("/") } } }, kept: {} },
  };
  t.deepEqual(commandsOf(stepsOf(tree).destroy), [
    "umount /mnt",
    "vgchange --activate n vg",
    "vgremove --force --yes vg",
    "vgchange --activate n kept",
    "wipe_disk /dev/sda",
    "partprobe /dev/sda",
    "wait_for_udev",
  ]);
});

test("all disks are wiped before anybody is told, so that no rule puts a group together again", (t) => {
  const { destroy } = fixtureSteps("raid1");
  t.deepEqual(commandsOf(destroy).slice(-5), [
    "wipe_disk /dev/vda",
    "wipe_disk /dev/vdb",
    "partprobe /dev/vda",
    "partprobe /dev/vdb",
    "wait_for_udev",
  ]);
});

test("a disk that may not be destroyed keeps its part of a group: that is closed, and neither wiped nor removed", (t) => {
  const member = (content: object) => ({ a: disk(content), b: { ...disk(content, "/dev/sdb"), destroy: false } });
  const array = { disk: member({ type: "mdraid", name: "r" }), mdadm: { r: { content: ext4("/") } } };
  const group = { disk: member({ type: "lvm_pv", vg: "vg" }), lvm_vg: { vg: {} } };
  const rest = ["wipe_disk /dev/sda", "partprobe /dev/sda", "wait_for_udev"];
  t.deepEqual(commandsOf(stepsOf(array).destroy), ["umount /mnt", "stop_array /dev/md/r", ...rest]);
  t.deepEqual(commandsOf(stepsOf(group).destroy), ["vgchange --activate n vg", ...rest]);
});

for (const name of fixtureNames) {
  test(`what ${name} mounts and opens it also unmounts and closes, in reverse`, (t) => {
    const { mount, unmount } = fixtureSteps(name);
    const mounted = commandsOf(mount, "mount", "mount_own").map((command) => command.split(" /").at(-1));
    const unmounted = commandsOf(unmount, "umount").map((command) => command.split(" /").at(-1));
    t.deepEqual(unmounted, mounted.toReversed());
    t.is(commandsOf(mount, "swapon").length, commandsOf(unmount, "swapoff").length);
    const opened = (steps: readonly Step[]) =>
      steps.filter(({ title }) => /^(open|close) /.test(title)).map(({ path }) => path);
    t.deepEqual(opened(unmount), opened(mount).toReversed());
  });
}

test("titles say what a step does, and where", (t) => {
  t.deepEqual(titles(fixtureSteps("simple-efi").mount), [
    "compare the partitions of /dev/sda with the tree's by their names",
    "read the partition table of /dev/sda",
    "swap to /dev/sda2",
    "mount /dev/sda3 on /mnt",
    "mount /dev/sda1 on /mnt/boot",
  ]);
});
