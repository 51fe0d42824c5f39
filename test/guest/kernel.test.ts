import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { chooseKernel } from "../../src/guest/kernel.ts";
import { temporaryFolder } from "../image/folder.ts";

const basics = ["virtio_pci", "virtio_blk"];

/** A kernel with these modules built in; `image` and `modules` say where it keeps what. */
function makeKernel(
  folder: string,
  names: readonly string[],
  image = "kernel",
  modules = "kernel-modules/lib/modules/6.1",
): string {
  mkdirSync(join(folder, modules), { recursive: true });
  mkdirSync(join(folder, image, ".."), { recursive: true });
  writeFileSync(join(folder, image), "kernel");
  const lines = [...basics, ...names].map((name) => `kernel/${name}.ko\n`);
  writeFileSync(join(folder, modules, "modules.builtin"), lines.join(""));
  return folder;
}

function folders(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  return { toplevel: join(folder, "system"), root: join(folder, "machine"), other: join(folder, "other") };
}

test("the system's own kernel comes first, and needs no note", (t) => {
  const { toplevel, root } = folders(t);
  makeKernel(toplevel, ["ext4"]);
  makeKernel(join(root, "run/booted-system"), ["ext4"]);
  const kernel = chooseKernel({ toplevel, root, needs: ["ext4"] });
  t.is(kernel.image, join(toplevel, "kernel"));
  t.is(kernel.modulesFolder, join(toplevel, "kernel-modules/lib/modules/6.1"));
  t.is(kernel.note, undefined);
});

test("where it lacks something, the kernel that this machine runs takes its place, with a note", (t) => {
  const { toplevel, root } = folders(t);
  makeKernel(toplevel, ["ext4"]);
  makeKernel(join(root, "run/booted-system"), ["ext4", "vfat"]);
  const kernel = chooseKernel({ toplevel, root, needs: ["ext4", "vfat"] });
  t.is(kernel.image, join(root, "run/booted-system/kernel"));
  t.regex(kernel.note ?? "", /the system's own kernel: it lacks vfat/);
});

test("the last resort is the newest kernel in /boot, with the modules of its version", (t) => {
  const { toplevel, root } = folders(t);
  for (const version of ["6.9.1", "6.10.2"])
    makeKernel(root, ["ext4"], `boot/vmlinuz-${version}`, `lib/modules/${version}`);
  const kernel = chooseKernel({ toplevel, root, needs: ["ext4"] });
  t.is(kernel.image, join(root, "boot/vmlinuz-6.10.2"));
  t.is(kernel.modulesFolder, join(root, "lib/modules/6.10.2"));
  t.regex(kernel.note ?? "", /vmlinuz-6\.10\.2/);
});

test("where no kernel serves, the error says what each of them lacks", (t) => {
  const { toplevel, root } = folders(t);
  makeKernel(toplevel, ["ext4"]);
  const error = t.throws(() => chooseKernel({ toplevel, root, needs: ["zfs"] }), { code: "NOT_A_SYSTEM" });
  t.true((error as unknown as { details: string[] }).details.includes("the system's own kernel: it lacks zfs"));
});

test("a kernel that was asked for is taken, and no other in its place", (t) => {
  const { toplevel, root, other } = folders(t);
  makeKernel(toplevel, ["ext4", "vfat"]);
  makeKernel(other, ["ext4"], "bzImage", "lib/modules/6.2");
  t.is(chooseKernel({ toplevel, root, vmKernel: other, needs: ["ext4"] }).image, join(other, "bzImage"));
  t.throws(() => chooseKernel({ toplevel, root, vmKernel: other, needs: ["vfat"] }), {
    code: "BAD_REQUEST",
    message: /lacks vfat/,
  });
});
