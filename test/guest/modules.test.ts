import test from "ava";
import { loadOrder, missingModules, moduleName, readModuleTables } from "../../src/guest/modules.ts";

/** The files that depmod wrote for a kernel with ext4 as a module and virtio_pci built in. */
const index = readModuleTables({
  "modules.builtin": "kernel/drivers/virtio/virtio_pci.ko\nkernel/fs/nls/nls_cp437.ko\n",
  "modules.dep": [
    "kernel/drivers/block/virtio_blk.ko.xz: kernel/drivers/virtio/virtio_ring.ko.xz kernel/drivers/virtio/virtio.ko.xz",
    "kernel/drivers/virtio/virtio_ring.ko.xz: kernel/drivers/virtio/virtio.ko.xz",
    "kernel/drivers/virtio/virtio.ko.xz:",
    "kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz",
    "kernel/fs/jbd2/jbd2.ko.xz:",
    "kernel/crypto/crc32c_generic.ko.xz:",
    "kernel/arch/x86/crypto/crc32c-intel.ko.xz:",
    "kernel/fs/nls/nls_iso8859-1.ko.xz:",
    "",
  ].join("\n"),
  "modules.softdep": "# soft dependencies\nsoftdep ext4 pre: crypto-crc32c post: something\n",
  "modules.alias": "alias pci:v00001AF4d*sv*sd*bc*sc*i* virtio_pci\nalias crypto-crc32c crc32c_intel\n",
});

const names = (files: readonly string[]) => files.map(moduleName);

test("a module's name is that of its file, without endings, and with _ for -", (t) => {
  t.is(moduleName("kernel/fs/nls/nls_iso8859-1.ko"), "nls_iso8859_1");
  t.is(moduleName("virtio-pci.ko.xz"), "virtio_pci");
  t.is(moduleName("a.ko.zst"), "a");
  t.is(moduleName("a.ko.gz"), "a");
});

test("what a module needs is loaded before it, in whatever order depmod names it", (t) => {
  t.deepEqual(names(loadOrder(index, ["virtio_blk"])), ["virtio", "virtio_ring", "virtio_blk"]);
});

test("what is built in is not loaded, and what is loaded is loaded once", (t) => {
  t.deepEqual(names(loadOrder(index, ["virtio_pci", "virtio_blk", "virtio_blk", "virtio"])), [
    "virtio",
    "virtio_ring",
    "virtio_blk",
  ]);
});

test("what a module should have before it comes first: by name, and by what serves its wish", (t) => {
  const order = names(loadOrder(index, ["ext4"]));
  t.deepEqual(order.toSorted(), ["crc32c_generic", "crc32c_intel", "ext4", "jbd2"]);
  t.is(order.at(-1), "ext4");
});

test("only what is neither built in nor loadable is missing, however its name is written", (t) => {
  t.deepEqual(missingModules(index, ["virtio-pci", "nls_iso8859-1", "nls_iso8859_1", "zfs", "vfat"]), ["zfs", "vfat"]);
});

test("a module that the kernel does not have is left out of the order", (t) => {
  t.deepEqual(loadOrder(index, ["zfs"]), []);
});
