import test from "ava";
import { mountpointsOf } from "../../../../src/devices/tree/mountpoints.ts";
import { readDeviceTree } from "../../../../src/devices/tree/read.ts";
import { renderScript } from "../../../../src/devices/steps/script.ts";
import { commandsOf, fixtureSteps, stepsOf } from "../../../steps/fixtures.ts";

// Pools and their datasets; `make test-zfs` shows what ZFS makes of these command lines.

/** A tree with one pool on whole disks, `x` to `z`. */
function treeOf(pool: object): object {
  const disk = (device: string) => ({ device, content: { type: "zfs", pool: "p" } });
  return { disk: { x: disk("/dev/x"), y: disk("/dev/y"), z: disk("/dev/z") }, zpool: { p: pool } };
}

function created(pool: object, ...programs: readonly string[]): string[] {
  const found = commandsOf(stepsOf(treeOf(pool)).create, "zpool", "zfs", "set_properties");
  return found.filter((one) => programs.some((program) => one.startsWith(program)));
}

/** How `zpool create` is told what the members are for. */
function topology(mode: object | string): string | undefined {
  return created({ mode }, "zpool create")[0]?.replace(
    "zpool create -f -R /mnt -O mountpoint=none -O canmount=off p ",
    "",
  );
}

test("keys of the right dataset, legacy mount points, volumes", (t) => {
  const { mount, unmount } = fixtureSteps("zfs");
  t.deepEqual(commandsOf(mount, "with_own", "zfs", "mount"), [
    "with_own import_pool zroot /mnt",
    "zfs load-key zroot",
    "zfs load-key zroot/encrypted",
    "zfs load-key zroot/encrypted/test",
    "zfs load-key zroot/legacy",
    "zfs load-key zroot/root",
    "zfs load-key zroot/volume",
    "mount -t zfs -o defaults,zfsutil,X-mount.mkdir zroot/root /mnt",
    "mount -t vfat -o defaults,X-mount.mkdir /dev/sdx1 /mnt/boot",
    "mount -t ext4 -o defaults,X-mount.mkdir /dev/zvol/zroot/volume /mnt/ext4onzfs",
    "mount -t zfs -o defaults,X-mount.mkdir zroot/legacy /mnt/legacy",
    "mount -t zfs -o defaults,zfsutil,X-mount.mkdir zroot/encrypted/test /mnt/zfs_crypted",
  ]);
  t.is(commandsOf(unmount).at(-1), "close_pool export zroot");
});

test("a topology names each member's use", (t) => {
  const create = commandsOf(fixtureSteps("zfs-topology").create, "zpool").find((one) => one.includes("create"));
  t.is(
    create,
    "zpool create -f -R /mnt -O mountpoint=none -O canmount=off tank mirror /dev/sda1 /dev/sdb1 spare /dev/sds log /dev/sdl special mirror /dev/sdm /dev/sdn cache /dev/sdc",
  );
});

test("keys are loaded one by one, since an import that mounts nothing loads none", (t) => {
  const { create, mount } = stepsOf(
    treeOf({ datasets: { secret: { type: "zfs_fs" }, "secret/in": { type: "zfs_fs" } } }),
  );
  const script = renderScript(mount);
  t.true(script.includes("zpool import -f -N -R"), "with -N it takes no -l");
  t.notRegex(script, /zpool import [^\n]*-l/);
  const making = commandsOf(create, "zfs").filter((one) => /load-key|create/.test(one));
  t.deepEqual(making, [
    "zfs load-key p",
    "zfs create -u p/secret",
    "zfs load-key p/secret",
    "zfs create -u p/secret/in",
    "zfs load-key p/secret/in",
  ]);
});

test("a pool is claimed by every member, also by those that a topology names by their paths, and does without caches and spares", (t) => {
  const tree = treeOf({
    mode: {
      topology: {
        vdev: [{ members: ["z"] }],
        log: [{ members: ["/dev/l"] }],
        cache: ["/dev/c", "/dev/x"],
        spare: ["y"],
      },
    },
  });
  const [look] = stepsOf(tree).create;
  const claim = look?.kind === "look" ? look.claims.find(({ thing }) => thing === "pool p") : undefined;
  t.deepEqual(
    claim?.devices.map(({ device }) => device),
    ["/dev/z", "/dev/l"],
  );
  t.deepEqual(claim?.auxiliary, {
    devices: [
      { path: "disk.y.content", device: "/dev/y" },
      { path: "zpool.p", device: "/dev/c" },
      { path: "disk.x.content", device: "/dev/x" },
    ],
    argv: ["is_spare_or_cache"],
  });
  t.like(claim, { own: { owner: { argv: ["pool_of"], name: "p" } }, incomplete: { kind: "used" } });
});

