import test from "ava";
import { refusals } from "../../src/machine/rules.ts";
import { MiB } from "../../src/base/units.ts";
import { freeDisk } from "./free-disk.ts";

function messages(...parameters: Parameters<typeof refusals>): string[] {
  return refusals(...parameters).map(({ message }) => message);
}

test("a disk that nobody uses is not refused", (t) => {
  t.deepEqual(refusals(freeDisk, { imageSize: freeDisk.size, imageSectorSize: 512 }), []);
});

test("an image of the device's very size fits, one byte more does not", (t) => {
  t.deepEqual(messages(freeDisk, { imageSize: freeDisk.size }), []);
  t.deepEqual(messages(freeDisk, { imageSize: freeDisk.size + 1 }), [
    "/dev/sdb is too small: it has 67108864 bytes (64 MiB), the image needs 67108865 bytes (64 MiB)",
  ]);
});

test("a card reader without a card has no medium", (t) => {
  t.deepEqual(messages({ ...freeDisk, size: 0 }, { imageSize: MiB }), ["/dev/sdb has no medium (0 bytes)"]);
});

test("every user is named with what releases it", (t) => {
  const users = [
    [{ kind: "mount", device: "sdb1", mountPoint: "/mnt" }, "umount /mnt"],
    [{ kind: "mount", device: "sdb1", mountPoint: "/a place" }, "umount '/a place'"],
    [{ kind: "swap", device: "sdb2" }, "swapoff /dev/sdb2"],
    [{ kind: "lvm", device: "sdb3", name: "vg-root" }, "vgchange -an vg"],
    [{ kind: "lvm", device: "sdb3", name: "a--group-the--root_rimage_0" }, "vgchange -an a-group"],
    [{ kind: "crypt", device: "sdb4", name: "secret" }, "cryptsetup close secret"],
    [{ kind: "md", device: "sdb5", name: "md0" }, "mdadm --stop /dev/md0"],
    [{ kind: "multipath", device: "sdb", name: "mpatha" }, "multipath -f mpatha"],
    [{ kind: "zfs", device: "sdb6", pool: "tank" }, "zpool export tank"],
    [{ kind: "group", device: "sdb6", group: "vg" }, "vgchange -an vg"],
    [{ kind: "loop", device: "sdb7", name: "loop3" }, "losetup -d /dev/loop3"],
    [{ kind: "bcache", device: "sdb8", name: "bcache0" }, "bcache0"],
  ] as const;
  const faults = refusals({ ...freeDisk, users: users.map(([user]) => user) }, {});
  t.is(faults.length, users.length);
  for (const [index, [user, action]] of users.entries()) {
    t.true(faults[index]?.message.startsWith(`/dev/${user.device} is in use: `));
    t.true(faults[index]?.hint.includes(action));
  }
});

test("all reasons come at once", (t) => {
  const device = {
    ...freeDisk,
    readOnly: true,
    partitionOf: "sdb",
    holds: [{ what: "the running system", path: "/" }],
    users: [{ kind: "swap", device: "sdb" }],
  } as const;
  t.is(refusals(device, { imageSize: 65 * MiB, imageSectorSize: 4096 }).length, 6);
});
