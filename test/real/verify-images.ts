import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MiB } from "../../src/base/units.ts";
import { overwrite, tool } from "../inspect/images.ts";

/** A disk as parted and mkfs make it: an MBR with logical partitions, and code in it that boots nothing. */
export function partedImage(folder: string): string {
  const path = join(folder, "parted.img");
  const [one, five, six] = [1, 21, 41].map((start) => start * MiB);
  tool("truncate", "-s", "64M", path);
  const partitions = [
    "primary ext4 1MiB 20MiB",
    "extended 20MiB 60MiB",
    "logical fat32 21MiB 40MiB",
    "logical ext2 41MiB 59MiB",
  ];
  tool("parted", "-s", path, "mklabel", "msdos", ...partitions.flatMap((each) => ["mkpart", ...each.split(" ")]));
  tool("mkfs.ext4", "-q", "-F", "-E", `offset=${one}`, path, "19M");
  tool("mkfs.ext2", "-q", "-F", "-b", "1024", "-E", `offset=${six}`, path, "18M");
  tool("mkfs.vfat", `--offset=${(five ?? 0) / 512}`, path, String(19 * 1024));
  return path;
}

/** A disk as genimage makes it: a GPT with an ESP and an ext4 filesystem. */
export function genimageImage(folder: string): string {
  const place = (name: string): string => join(folder, name);
  mkdirSync(place("root/etc"), { recursive: true });
  mkdirSync(place("input"));
  writeFileSync(place("root/etc/hostname"), "genimage\n");
  copyFileSync("/usr/lib/systemd/boot/efi/systemd-bootx64.efi", place("input/loader.efi"));
  writeFileSync(
    place("genimage.cfg"),
    `image boot.vfat { vfat { file "EFI/BOOT/BOOTX64.EFI" { image = "loader.efi" } label = "BOOT" } size = 16M }
image root.ext4 { ext4 { label = "root" } size = 24M mountpoint = "/" }
image disk.img {
  hdimage { partition-table-type = "gpt" }
  partition boot { partition-type-uuid = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b" image = "boot.vfat" }
  partition root { partition-type-uuid = "0fc63daf-8483-4772-8e79-3d69d8477de4" image = "root.ext4" }
}
`,
  );
  const options = {
    config: "genimage.cfg",
    inputpath: "input",
    rootpath: "root",
    outputpath: "output",
    tmppath: "temporary",
  };
  tool("genimage", ...Object.entries(options).flatMap(([key, path]) => [`--${key}`, place(path)]));
  return place("output/disk.img");
}

/** A disk that extlinux boots: an MBR with its code, one active partition, and the kernel of a system. */
export function extlinuxImage(folder: string, kernel: string): string {
  const path = join(folder, "extlinux.img");
  const mount = join(folder, "mount");
  mkdirSync(mount);
  writeFileSync(join(folder, "table"), "label: dos\nstart=2048, type=83, bootable\n");
  tool("truncate", "-s", "64M", path);
  tool("sh", "-c", 'sfdisk --quiet "$1" < "$2"', "sh", path, join(folder, "table"));
  tool("dd", "if=/usr/lib/EXTLINUX/mbr.bin", `of=${path}`, "conv=notrunc", "bs=440", "count=1", "status=none");
  tool("mkfs.ext4", "-q", "-F", "-O", "^64bit,^metadata_csum", "-E", `offset=${MiB}`, path, "62M");
  const script = `
    mount -o loop,offset=${MiB} "$1" "$2"
    extlinux --install "$2" 2>/dev/null
    cp "$3" "$2/vmlinuz"
    printf 'SERIAL 0 115200\\nDEFAULT linux\\nLABEL linux\\n LINUX vmlinuz\\n APPEND console=ttyS0\\n' > "$2/extlinux.conf"
    umount "$2"`;
  tool("unshare", "--mount", "sh", "-eu", "-c", script, "sh", path, mount, kernel);
  return path;
}

/**
 * A GPT with everything that is no filesystem: BIOS boot, swap, LUKS with the root in it, empty ones (an ESP among them)
 * and one with bytes of no known kind. Only its ESP can be read, which has a menu that names the root.
 */
export function sundryImage(folder: string): string {
  const [path, part] = [join(folder, "sundry.img"), join(folder, "part")];
  tool("truncate", "-s", "160M", path);
  const partitions = ["1M:ef02", "8M:8200", "40M:ef00", "8M:8300", "20M:8309", "8M:8300", "8M:ef00"];
  const sizes = partitions.map((each) => each.split(":"));
  const add = sizes.flatMap(([size, type], index) => ["-n", `${index + 1}:0:+${size}`, "-t", `${index + 1}:${type}`]);
  tool("sgdisk", ...add, path);
  const fill = (number: number, ...command: readonly [string, ...string[]]): void => {
    const first = /First sector: (\d+)/.exec(tool("sgdisk", "-i", String(number), path))?.[1] ?? "";
    tool("truncate", "-s", "0", part);
    tool("truncate", "-s", sizes[number - 1]?.[0] ?? "", part);
    tool(...command);
    tool("dd", `if=${part}`, `of=${path}`, `seek=${first}`, "conv=notrunc,sparse", "status=none");
  };
  const entry = "title Sundry\nlinux /kernel\noptions root=UUID=0b0b0b0b-0000-4000-8000-000000000000\n";
  for (const [name, text] of [
    ["kernel", ""],
    ["key", "key"],
    ["entry.conf", entry],
  ])
    writeFileSync(join(folder, name ?? ""), text ?? "");
  const esp = `
    mkfs.vfat "$1" >/dev/null
    mmd -i "$1" ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries
    mcopy -i "$1" /usr/lib/systemd/boot/efi/systemd-bootx64.efi ::/EFI/BOOT/BOOTX64.EFI
    mcopy -i "$1" "$2/kernel" ::/kernel
    mcopy -i "$1" "$2/entry.conf" ::/loader/entries/`;
  fill(2, "mkswap", part);
  fill(3, "sh", "-eu", "-c", esp, "sh", part, folder);
  const derivation = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"];
  fill(5, "cryptsetup", "luksFormat", "--batch-mode", ...derivation, part, join(folder, "key"));
  fill(6, "dd", "if=/dev/urandom", `of=${part}`, "bs=1M", "count=8", "conv=notrunc", "status=none");
  return path;
}

/** Fills a place of an image with zeros, as whoever wipes something does. */
export function blank(path: string, offset: number, length: number): void {
  overwrite(path, offset, Buffer.alloc(length));
}

/** Fills a place of an image with a byte that stands for damage. */
export function damage(path: string, offset: number, length: number): void {
  overwrite(path, offset, Buffer.alloc(length, 0xa5));
}