test("members without a mode come first, since they would join the group before them; each use is said once", (t) => {
  const mirror = { mode: "mirror", members: ["x", "y"] };
  const single = { members: ["z"] };
  t.is(topology({ topology: { vdev: [mirror, single] } }), "/dev/z mirror /dev/x /dev/y");
  t.is(topology({ topology: { vdev: [single, mirror] } }), "/dev/z mirror /dev/x /dev/y");
  const groups = [
    { mode: "mirror", members: ["/dev/a", "/dev/b"] },
    { members: ["/dev/c"] },
    { mode: "mirror", members: ["/dev/d", "/dev/e"] },
  ];
  const words = "/dev/c mirror /dev/a /dev/b mirror /dev/d /dev/e";
  for (const use of ["log", "special", "dedup"])
    t.is(topology({ topology: { vdev: [single], [use]: groups } }), `/dev/z ${use} ${words}`, use);
});

test("a pool is made without being mounted, whatever it is to be mounted by later", (t) => {
  const made = (pool: object) => created(pool, "zpool create", "zfs set", "zfs inherit");
  const create = "zpool create -f -R /mnt -O mountpoint=none -O canmount=off p /dev/x /dev/y /dev/z";
  t.deepEqual(made({ mountpoint: "/storage" }), [create, "zfs set mountpoint=/storage p", "zfs set canmount=on p"]);
  t.deepEqual(made({ rootFsOptions: { mountpoint: "none", canmount: "noauto" } }), [
    create,
    "zfs set mountpoint=none p",
    "zfs set canmount=noauto p",
  ]);
  t.deepEqual(made({ mountpoint: "/", rootFsOptions: { canmount: "off" } }), [create, "zfs set mountpoint=/ p"]);
});

test("a pool has no mount point but its own, so that datasets inherit ZFS's default", (t) => {
  const made = created({ datasets: { docker: { type: "zfs_fs" } } }, "zfs set mountpoint", "zfs inherit", "zfs create");
  t.deepEqual(made, ["zfs inherit mountpoint p", "zfs create -u p/docker"]);
});

test("every dataset above another is made before it, by its name and not by its key, and none is mounted", (t) => {
  const datasets = {
    a: { type: "zfs_fs", name: "top/leaf" },
    b: { type: "zfs_fs", name: "top", options: { compression: "lz4" } },
    "v/w/x": { type: "zfs_volume", size: "1G" },
  };
  t.deepEqual(created({ datasets }, "zfs create"), [
    "zfs create -u -o compression=lz4 p/top",
    "zfs create -u p/top/leaf",
    "zfs create -u p/v",
    "zfs create -u p/v/w",
    "zfs create -V 1G p/v/w/x",
  ]);
});

test("datasets with canmount=off are mounted nowhere, nor is anything planned for them", (t) => {
  const tree = treeOf({
    mountpoint: "/pool",
    rootFsOptions: { canmount: "off" },
    datasets: {
      root: { type: "zfs_fs", mountpoint: "/" },
      var: { type: "zfs_fs", mountpoint: "/var", options: { canmount: "off" } },
      "var/log": { type: "zfs_fs", mountpoint: "/var/log", options: { canmount: "noauto" } },
    },
  });
  t.deepEqual(
    commandsOf(stepsOf(tree).mount, "mount").map((command) => command.split(" ").at(-1)),
    ["/mnt", "/mnt/var/log"],
  );
  t.deepEqual(mountpointsOf(readDeviceTree(tree)), ["/", "/var/log"]);
});

test("datasets that are there get the properties of the tree, but for those that ZFS fixes when it makes them", (t) => {
  const options = {
    atime: "off",
    casesensitivity: "mixed",
    encryption: "on",
    keyformat: "passphrase",
    keylocation: "file:///k",
    normalization: "formD",
    pbkdf2iters: "400000",
    utf8only: "on",
  };
  const datasets = {
    d: { type: "zfs_fs", mountpoint: "/d", options },
    plain: { type: "zfs_fs" },
    v: { type: "zfs_volume", size: "1G", options: { volblocksize: "16k", compression: "on" } },
  };
  t.deepEqual(created({ mountpoint: "/p", rootFsOptions: { "com.sun:x": "y" }, datasets }, "set_properties"), [
    "set_properties p mountpoint=/p com.sun:x=y",
    "set_properties p/d mountpoint=/d atime=off",
    "set_properties p/v compression=on",
  ]);
});
