import { readFileSync, statSync } from "node:fs";
import test from "ava";
import { bytesExtent } from "../../src/image/extent.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import { GiB, KiB, MiB } from "../../src/base/units.ts";
import { emptyDirectory, insert, makeDirectory } from "../../src/manifest/tree.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { install } from "../../src/pipeline/install.ts";
import { folderOwnership } from "../../src/pipeline/plan/manifests.ts";
import { nixosInstallTraces } from "../../src/pipeline/plan/nixos-install-traces.ts";
import { draftOf, nixosInstall, systemdBoot } from "./drafts.ts";
import { fakeHost, type Guest } from "./fake-host.ts";

const ownership = folderOwnership(1);

/** A root with files by their paths. */
function rootWith(files: Readonly<Record<string, string>>): DirectoryInode {
  const root = emptyDirectory(ownership);
  for (const [path, text] of Object.entries(files)) {
    makeDirectory(root, path.slice(0, path.lastIndexOf("/")), ownership);
    const content = [bytesExtent(0, Buffer.from(text))];
    insert(root, path, { type: "file", ...ownership, mode: 0o644, size: Buffer.byteLength(text), content });
  }
  return root;
}

const files = rootWith({ "nix/store/x/bin/program": "of the closure", "srv/page": "of the contents" });
const before = rootWith({ "srv/page": "of the contents" });
const source = { installer: systemdBoot("/boot"), ownInstaller: { ...nixosInstall, before }, files };
const request = { installer: "nixos-install", partition: "efi" };

/** A guest that finds so much free on the root, and enough elsewhere. */
function finding(...free: readonly number[]): Guest {
  return (_, __, number) => ({ "files/free.0": `${free[number - 1] ?? free.at(-1)}`, "files/free.1": `${GiB}` });
}

test("the disks are published as nixos-install leaves them, with what is free on them", async (t) => {
  const host = fakeHost(t, { guest: finding(513 * MiB) });
  const { plan, scratchDisks, installation } = await install(draftOf(request, source), host.folder, host.context);
  t.is(host.ran.length, 1);
  t.is(scratchDisks?.reason, "nixos-install has installed the system on it");
  t.is(installation.trees.size, 0, "nothing is left for the host to lay out");
  const root = plan.filesystems.find(({ filesystem }) => filesystem.mountpoint === "/");
  t.like(root?.plan, { madeBy: "guest", kind: "ext4", freeBytes: 513 * MiB });
});

test("on the disk there are the contents, and the closure is on the medium alone, where Nix may write", async (t) => {
  const seen: Record<string, Buffer> = {};
  const guest: Guest = ({ disks }) => {
    for (const { serial, path, access } of disks) if (access === "scratch") seen[serial] = readFileSync(path);
    return finding(GiB)(undefined as never, undefined as never, 1);
  };
  const host = fakeHost(t, { guest });
  await install(draftOf({ ...request, additionalSpace: "1M", bootSize: "48M" }, source), host.folder, host.context);
  const has = (serial: string, text: string) => seen[serial]?.includes(text) === true;
  t.deepEqual([has("main", "of the contents"), has("main", "of the closure")], [true, false]);
  t.deepEqual([has("mkimage-medium", "of the contents"), has("mkimage-medium", "of the closure")], [false, true]);
});

test("the disk has inodes for all that comes", async (t) => {
  const many = rootWith(Object.fromEntries(Array.from({ length: 9000 }, (_, index) => [`nix/store/x/${index}`, ""])));
  let inodes = 0;
  const guest: Guest = ({ disks }) => {
    const disk = readFileSync(disks.find(({ serial }) => serial === "main")?.path ?? "");
    // s_inodes_count of the superblock, on a disk without a table.
    inodes = disk.readUInt32LE(1024);
    return finding(GiB)(undefined as never, undefined as never, 1);
  };
  const host = fakeHost(t, { guest });
  const none = { ...request, partition: "none", additionalSpace: "1M", installBootLoader: false };
  await install(draftOf(none, { ...source, files: many }), host.folder, host.context);
  t.true(inodes > 9900, `${inodes}`);
});

test("less free space than was promised is made up for, on the same medium; a given size stays", async (t) => {
  const sizes: number[] = [];
  const guest: Guest = (machine, job, number) => {
    sizes.push(statSync(machine.disks.find(({ serial }) => serial === "main")?.path ?? "").size);
    return finding(500 * MiB, 520 * MiB)(machine, job, number);
  };
  const host = fakeHost(t, { guest });
  await install(draftOf(request, source), host.folder, host.context);
  t.is(sizes.length, 2);
  t.true((sizes[1] ?? 0) >= (sizes[0] ?? 0) + 12 * MiB, sizes.join(", "));
  t.is(host.titles.filter((title) => title === "Writing the store for the guest").length, 1);
  t.regex(host.notes.join("\n"), /made again, larger/);
  const given = fakeHost(t, { guest: finding(MiB) });
  await install(draftOf({ ...request, size: "2G" }, source), given.folder, given.context);
  t.is(given.ran.length, 1);
});

test("what is there before it is written once, however often the disks are made", async (t) => {
  const host = fakeHost(t, { guest: finding(500 * MiB, 520 * MiB) });
  await install(draftOf({ ...request, fsType: "xfs" }, source), host.folder, host.context);
  t.is(host.ran.length, 2);
  t.is(host.titles.filter((title) => title === "Writing the files for the guest").length, 1);
});

test("a script makes empty disks, and nixos-install runs in the same guest", async (t) => {
  const found = "ext4\n00000000-0000-0000-0000-000000000001\nlabel\n1048576\n";
  const host = fakeHost(t, { guest: () => ({ "files/filesystem.0": found, "files/free.0": "4096" }) });
  const script = { path: "/disko", text: "mkfs.ext4 /dev/vda" };
  const content = { type: "filesystem", format: "ext4", mountpoint: "/" };
  const tree = readDeviceTree({ disk: { main: { device: "/dev/vda", content } } });
  const wishes = { installer: "nixos-install", diskoScript: "/disko", installBootLoader: false };
  const { plan } = await install(draftOf(wishes, { ...source, tree, script }), host.folder, host.context);
  t.is(host.ran.length, 1, "a script of somebody else's is not run again");
  const titles = host.ran[0]?.job.steps.map(({ title }) => title) ?? [];
  t.true(titles.indexOf("make the disks by a script") < titles.indexOf("run nixos-install"), titles.join(", "));
  t.like(plan.filesystems[0]?.plan, { kind: "ext4", freeBytes: 4096 });
});

test("the room that Nix takes for itself is foreseen: what it reserves, a database that has grown, GRUB's modules", (t) => {
  const database = "x".repeat(100 * KiB);
  const sizeFor = (root: DirectoryInode) => nixosInstallTraces(root, 1).get("/nix/var/nix/db/reserved")?.size ?? 0;
  t.true(sizeFor(emptyDirectory(ownership)) >= 8 * MiB);
  const named = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`nix/store/x/${index}`, ""]));
  t.true(sizeFor(rootWith(named)) >= sizeFor(emptyDirectory(ownership)) + 1000 * 29, "folders that grow");
  const grub = nixosInstallTraces(rootWith({ "nix/store/x-grub/lib/grub/i386-pc/a.mod": "x".repeat(5000) }), 1);
  t.is(grub.get("/boot/grub/modules")?.size, MiB + 8 * KiB, "two blocks, and what comes beside the modules");
  t.is(sizeFor(rootWith({ "nix/var/nix/db/db.sqlite": database })) - sizeFor(emptyDirectory(ownership)), 100 * KiB);
});
