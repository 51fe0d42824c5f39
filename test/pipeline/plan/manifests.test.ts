import test from "ava";
import { emptyInstallation, type Installation } from "../../../src/bootloaders/installation.ts";
import type { DeviceTree } from "../../../src/devices/device-tree.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import { bytesExtent } from "../../../src/image/extent.ts";
import type { DirectoryInode, FileInode } from "../../../src/manifest/inode.ts";
import { emptyDirectory, insert, lookUp, makeDirectory } from "../../../src/manifest/tree.ts";
import { mountTable } from "../../../src/devices/tree/mount-table.ts";
import { manifestsOf } from "../../../src/pipeline/plan/manifests.ts";
import { describeTree } from "../../manifest/describe-tree.ts";

const ownership = { mode: 0o755, uid: 0, gid: 0, mtime: { seconds: 7, nanoseconds: 0 } };

function file(text: string): FileInode {
  const bytes = Buffer.from(text);
  return { type: "file", ...ownership, mode: 0o644, size: bytes.length, content: [bytesExtent(0, bytes)] };
}

function treeOf(files: Readonly<Record<string, FileInode>>): DirectoryInode {
  const root = emptyDirectory(ownership);
  for (const [path, inode] of Object.entries(files)) {
    makeDirectory(root, path.slice(0, path.lastIndexOf("/") + 1), ownership);
    insert(root, path, inode);
  }
  return root;
}

function paths(root: DirectoryInode | undefined): string[] {
  return root === undefined ? [] : Object.keys(describeTree(root)).toSorted();
}

const shared = file("one file, two names");

function system(): DirectoryInode {
  return treeOf({
    "nix/store/a/x": shared,
    "nix/store/a/y": shared,
    "etc/hostname": file("host"),
    "boot/EFI/old": file("old"),
    "boot/EFI/kept": file("kept"),
  });
}

const bootloader: Installation = {
  ...emptyInstallation,
  trees: new Map([["/boot", treeOf({ "EFI/old": file("new"), "EFI/BOOT/BOOTX64.EFI": file("loader") })]]),
  files: new Map([["/etc/machine/id", file("")]]),
  owners: [{ path: "/etc/hostname", uid: 5, gid: 6 }],
};

/** A tree with a filesystem on a disk of its own at each of these places. */
function onDisks(mountpoints: readonly string[], nodev: object = {}): DeviceTree {
  const content = (mountpoint: string) => ({ type: "filesystem", format: "ext4", mountpoint });
  const disk = Object.fromEntries(mountpoints.map((place, index) => [`d${index}`, { content: content(place) }]));
  return readDeviceTree({ disk, nodev });
}

function keptOf(files: DirectoryInode, mountpoints: readonly string[], added: Installation) {
  return manifestsOf(files, mountTable(onDisks(mountpoints)), added, 7).kept;
}

test("each filesystem gets what stands below its mount point, which stays as an empty folder", (t) => {
  const manifests = keptOf(system(), ["/", "/nix/store", "/nix", "/srv/new"], emptyInstallation);
  t.deepEqual(paths(manifests.get("/")), [
    "",
    "boot",
    "boot/EFI",
    "boot/EFI/kept",
    "boot/EFI/old",
    "etc",
    "etc/hostname",
    "nix",
    "srv",
    "srv/new",
  ]);
  t.deepEqual(paths(manifests.get("/nix")), ["", "store"]);
  t.deepEqual(paths(manifests.get("/nix/store")), ["", "a", "a/x", "a/y"]);
  t.deepEqual(paths(manifests.get("/srv/new")), [""]);
});

test("what the bootloader wrote wins, and what it did not write stays", (t) => {
  const root = keptOf(system(), ["/"], bootloader).get("/") as DirectoryInode;
  t.like(lookUp(root, "boot/EFI/old"), { size: 3, content: [bytesExtent(0, Buffer.from("new"))] });
  t.is(lookUp(root, "boot/EFI/kept")?.type, "file");
  t.is(lookUp(root, "boot/EFI/BOOT/BOOTX64.EFI")?.type, "file");
  t.is(lookUp(root, "etc/machine/id")?.type, "file");
  t.like(lookUp(root, "etc/hostname"), { uid: 5, gid: 6 });
});

for (const [name, make] of Object.entries({ system, "nothing at all": () => emptyDirectory(ownership) })) {
  test(`a tree of ${name} and the installation stay as they are, and can be used again`, (t) => {
    const tree = make();
    const boot = bootloader.trees.get("/boot") as DirectoryInode;
    const before = [describeTree(tree), describeTree(boot)];
    const twice = [0, 1].map(() => keptOf(tree, ["/", "/boot", "/boot/EFI", "/nix", "/etc"], bootloader));
    t.deepEqual([describeTree(tree), describeTree(boot)], before);
    const described = twice.map((manifests) => [...manifests].map(([path, root]) => [path, describeTree(root)]));
    t.deepEqual(described[1], described[0]);
  });
}

test("names of one file stay names of one file", (t) => {
  const root = keptOf(system(), ["/"], emptyInstallation).get("/") as DirectoryInode;
  t.is(lookUp(root, "nix/store/a/x"), lookUp(root, "nix/store/a/y"));
});

test("a mount point that is a file is refused", (t) => {
  t.throws(() => keptOf(system(), ["/etc/hostname/below"], emptyInstallation), { message: /hostname/ });
});
