import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { GuestInstallRequest } from "../../src/guest/install-job.ts";
import type { Disk } from "../../src/guest/qemu.ts";

/** An image made with other people's tools, and what a guest has to know to install a bootloader in it. */
export interface TestImage {
  readonly path: string;
  readonly disk: Disk;
  readonly request: GuestInstallRequest;
}

const MiB = 1024 * 1024;
const sizes = { esp: 96 * MiB, root: 280 * MiB };
const rootUuid = "f222513b-ded1-49fa-b591-20ce86a2fe7f";
const guids = {
  disk: "97FD5997-D90B-4AA3-8D16-C1723AEA73C1",
  bios: "11111111-2222-4333-8444-000000000001",
  esp: "11111111-2222-4333-8444-000000000002",
  root: "f222513b-ded1-49fa-b591-20ce86a2fe7c",
};
const partitionTable = [
  ["-a", "2048", "-U", guids.disk],
  ["-n", "1:1M:+1M", "-t", "1:ef02", "-u", `1:${guids.bios}`],
  ["-n", "2:2M:+96M", "-t", "2:ef00", "-u", `2:${guids.esp}`, "-c", "2:ESP"],
  ["-n", "3:98M:+280M", "-t", "3:8300", "-u", `3:${guids.root}`, "-c", "3:root of the system"],
].flat();
/** Where the ext4 filesystem begins in the image, in bytes. */
export const rootOffset = 98 * MiB;

const environment = { PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, NIX_CONFIG: "substitute = false" };

/** The demo system's name for its disk; in the guest it is a virtio disk. */
const bootDevice = "/dev/disk/by-id/ata-DEMO_DISK_0001";

/**
 * A GPT disk with a bios_grub partition, a FAT partition at /boot and the closure of a system on ext4.
 */
export async function makeTestImage(folder: string, toplevel: string): Promise<TestImage> {
  const path = join(folder, "disk.raw");
  const tree = join(folder, "tree");
  await stage(tree, toplevel);
  const starts = { esp: 2 * MiB, root: rootOffset };
  await tool("truncate", ["-s", String(starts.root + sizes.root + MiB), path]);
  await tool("sgdisk", [...partitionTable, path]);
  await tool("mkfs.vfat", [
    "-F",
    "32",
    "-s",
    "1",
    "-n",
    "ESP",
    "-i",
    "ABCD1234",
    `--offset=${starts.esp / 512}`,
    path,
    String(sizes.esp / 1024),
  ]);
  const features = ["-q", "-F", "-t", "ext4", "-b", "4096", "-L", "nixos", "-U", rootUuid, "-d", tree];
  await tool("mke2fs", [...features, "-E", `offset=${starts.root}`, path, `${sizes.root / 1024}k`]);
  const disk = { path, format: "raw", serial: "target", access: "scratch" } as const;
  return { path, disk, request: requestFor(toplevel) };
}

/** The least that a NixOS root holds. */
async function stage(tree: string, toplevel: string): Promise<void> {
  for (const name of [
    "nix/store",
    "nix/var/nix/profiles",
    "etc",
    "root",
    "boot",
    "proc",
    "sys",
    "dev",
    "run",
    "tmp",
    "var",
  ]) {
    mkdirSync(join(tree, name), { recursive: true });
  }
  const { stdout } = await tool("nix-store", ["--query", "--requisites", toplevel]);
  await tool("cp", ["-a", ...stdout.split("\n"), join(tree, "nix/store")]);
  symlinkSync(toplevel, join(tree, "nix/var/nix/profiles/system-1-link"));
  symlinkSync("system-1-link", join(tree, "nix/var/nix/profiles/system"));
  writeFileSync(join(tree, "etc/NIXOS"), "");
  mkdirSync(join(tree, "srv"));
  writeFileSync(join(tree, "srv/an owned file"), "contents\n");
}

function requestFor(toplevel: string): GuestInstallRequest {
  const gpt = { disk: "target", scheme: "gpt" } as const;
  return {
    toplevel,
    mounts: [
      {
        disk: "target",
        partition: 2,
        mountPoint: "/boot",
        filesystem: { type: "vfat", uuid: "ABCD-1234", label: "ESP" },
      },
      { disk: "target", partition: 3, mountPoint: "/", filesystem: { type: "ext4", uuid: rootUuid, label: "nixos" } },
    ],
    partitions: [
      { ...gpt, number: 1, type: "21686148-6449-6e6f-744e-656564454649", uuid: guids.bios },
      { ...gpt, number: 2, type: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", uuid: guids.esp, name: "ESP" },
      { ...gpt, number: 3, type: "0fc63daf-8483-4772-8e79-3d69d8477de4", uuid: guids.root, name: "root of the system" },
    ],
    bootDevices: [{ name: bootDevice, disk: "target" }],
    installBootloader: true,
    touchEfiVariables: false,
    owners: [{ path: "/srv/an owned file", user: "alice", group: "users" }],
    capture: { trees: ["/boot"], files: ["/var/lib/nixos/uid-map", "/var/lib/nixos/gid-map"] },
  };
}

function tool(name: string, arguments_: readonly string[]) {
  return execa(name, arguments_, { env: environment });
}
