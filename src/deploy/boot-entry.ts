import { textOf } from "../base/byte-string.ts";
import { MkimageError } from "../base/errors.ts";
import type { DirectoryInode } from "../manifest/inode.ts";
import { walk } from "../manifest/tree.ts";
import type { ImagePlan } from "../pipeline/plan/image-plan.ts";
import type { Connection } from "../remote/connection.ts";
import { gptTypes } from "../structures/gpt/partition-types.ts";
import type { WrittenDisk } from "./write-disks.ts";

/** An entry of a firmware's boot menu. */
export interface BootEntry {
  /** The name of the disk in the tree. */
  readonly disk: string;
  readonly partition: number;
  /** The program's path as firmware writes it: `\EFI\systemd\systemd-bootx64.efi`. */
  readonly loader: string;
}

/**
 * Finds what firmware is to start of a planned image: the bootloader in the first EFI system partition that has one. One
 * of its own folder comes before the one for removable media.
 */
export function bootEntryOf({ layout, filesystems }: ImagePlan): BootEntry | undefined {
  for (const { name, table } of layout.disks) {
    if (table?.kind !== "gpt") continue;
    for (const { type, number, content } of table.partitions) {
      if (type !== gptTypes.efiSystem) continue;
      const files = filesystems.find(({ filesystem }) => filesystem.path === content?.path)?.files;
      const loader = files === undefined ? undefined : loaderIn(files);
      if (loader !== undefined) return { disk: name, partition: number, loader: `\\${loader.replaceAll("/", "\\")}` };
    }
  }
  return undefined;
}

const loaders = [
  /^EFI\/systemd\/systemd-boot(x64|aa64)\.efi$/i,
  /^EFI\/(?!BOOT\/)[^/]+\/(shim|grub)(x64|aa64)\.efi$/i,
  /^EFI\/BOOT\/BOOT(X64|AA64)\.EFI$/i,
];

function loaderIn(files: DirectoryInode): string | undefined {
  const paths = [...walk(files)].flatMap(({ path, inode }) => (inode.type === "file" ? textOf(path) : []));
  return loaders.flatMap((pattern) => paths.filter((path) => pattern.test(path)))[0];
}

/**
 * Writes an entry into the boot menu of a target's firmware, as its first one. An entry of the same label that an earlier
 * run has made goes.
 *
 * @throws MkimageError REMOTE_FAILED when the firmware takes none: the disks are complete all the same.
 */
export async function writeBootEntry(
  connection: Connection,
  entry: BootEntry,
  disks: readonly WrittenDisk[],
): Promise<void> {
  const device = disks.find(({ name }) => name === entry.disk)?.device;
  if (device === undefined) throw new MkimageError("INTERNAL", `the disk ${entry.disk} was not written`);
  const arguments_ = [device, String(entry.partition), entry.loader, label];
  await connection.run(bootEntryScript, arguments_, { deadlineSeconds: 120 });
}

const label = "NixOS (mkimage)";

/** Source: efibootmgr(8). */
const bootEntryScript = `set -eu
export LC_ALL=C
mountpoint -q /sys/firmware/efi/efivars || mount -t efivarfs efivarfs /sys/firmware/efi/efivars
efibootmgr | while IFS= read -r line; do
  case $line in
    Boot[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][*\\ ]\\ "$4"*)
      number=\${line#Boot}
      efibootmgr --quiet --delete-bootnum --bootnum "\${number%"\${number#????}"}"
      ;;
  esac
done
efibootmgr --quiet --create --disk "$1" --part "$2" --loader "$3" --label "$4"
`;
