import test from "ava";
import type { PartitionLayout } from "../../../src/layout/layout.ts";
import { GiB, MiB } from "../../../src/base/units.ts";
import { rootGpuid, solvePreset } from "./solve-preset.ts";

// The sectors, GUIDs and names that make-disk-image gives a disk of 8 GiB with a boot size of 256 MiB; but 256 MiB are
// 256 MiB, and the root partition always has the GUID that was asked for.
const last = (8 * GiB) / 512 - 1;
const lastAligned = last - 2048;
const boot = (256 * MiB) / 512;
const one = "1C06F03B-704E-4657-B9CD-681A087A2FDC";
const two = "970C694F-AFD0-4B99-B750-CDB7A329AB6F";
const esp = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
const biosBoot = "21686148-6449-6E6F-744E-656564454649";
const bootLoader = "BC13C2FF-59E6-4262-A352-B275FD6F7172";
const linux = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";

test("efi: an EFI system partition from 8 MiB to the boot size, then the root", (t) => {
  t.deepEqual(rows(solvePreset("efi", 8 * GiB).table?.partitions), [
    [1, 16384, boot - 1, esp, one, "ESP", "ESP at /boot"],
    [2, boot, lastAligned, linux, rootGpuid, "primary", "nixos at /"],
  ]);
});

test("efixbootldr: an EFI system partition to 100 MiB, an extended boot partition, the root", (t) => {
  t.deepEqual(rows(solvePreset("efixbootldr", 8 * GiB).table?.partitions), [
    [1, 16384, 204799, esp, one, "ESP", "ESP at /efi"],
    [2, 204800, boot - 1, bootLoader, two, "BOOT", "BOOT at /boot"],
    [3, boot, lastAligned, linux, rootGpuid, "ROOT", "nixos at /"],
  ]);
});

test("hybrid: the BIOS boot partition lies before the first MiB and is the second", (t) => {
  t.deepEqual(rows(solvePreset("hybrid", 8 * GiB).table?.partitions), [
    [1, 16384, boot - 1, esp, one, "ESP", "ESP at /boot"],
    [2, 34, 2047, biosBoot, two, "no-fs", null],
    [3, boot, lastAligned, linux, rootGpuid, "primary", "nixos at /"],
  ]);
});

test("legacy+gpt: a BIOS boot partition of 1 MiB, then the root with the root's GUID", (t) => {
  t.deepEqual(rows(solvePreset("legacy+gpt", 8 * GiB).table?.partitions), [
    [1, 2048, 4095, biosBoot, one, "no-fs", null],
    [2, 4096, lastAligned, linux, rootGpuid, "primary", "nixos at /"],
  ]);
});

test("legacy: one partition from 1 MiB to the last sector, not active", (t) => {
  t.deepEqual(rows(solvePreset("legacy", 8 * GiB).table?.partitions), [[1, 2048, last, 0x83, false, "nixos at /"]]);
});

test("legacy+boot: an active FAT partition, then the root", (t) => {
  t.deepEqual(rows(solvePreset("legacy+boot", 8 * GiB).table?.partitions), [
    [1, 2048, boot - 1, 0x0c, true, "BOOT at /boot"],
    [2, boot, last, 0x83, false, "nixos at /"],
  ]);
});

test("none: the root filesystem is the whole disk", (t) => {
  const disk = solvePreset("none", 8 * GiB);
  t.is(disk.table, null);
  t.like(disk.content, { kind: "filesystem", size: 8 * GiB, mountpoint: "/", place: { disk: "main", offset: 0 } });
});

test("every GPT has make-disk-image's disk GUID", (t) => {
  for (const partition of ["legacy+gpt", "efi", "efixbootldr", "hybrid"] as const) {
    const { table } = solvePreset(partition, 8 * GiB);
    t.is(table?.kind === "gpt" ? table.guid : undefined, "97FD5997-F390-0B4A-A3F8-D106C1723AEA");
  }
});

test("an automatic size is what comes before the root, the root in whole MiB, and the GPT's last MiB", (t) => {
  const sizes = (["none", "legacy", "legacy+boot", "legacy+gpt", "efi", "efixbootldr", "hybrid"] as const).map(
    (partition) => solvePreset(partition, "auto", 1000 * MiB - 5).size / MiB,
  );
  t.deepEqual(sizes, [1000, 1001, 1256, 1003, 1257, 1257, 1257]);
});

test("a given size that is too small is refused with the size that would do", (t) => {
  const error = t.throws(() => solvePreset("efi", 1000 * MiB), { code: "TOO_SMALL" });
  t.regex(error.message, /disk main is too small: it has 1000 MiB and needs 1\.2 GiB \(1318060032 bytes\)/);
  t.notThrows(() => solvePreset("efi", 1318060032));
});

/** Numbers, sectors, identifiers, and what is in the partition and where it is mounted. */
function rows(partitions: readonly PartitionLayout[] = []): unknown[][] {
  return partitions.map((partition) => {
    const { number, first, content } = partition;
    const use = content?.kind === "filesystem" ? `${content.label} at ${content.mountpoint}` : null;
    const entry =
      "guid" in partition ? [partition.type, partition.guid, partition.name] : [partition.type, partition.active];
    return [number, first, partition.last, ...entry, use];
  });
}
