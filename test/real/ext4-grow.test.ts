import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, realpathSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { planExt4, solveExt4Size } from "../filesystems/ext4/planned.ts";
import { type ArchiveEntry, cpioArchive } from "../../src/guest/cpio.ts";
import { GiB, MiB } from "../../src/base/units.ts";
import { findTool } from "../../src/runtime/tools.ts";
import { requireClean, superblockOf, temporaryFolder, writeClean } from "../filesystems/ext4/judges.ts";
import { file, folder, folderOf, options } from "../filesystems/ext4/trees.ts";

/**
 * Debian's kernel mounts the filesystem, resize2fs asks it to grow to the disk's size, and it goes on working. In a
 * machine of its own, since a container's root may not resize.
 */
const init = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
for module in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk; do
  [ ! -e /modules/$module.ko ] || /bin/busybox insmod /modules/$module.ko
done
exec >/dev/ttyS0 2>&1
/bin/busybox mount -t ext4 /dev/vda /mnt &&
  /bin/resize2fs /dev/vda &&
  /bin/busybox dd if=/dev/zero of=/mnt/large bs=1M count=300 &&
  [ "$(/bin/busybox cat /mnt/kept/77)" = "content 77" ] &&
  /bin/busybox umount /mnt &&
  echo it has grown
/bin/busybox poweroff -f
`;

test("it grows online, while it is mounted, as an image does at its first boot", async (t) => {
  const place = temporaryFolder(t);
  const image = join(place, "image");
  const root = folder({ kept: folderOf(500, (index) => [`${index}`, file(`content ${index}`)]) });
  await writeClean(planExt4(root, solveExt4Size(root, 20 * MiB, options), options), image);
  truncateSync(image, 12 * GiB);
  t.regex(boot(place, image), /it has grown/);
  requireClean(image);
  t.is(superblockOf(image).get("Block count"), String((12 * GiB) / 4096));
});

/** Boots a machine with the image as its disk; gives what its console said. */
function boot(place: string, image: string): string {
  const kernel = unpackKernel(place);
  writeFileSync(join(place, "initrd"), initrd(kernel));
  const machine = ["-accel", "tcg", "-m", "512", "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio"];
  const disk = ["-drive", `file=${image},format=raw,if=virtio`];
  // Its own clock may run fast on a busy machine, and what was mounted in the future is a fault to e2fsck.
  const clock = ["-rtc", "base=2020-01-01T00:00:00,clock=vm"];
  const start = ["-kernel", fileIn(kernel, /^boot\/vmlinuz-/), "-initrd", join(place, "initrd")];
  return tool(findTool("qemu-system-x86_64"), [
    ...machine,
    ...clock,
    ...disk,
    ...start,
    "-append",
    "console=ttyS0 quiet",
  ]);
}

/** The kernel of the demo system, from the packages that it is made of. */
function unpackKernel(place: string): string {
  const debs = join(tool(join(import.meta.dirname, "../../fixtures/fetch"), []).trim(), "debs");
  const kernel = join(place, "kernel");
  mkdirSync(kernel);
  tool("dpkg-deb", ["--extract", fileIn(debs, /^linux-image-.*\.deb$/), kernel]);
  return kernel;
}

function initrd(kernel: string): Buffer {
  const modules = readdirSync(kernel, { recursive: true, encoding: "utf8" }).filter((path) =>
    /virtio[^/]*\.ko$/.test(path),
  );
  return cpioArchive([
    ...["mnt", "proc", "dev", "etc"].map((path): ArchiveEntry => ({ path, type: "directory", mode: 0o755 })),
    { path: "init", type: "file", mode: 0o755, bytes: Buffer.from(init) },
    { path: "etc/mtab", type: "symlink", mode: 0o777, bytes: Buffer.from("/proc/mounts") },
    ...modules.map((path) => program(`modules/${path.split("/").pop() ?? path}`, join(kernel, path))),
    program("bin/busybox", findTool("busybox")),
    program("bin/resize2fs", findTool("resize2fs")),
    ...librariesOf(findTool("resize2fs")).map((path) => program(path.slice(1), path)),
  ]);
}

function program(path: string, source: string): ArchiveEntry {
  return { path, type: "file", mode: 0o755, bytes: readFileSync(realpathSync(source)) };
}

function librariesOf(path: string): string[] {
  return [...tool(findTool("ldd"), [path]).matchAll(/(\/\S+) \(0x/g)].flatMap(([, library]) => library ?? []);
}

function fileIn(place: string, pattern: RegExp): string {
  const found = readdirSync(place, { recursive: true, encoding: "utf8" }).find((path) => pattern.test(path));
  if (found === undefined) throw new Error(`nothing in ${place} looks like ${pattern}`);
  return join(place, found);
}

function tool(path: string, arguments_: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(path, arguments_, { encoding: "utf8", timeout: 180_000 });
  if (status !== 0) throw new Error(`${path}: ${status}\n${stdout}${stderr}`);
  return stdout;
}
