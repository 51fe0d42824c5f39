import { execFileSync } from "node:child_process";
import test from "ava";
import { nixosModule } from "../../src/steps/nixos-module.ts";
import { fixture, fixtureNames } from "./fixtures.ts";

/** What Nix makes of a module. */
function evaluated(name: string): unknown {
  const arguments_ = ["--extra-experimental-features", "nix-command", "eval", "--json", "--expr"];
  return JSON.parse(execFileSync("nix", [...arguments_, nixosModule(fixture(name))], { encoding: "utf8" }));
}

test("the module of every fixture is Nix", (t) => {
  for (const name of fixtureNames) t.truthy(evaluated(name), name);
});

test("filesystems are named as the installed system names them", (t) => {
  const byLabel = (name: string) => `/dev/disk/by-partlabel/disk-main-${name}`;
  t.deepEqual(evaluated("simple-efi"), {
    fileSystems: {
      "/": { device: byLabel("root"), fsType: "ext4", options: ["defaults"] },
      "/boot": { device: byLabel("ESP"), fsType: "vfat", options: ["umask=0077"] },
    },
    swapDevices: [{ device: byLabel("swap"), discardPolicy: "both", priority: 5, options: ["defaults"] }],
  });
});

test("containers are opened in the initrd, with their settings", (t) => {
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

test("arrays are known by name, and GRUB goes to each disk with a partition for it", (t) => {
  t.like(evaluated("raid1"), {
    boot: {
      loader: { grub: { devices: ["/dev/vda", "/dev/vdb"] } },
      swraid: { enable: true, mdadmConf: "ARRAY /dev/md/boot name=any:boot\nARRAY /dev/md/data name=any:data\n" },
    },
  });
});

test("what else a tree needs at boot", (t) => {
  t.like(evaluated("long-device-name"), {
    boot: { resumeDevice: "/dev/disk/by-partlabel/disk-main-plainSwap" },
    swapDevices: [{ randomEncryption: { enable: true } }, { options: ["nofail"] }],
  });
  t.like(evaluated("lvm-thin"), { services: { lvm: { boot: { thin: { enable: true } } } } });
  t.like(evaluated("lvm-raid"), { boot: { initrd: { kernelModules: ["dm-raid", "dm-mirror"] } } });
});
