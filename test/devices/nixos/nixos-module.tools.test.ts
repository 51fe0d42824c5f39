import { execFileSync } from "node:child_process";
import test from "ava";
import { nixosModule } from "../../../src/devices/nixos/nixos-module.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { fixture, fixtureNames } from "../../steps/fixtures.ts";
import { withEachNix } from "../../nix/nixes.ts";

const testWithEachNix = withEachNix(test);

/** The module of a fixture, evaluated by Nix. */
function evaluated(name: string): unknown {
  return evaluatedModule(nixosModule(fixture(name)));
}

function evaluatedModule(module: string): unknown {
  const arguments_ = ["--extra-experimental-features", "nix-command", "eval", "--json", "--expr"];
  return JSON.parse(
    execFileSync("nix", [...arguments_, module], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
  );
}

/** The module of a tree that begins with one disk, evaluated by Nix. */
function evaluatedOn(content: object, rest: object = {}): unknown {
  return evaluatedModule(nixosModule(readDeviceTree({ disk: { d: { device: "/dev/sdd", content } }, ...rest })));
}

testWithEachNix("the module of every fixture is Nix", (t) => {
  for (const name of fixtureNames) t.truthy(evaluated(name), name);
});

testWithEachNix("filesystems are named as the installed system names them", (t) => {
  const byLabel = (name: string) => `/dev/disk/by-partlabel/disk-main-${name}`;
  t.deepEqual(evaluated("simple-efi"), {
    fileSystems: {
      "/": { device: byLabel("root"), fsType: "ext4", options: ["defaults"] },
      "/boot": { device: byLabel("ESP"), fsType: "vfat", options: ["umask=0077"] },
    },
    swapDevices: [{ device: byLabel("swap"), discardPolicy: "both", priority: 5, options: ["defaults"] }],
  });
});

testWithEachNix("containers are opened in the initrd, with their settings", (t) => {
  t.like(evaluated("luks"), {
    boot: {
      initrd: {
        luks: {
          devices: {
            crypted: {
              allowDiscards: true,
              device: "/dev/disk/by-partlabel/disk-main-luks",
              keyFile: "/tmp/secret.key",
            },
          },
        },
      },
    },
  });
});

testWithEachNix("arrays are known by name, and GRUB goes to each disk with a partition for it", (t) => {
  t.like(evaluated("raid1"), {
    boot: {
      loader: { grub: { devices: ["/dev/vda", "/dev/vdb"] } },
      swraid: { enable: true, mdadmConf: "ARRAY /dev/md/boot name=any:boot\nARRAY /dev/md/data name=any:data\n" },
    },
  });
});

testWithEachNix("what else a tree needs at boot", (t) => {
  t.like(evaluated("long-device-name"), {
    boot: { resumeDevice: "/dev/disk/by-partlabel/disk-main-plainSwap" },
    swapDevices: [{ randomEncryption: { enable: true } }, { options: ["nofail"] }],
  });
  t.like(evaluated("lvm-thin"), { services: { lvm: { boot: { thin: { enable: true } } } } });
});

testWithEachNix("the initrd has the modules of every kind of volume that it may have to open", (t) => {
  const modules = (lvm_type: string) => {
    const lvs = { v: { size: "1G", lvm_type, ...(lvm_type === "thinlv" ? { pool: "p" } : {}) } };
    const { boot } = evaluatedOn({ type: "lvm_pv", vg: "vg" }, { lvm_vg: { vg: { lvs } } }) as Booted;
    return boot.initrd.kernelModules;
  };
  t.deepEqual(modules("raid0"), ["dm-raid", "raid0"]);
  t.deepEqual(modules("raid1"), ["dm-raid", "raid1"]);
  for (const level of ["raid4", "raid5", "raid6"]) t.deepEqual(modules(level), ["dm-raid", "raid456"], level);
  t.deepEqual(modules("mirror"), ["dm-mirror", "dm-raid", "raid1"]);
  for (const thin of ["thin-pool", "thinlv"]) t.deepEqual(modules(thin), ["dm-snapshot", "dm-thin-pool"], thin);
});

interface Booted {
  readonly boot: { readonly initrd: { readonly kernelModules: readonly string[] } };
}

testWithEachNix("swap that is encrypted anew passes on the discards that its policy asks for, and no others", (t) => {
  const swap = (node: object) =>
    (evaluatedOn({ type: "swap", randomEncryption: true, ...node }) as { swapDevices: object[] }).swapDevices[0];
  t.like(swap({ discardPolicy: "once" }), { randomEncryption: { enable: true, allowDiscards: true } });
  t.like(swap({}), { randomEncryption: { enable: true, allowDiscards: false } });
});

testWithEachNix("a filesystem of the kernel's own is its own device, unless the tree names another", (t) => {
  const nodev = {
    "/": { fsType: "tmpfs" },
    "/named": { fsType: "tmpfs", device: "scratch" },
    "/over": { fsType: "overlay" },
    "/p": { fsType: "proc" },
    "/s": { fsType: "sysfs" },
  };
  const { fileSystems } = evaluatedOn({ type: "swap" }, { nodev }) as {
    fileSystems: Record<string, { device: string }>;
  };
  t.deepEqual(Object.fromEntries(Object.entries(fileSystems).map(([place, { device }]) => [place, device])), {
    "/": "tmpfs",
    "/named": "scratch",
    "/over": "none",
    "/p": "proc",
    "/s": "sysfs",
  });
});

testWithEachNix("the initrd mounts bcachefs, and makes the folders that it is mounted on", (t) => {
  const device = "/dev/disk/by-uuid/97fd5997-d90b-4aa3-8d16-c1723aea73c0";
  const node = {
    uuid: "97fd5997-d90b-4aa3-8d16-c1723aea73c0",
    mountpoint: "/",
    subvolumes: { "/s/home": { mountpoint: "/home", mountOptions: ["noatime", "X-mount.mkdir"] }, other: {} },
  };
  const tree = evaluatedOn({ type: "bcachefs", filesystem: "b" }, { bcachefs_filesystems: { b: node } });
  const common = { device, fsType: "bcachefs", neededForBoot: true };
  t.deepEqual(tree, {
    fileSystems: {
      "/": { ...common, options: ["defaults", "X-mount.mkdir"] },
      "/home": { ...common, options: ["noatime", "X-mount.mkdir", "X-mount.subdir=s/home"] },
    },
  });
});

testWithEachNix("a dataset that is never mounted is in no fstab", (t) => {
  const datasets = {
    var: { type: "zfs_fs", mountpoint: "/var", options: { canmount: "off" } },
    "var/log": { type: "zfs_fs", mountpoint: "/var/log", options: { canmount: "noauto" } },
  };
  const pool = { mountpoint: "/tank", rootFsOptions: { canmount: "off" }, datasets };
  const { fileSystems } = evaluatedOn({ type: "zfs", pool: "tank" }, { zpool: { tank: pool } }) as {
    fileSystems: object;
  };
  t.deepEqual(Object.keys(fileSystems), ["/var/log"]);
});
