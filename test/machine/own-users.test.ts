import test from "ava";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import type { DeviceSignature, DeviceUser } from "../../src/machine/device.ts";
import { ownUsers, withoutUsers } from "../../src/machine/own-users.ts";
import { freeDisk } from "./free-disk.ts";

// Who uses a disk that is to be destroyed, and whether that is the tree itself.

const long = "an-array-whose-name-has-more-than-32-bytes";
const tree = readDeviceTree({
  disk: {
    b: { device: "/dev/sdb", content: { type: "luks", name: "secret", content: { type: "lvm_pv", vg: "pool" } } },
    c: { device: "/dev/sdc", content: { type: "mdraid", name: "data" } },
  },
  mdadm: { data: {}, [long]: {} },
  lvm_vg: { pool: { lvs: { "a-volume": { size: "1G" } } } },
  zpool: { tank: {} },
});

const member = (label: string): DeviceSignature => ({ device: "sdb", type: "linux_raid_member", label });

/** A user of /dev/sdb, what is on that, and whether the tree lets it go. */
const cases: readonly (readonly [DeviceUser, readonly DeviceSignature[], boolean])[] = [
  [{ kind: "mount", device: "sdb1", mountPoint: "/mnt" }, [], true],
  [{ kind: "mount", device: "sdb1", mountPoint: "/mnt/boot" }, [], true],
  [{ kind: "mount", device: "sdb1", mountPoint: "/mnt-other" }, [], false],
  [{ kind: "crypt", device: "sdb", name: "secret" }, [], true],
  [{ kind: "crypt", device: "sdb", name: "other" }, [], false],
  [{ kind: "lvm", device: "dm-0", name: "pool-a--volume" }, [], true],
  [{ kind: "lvm", device: "dm-0", name: "other-a--volume" }, [], false],
  [{ kind: "group", device: "sdb", group: "pool" }, [], true],
  [{ kind: "group", device: "sdb", group: "other" }, [], false],
  [{ kind: "zfs", device: "sdb1", pool: "tank" }, [], true],
  [{ kind: "zfs", device: "sdb1", pool: "other" }, [], false],
  // Rules of udev have put together what they found, under a number of the kernel's.
  [{ kind: "md", device: "sdb", name: "md127" }, [member("any:data")], true],
  [{ kind: "md", device: "sdb", name: "md127" }, [member("data")], true],
  [{ kind: "md", device: "sdb", name: "md127" }, [member(`host:${long.slice(0, 32)}`)], true],
  [{ kind: "md", device: "sdb", name: "md127" }, [member("any:other")], false],
  [{ kind: "md", device: "sdb", name: "md127" }, [member("data:other")], false],
  [{ kind: "md", device: "sdb", name: "md127" }, [{ ...member("any:data"), device: "sdb2" }], false],
  [{ kind: "md", device: "sdb", name: "md127" }, [], false],
  [{ kind: "loop", device: "sdb", name: "loop0" }, [], false],
];

for (const [user, signatures, isOwn] of cases) {
  const what = signatures.map(({ device, label }) => `, ${device} is a member of ${label}`).join("");
  test(`${JSON.stringify(user)}${what}: ${isOwn ? "the tree" : "somebody else"}`, (t) => {
    const device = { ...freeDisk, users: [user], signatures };
    const { users } = withoutUsers(device, ownUsers(tree, [{ name: "b", device }], "/mnt"));
    t.deepEqual(users, isOwn ? [] : [user]);
  });
}
