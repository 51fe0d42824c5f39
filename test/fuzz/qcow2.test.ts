import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { randomNumbers } from "../../bench/random.ts";
import { MkimageError } from "../../src/base/errors.ts";
import { MiB } from "../../src/base/units.ts";
import { Qcow2Disk } from "../../src/image/qcow2/read/qcow2-disk.ts";
import { temporaryFolder } from "../image/folder.ts";
import { sampleBytes } from "../image/sample.ts";
import { tool } from "../inspect/images.ts";
import { mutate } from "./mutate.ts";
import { isLong } from "../together/is-long.ts";

// Damaged qcow2 files by our own reader alone, which QEMU has not looked at before. MKIMAGE_FUZZ=20000: so many mutants.

const count = Number(process.env["MKIMAGE_FUZZ"] ?? (isLong ? 20_000 : 2000));
const [mostSeconds, mostBytes] = [2, 256 * MiB];

const kinds = [
  [],
  ["-c"],
  ["-o", "cluster_size=512,compat=0.10"],
  ["-c", "-o", "cluster_size=4k,compression_type=zstd"],
] as const;

test("a damaged qcow2 is left to QEMU, refused, or read within its bounds", async (t) => {
  const folder = temporaryFolder(t);
  const samples = kinds.map((options, index) => makeSample(folder, String(index), options));
  const outcomes = new Map<string, number>();
  const before = process.memoryUsage().rss;
  for (let seed = 0; seed < count; seed += 1) {
    const random = randomNumbers(seed * 2_654_435_761);
    const [sample, donor] = [pick(samples, random), pick(samples, random)];
    const mutant = mutate(sample, regions, donor, random);
    const path = join(folder, "mutant.qcow2");
    writeFileSync(path, mutant.bytes);
    const start = process.cpuUsage();
    const outcome = await outcomeOf(t, path, `seed ${seed}: ${mutant.changes.join("; ")}`);
    const { user, system } = process.cpuUsage(start);
    t.true((user + system) / 1e6 < mostSeconds, `seed ${seed}: ${mutant.changes.join("; ")}`);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  t.true(process.memoryUsage().rss - before < mostBytes);
  t.log(JSON.stringify(Object.fromEntries(outcomes)));
  t.deepEqual([...outcomes.keys()].toSorted(), ["BAD_IMAGE", "left to QEMU", "read"]);
});

/** Header, tables, and the clusters behind them. */
const regions = [
  { offset: 0, length: 112 },
  { offset: 0, length: 300 * 1024 },
];

async function outcomeOf(t: ExecutionContext, path: string, what: string): Promise<string> {
  try {
    using disk = await Qcow2Disk.open(path);
    if (disk === undefined) return "left to QEMU";
    for (let at = disk.seek(0, "data"); at !== undefined && at < disk.size; at = disk.seek(at, "data")) {
      const end = disk.seek(at, "hole") ?? disk.size;
      for (; at < Math.min(end, disk.size); at += MiB) disk.read(at, Math.min(MiB, end - at));
    }
    return "read";
  } catch (error) {
    if (!(error instanceof MkimageError)) t.fail(`${what}: ${String(error)}`);
    return error instanceof MkimageError ? error.code : "a defect";
  }
}

function makeSample(folder: string, name: string, options: readonly string[]): Buffer {
  const [raw, path] = [join(folder, `${name}.raw`), join(folder, `${name}.qcow2`)];
  writeFileSync(raw, Buffer.concat([sampleBytes(150_000, 1), Buffer.alloc(300_000), Buffer.alloc(62_000, "text ")]));
  tool("qemu-img", "convert", "-f", "raw", "-O", "qcow2", ...options, raw, path);
  return readFileSync(path);
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)] as Item;
}
