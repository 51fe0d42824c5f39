import test from "ava";
import { grubEntries } from "../../src/bootloaders/grub/menu.ts";
import { loaderEntries } from "../../src/bootloaders/systemd-boot/menu.ts";
import type { BootVolume } from "../../src/bootloaders/menu/boot-volume.ts";
import { entryFacts } from "../../src/inspect/boot/entry-facts.ts";
import { syslinuxEntries } from "../../src/bootloaders/extlinux/menu.ts";
import type { DirectoryInode } from "../../src/manifest/inode.ts";
import { file, folder, symlink } from "../filesystems/ext4/trees.ts";

function volume(root: DirectoryInode, more: Partial<BootVolume> = {}): BootVolume {
  return { root, ignoresCase: false, uuid: "UUID-1", label: "nixos", partition: 2, name: "partition 2", ...more };
}

test("systemd-boot: entries, the default, unified kernels, and what is missing", (t) => {
  const esp = volume(
    folder({
      EFI: folder({ nixos: folder({ "KERNEL.EFI": file("k") }), Linux: folder({ "one.efi": file("u") }) }),
      loader: folder({
        "loader.conf": file("timeout 5\ndefault nixos-generation-2*\n"),
        entries: folder({
          "nixos-generation-1.conf": file("title Old\nlinux /EFI/nixos/gone.efi\ninitrd /EFI/nixos/gone2.efi\n"),
          "nixos-generation-2.conf": file("title New\nversion 2\nlinux /EFI/nixos/kernel.efi\noptions init=/x quiet\n"),
        }),
      }),
    }),
    { ignoresCase: true },
  );
  const entries = loaderEntries(esp).map(entryFacts);
  t.deepEqual(
    entries.map(({ title, isDefault, missing }) => ({ title, isDefault, missing })),
    [
      { title: "Old", isDefault: false, missing: ["/EFI/nixos/gone.efi", "/EFI/nixos/gone2.efi"] },
      { title: "New · 2", isDefault: true, missing: [] },
      { title: "one.efi", isDefault: false, missing: [] },
    ],
  );
  t.is(entries[1]?.options, "init=/x quiet");
});

test("systemd-boot: what is preferred comes before the default, however many tries its name says are left", (t) => {
  const entry = file("title One\nlinux /kernel\n");
  const entries = folder({ "nixos-a+3.conf": entry, "nixos-b+2-1.conf": entry, "nixos-c.conf": entry });
  for (const wanted of ["nixos-a", "nixos-b", "nixos-c"]) {
    const menu = file(`preferred ${wanted}.conf\ndefault nixos-*\n`);
    const found = loaderEntries(volume(folder({ loader: folder({ "loader.conf": menu, entries }) })));
    const [chosen, ...others] = found.filter(({ isDefault }) => isDefault);
    t.true(chosen?.source.startsWith(`loader/entries/${wanted}`));
    t.deepEqual(others, []);
  }
});

test("GRUB: filesystems by search, quotes, submenus, and files that links lead to", (t) => {
  const store = volume(
    folder({ nix: folder({ store: folder({ linux: folder({ bzImage: file("k") }), link: symlink("linux") }) }) }),
    { uuid: "ROOT-UUID", name: "partition 1", partition: 1 },
  );
  const config = `
# menuentry "not this"
set default=1
menuentry "NixOS - Default" --class nixos {
  search --set=drive1 --fs-uuid ROOT-UUID
  linux ($drive1)/nix/store/link/bzImage init=/x
  initrd ($drive1)/nix/store/linux/initrd
}
submenu "More" {
  menuentry 'It'\\''s "old"' { 
    linux (hd0,gpt1)/nix/store/linux/bzImage
    initrd /initrd
  }
}
menuentry "by a variable" {
  linux $kernel quiet
}
`;
  const boot = volume(folder({ grub: folder({ "grub.cfg": file(config) }), initrd: file("i") }));
  const entries = grubEntries(boot, [boot, store]).map(entryFacts);
  t.deepEqual(
    entries.map(({ title, isDefault, missing }) => ({ title, isDefault, missing })),
    [
      { title: "NixOS - Default", isDefault: false, missing: ["/nix/store/linux/initrd"] },
      { title: `It's "old"`, isDefault: true, missing: [] },
      { title: "by a variable", isDefault: false, missing: [] },
    ],
  );
});

test("extlinux: paths beside its configuration, and an initrd among the options", (t) => {
  const text =
    "DEFAULT two\nLABEL one\n  MENU LABEL ^One\n  LINUX ../nixos/kernel\n  INITRD ../nixos/a,../nixos/b\nLABEL two\n KERNEL /nixos/kernel\n APPEND quiet initrd=/nixos/a\n";
  const disk = volume(
    folder({
      boot: folder({
        extlinux: folder({ "extlinux.conf": file(text) }),
        nixos: folder({ kernel: file("k"), a: file("a") }),
      }),
    }),
  );
  const entries = syslinuxEntries(disk).map(entryFacts);
  t.deepEqual(
    entries.map(({ title, isDefault, kernel, missing }) => ({ title, isDefault, kernel, missing })),
    [
      { title: "One", isDefault: false, kernel: "/boot/nixos/kernel", missing: ["/boot/nixos/b"] },
      { title: "two", isDefault: true, kernel: "/nixos/kernel", missing: ["/nixos/kernel", "/nixos/a"] },
    ],
  );
});

test("names from a menu cannot move a terminal's cursor", (t) => {
  const text = "LABEL x\n MENU LABEL \u001b[2Jhidden\u202e\n LINUX /k\n";
  const [entry] = syslinuxEntries(volume(folder({ "syslinux.cfg": file(text) }))).map(entryFacts);
  t.is(entry?.title, String.raw`\x1b[2Jhidden\u{202e}`);
});
