import { mkdtempSync } from "node:fs";
import { join, parse } from "node:path";
import type { BlockFacts, StorageFacts } from "../../devices/found/facts.ts";
import { readingsOf } from "../../devices/found/read-tree.ts";
import type { DiskBytes } from "../../image/disk-bytes.ts";
import type { OpenOptions } from "../../image/reading/open-image.ts";
import { UnpackedViews } from "../../image/reading/raw-views.ts";
import { readMarks, type Signature } from "../../image/reading/signature.ts";
import { askQuestions } from "../../machine/found/ask-questions.ts";
import { mbrPartitions } from "../../machine/found/look-at-block.ts";
import { withDisks } from "../inspect.ts";
import type { ReadDisk, Volume } from "../read-disk.ts";
import { fstabOf } from "./fstab-of-images.ts";

/**
 * Looks at images that are the disks of one machine. Nothing is mounted and nothing opened, so that what is in containers and
 * volumes is not known.
 *
 * @throws MkimageError as `openImage`.
 */
export async function lookAtImages(names: readonly string[], options: OpenOptions): Promise<StorageFacts> {
  return await withDisks(names, options, async (read) => {
    const devices = new Map<string, BlockFacts>();
    const disks: string[] = [];
    for (const disk of read) {
      const name = nameFor(parse(disk.image.path).name, disks);
      for (const block of await blocksOf(disk, name, options.signal)) devices.set(block.name, block);
      disks.push(name);
    }
    return { disks, devices, systemRoot: "/", fstab: fstabOf(read) };
  });
}

function nameFor(name: string, others: readonly string[]): string {
  return others.includes(name) ? `${name}-${others.length + 1}` : name;
}

async function blocksOf(disk: ReadDisk, name: string, signal: AbortSignal | undefined): Promise<BlockFacts[]> {
  const { image, sectorSize, table, tableFaults, tableNotes, unusual = [], volumes } = disk;
  const faults = [...tableFaults, ...tableNotes];
  const parts = volumes.flatMap((volume) => {
    const number = volume.partition?.number;
    return number === undefined ? [] : [{ number, name: `${name}:${number}`, volume }];
  });
  const whole = volumes.find(({ partition }) => partition === null);
  const look = { folder: image.folder, sectorSize, signal };
  const own = await blockOf(name, whole ?? { bytes: image.bytes, signature: tableOnly, fault: null }, look);
  const inner: BlockFacts[] = [];
  for (const part of parts) inner.push(await blockOf(part.name, part.volume, look));
  const mbr = table === null ? [] : mbrPartitions(image.bytes);
  const partitions = parts.map(({ number, name: part, volume: { bytes } }) => {
    return { number, name: part, offset: bytes.start, size: bytes.size };
  });
  return [{ ...own, table, mbr, partitions, unusual, faults: [...faults, ...own.faults] }, ...inner];
}

const tableOnly: Signature = { type: null, version: null, label: null, uuid: null, table: null };

/** Where files are put that programs look at. */
interface Look {
  readonly folder: string;
  readonly sectorSize: number;
  readonly signal: AbortSignal | undefined;
}

async function blockOf(
  name: string,
  { bytes, signature, fault }: Pick<Volume, "bytes" | "signature" | "fault">,
  { folder, sectorSize, signal }: Look,
): Promise<BlockFacts> {
  const { table: tableType, ...mark } = signature;
  const views = new ViewsOfPart(bytes, folder, signal);
  const isBlank = mark.type === null && tableType === null && signature !== tableOnly && bytes.size > 0;
  const rivals = isBlank ? await readMarks(await views.ends(), signal) : [];
  const none = { byIdPaths: [], table: null, mbr: [], partitions: [], above: [], below: [], mapped: null, uses: [] };
  const block: BlockFacts = {
    name,
    path: undefined,
    size: bytes.size,
    sectorSize,
    ...none,
    mark: { ...mark, rivals: rivals.length > 1 ? rivals : [] },
    answers: {},
    faults: fault === null ? [] : [fault],
  };
  const [reading] = readingsOf(block);
  if (reading?.questions === undefined) return block;
  const path = await (reading.readsAll === true ? views.all() : views.ends());
  return { ...block, answers: await askQuestions(block, path, signal) };
}

/** A part of an image as a file of its own, which is made when it is asked for. */
class ViewsOfPart {
  readonly #bytes: DiskBytes;
  readonly #folder: string;
  readonly #signal: AbortSignal | undefined;
  #views: UnpackedViews | undefined;

  constructor(bytes: DiskBytes, folder: string, signal: AbortSignal | undefined) {
    this.#bytes = bytes;
    this.#folder = folder;
    this.#signal = signal;
  }

  ends(): Promise<string> {
    return this.#made().ends(0, this.#bytes.size);
  }

  all(): Promise<string> {
    return this.#made().part(0, this.#bytes.size);
  }

  #made(): UnpackedViews {
    return (this.#views ??= new UnpackedViews(
      this.#bytes,
      mkdtempSync(join(this.#folder, "part-")),
      () => this.all(),
      this.#signal,
    ));
  }
}
