import { closeSync, openSync, statSync } from "node:fs";
import { DiskBytes } from "../../src/image/disk-bytes.ts";
import { RawDisk } from "../../src/image/raw-disk.ts";
import type { InspectFacts } from "../../src/inspect/facts.ts";
import { Faults } from "../../src/base/image-faults.ts";
import { factsOf } from "../../src/inspect/inspect.ts";
import type { ReadDisk, Volume } from "../../src/inspect/read-disk.ts";
import { readFilesystem } from "../../src/inspect/read-filesystem.ts";
import { readGpt } from "../../src/partitions/read-gpt.ts";
import type { GptPartitionFacts } from "../../src/partitions/table-facts.ts";

const unknown = { type: null, version: null, label: "nixos", uuid: null, table: null };

/** Reads a raw image by nothing but our own readers: other programs take a hundred times as long. */
export async function readAlone(path: string): Promise<InspectFacts> {
  const descriptor = openSync(path, "r");
  try {
    const { size } = statSync(path);
    const bytes = new DiskBytes(new RawDisk(descriptor, path), 0, size);
    const [faults, table] = tableOf(bytes);
    const volumes: Volume[] = [];
    for (const each of table?.table.partitions.slice(0, 16) ?? [null]) volumes.push(await volumeOf(each, bytes));
    const image = { name: path, path, format: "raw", size, storedBytes: size, folder: "", bytes };
    const disk = {
      image,
      sectorSize: 512,
      table: table?.table ?? null,
      tableFaults: faults.list,
      tableNotes: [],
      volumes,
    };
    return await factsOf([disk as unknown as ReadDisk]);
  } finally {
    closeSync(descriptor);
  }
}

function tableOf(bytes: DiskBytes) {
  const faults = new Faults();
  const isGpt = bytes.size >= 1024 && bytes.read(512, 8).toString("latin1") === "EFI PART";
  return [faults, isGpt ? faults.attempt("table", () => readGpt(bytes, 1, 512)) : undefined] as const;
}

async function volumeOf(partition: GptPartitionFacts | null, disk: DiskBytes): Promise<Volume> {
  const bytes =
    partition === null ? disk : disk.part(partition.first * 512, (partition.last - partition.first + 1) * 512);
  const faults = new Faults();
  let filesystem: Volume["filesystem"] = null;
  await faults.attemptAll("", async () => void (filesystem = (await readFilesystem(bytes)) ?? null));
  const type = bytes.size > 0 ? "vfat" : null;
  return { partition, bytes, signature: { ...unknown, type }, filesystem, fault: faults.list[0] ?? null };
}
