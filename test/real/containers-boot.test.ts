import { cpSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { useOfflineNix } from "../nix/nix.ts";
import { bootDemoDisks, type Greeting } from "./boot-demo.ts";
import { demoSystem } from "./mkimage.ts";
import { closureInfoOf, ordinaryUser } from "./ordinary-user.ts";
import { assertLeft, buildIn } from "./scene.ts";
import { isLong } from "../together/is-long.ts";

// Systems whose root does not lie on a bare partition start from images that an ordinary user has made without KVM.

useOfflineNix();

const MiB = 1024 ** 2;
const project = join(import.meta.dirname, "../..");
const keyFile = ["--pre-format-files", "key", "/crypto_keyfile.bin"];

interface Case {
  readonly name: string;
  readonly flags?: readonly string[];
  /** The images, the one to boot from first. */
  readonly images?: readonly string[];
  readonly says: Greeting;
}

const always: readonly Case[] = [
  {
    name: "lvm-on-luks",
    flags: keyFile,
    says: {
      root: "/dev/mapper/pool-root:ext4:",
      stack: "lvm,crypt,part,disk",
      mounts: "/=/dev/mapper/pool-root,/boot=/dev/vda1,/home=/dev/mapper/pool-home",
      swaps: "/dev/mapper/pool-swap:partition:-2",
    },
  },
];

const long: readonly Case[] = [
  {
    name: "raid1",
    images: ["one.img", "two.img"],
    says: {
      root: "/dev/md127:ext4:",
      stack: "raid1,part,disk,part,disk",
      mounts: "/=/dev/md127,/boot=/dev/vda1",
      arrays: "md127:2/2",
    },
  },
  {
    name: "btrfs-subvolumes",
    says: {
      root: "/dev/vda2:btrfs:",
      stack: "part,disk",
      mounts: "/=/dev/vda2[/rootfs],/nix=/dev/vda2[/nix],/boot=/dev/vda1,/home=/dev/vda2[/home]",
    },
  },
  {
    name: "luks",
    flags: keyFile,
    says: {
      root: "/dev/mapper/crypted:ext4:",
      stack: "crypt,part,disk",
      mounts: "/=/dev/mapper/crypted,/boot=/dev/vda1",
    },
  },
  {
    name: "lvm",
    says: {
      root: "/dev/mapper/pool-root:ext4:",
      stack: "lvm,part,disk",
      mounts: "/=/dev/mapper/pool-root,/boot=/dev/vda1,/home=/dev/mapper/pool-home",
      swaps: "/dev/mapper/pool-swap:partition:-2",
    },
  },
  {
    name: "ext4-swap",
    says: { root: "/dev/vda3:ext4:", mounts: "/=/dev/vda3,/boot=/dev/vda1", swaps: "/dev/vda2:partition:5" },
  },
];

// One after the other, since each has a guest and a machine of its own.
for (const { name, flags = [], images = ["main.img"], says } of [...always, ...(isLong ? long : [])]) {
  test.serial(`${name}: an image of an ordinary user boots`, async (t) => {
    const system = demoSystem(name);
    const user = ordinaryUser(t, "/nonexistent/socket");
    const { scene } = user;
    cpSync(join(project, `fixtures/devices/boot-${name}.json`), join(user.home, "tree.json"));
    cpSync(join(project, "fixtures/system/crypto_keyfile.bin"), join(user.home, "key"));
    const closureInfo = ["--closure-info", closureInfoOf(system, scene.folder)];
    const request = [system, "--devices", "tree.json", "--additional-space", "16M", ...closureInfo, ...flags];
    const run = await buildIn(scene, request, user);
    t.is(run.exitCode, 0, run.stderr);
    assertLeft(t, scene, ["out"]);
    const disks = images.map((image) => ({
      path: join(scene.out, image),
      format: "raw" as const,
      serial: image,
      access: "snapshot" as const,
    }));
    const greeting = await bootDemoDisks(disks, "efi");
    t.like(greeting, { variant: name, firmware: "efi", system, ...says });
    t.true(Number(greeting["available"]) >= 16 * MiB, greeting["available"]);
  });
}
