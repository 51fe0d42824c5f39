import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { bytesExtent } from "../../src/image/extent.ts";
import type { HeaderIdentity } from "../../src/image/formats/format.ts";
import { imageFormats } from "../../src/image/formats/registry.ts";
import { writeRaw } from "../../src/image/raw.ts";
import { identityFrom } from "../../src/base/identity.ts";
import { MiB } from "../../src/base/units.ts";
import { type Reporter, silentTask } from "../../src/runtime/reporter.ts";
import { run } from "../../src/runtime/run.ts";
import { temporaryFolder } from "../image/folder.ts";
import { sampleBytes } from "../image/sample.ts";

/** A size that is no whole number of cylinders, MiB or blocks of any format. */
const size = 41 * MiB + 3 * 512;

function identity(seed: string, time = 1_700_000_000): HeaderIdentity {
  const identifiers = identityFrom(seed);
  return { uuid: (purpose) => identifiers.uuid(purpose), time };
}

function reporterInto(seen: number[]): Reporter {
  return {
    task: (_title, work) => work({ ...silentTask, progress: (done) => void seen.push(done) }),
    note: () => undefined,
  };
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

for (const format of ["vdi", "vpc", "vpc-fixed", "vhdx", "vmdk"] as const) {
  const { driver: name, write } = imageFormats[format];
  test(`${format}: the same bytes at another time and under another name, and what raw says`, async (t) => {
    const folder = temporaryFolder(t);
    const source = join(folder, "disk.raw");
    const extents = [bytesExtent(0, sampleBytes(3 * MiB + 7, 1)), bytesExtent(size - 5000, sampleBytes(5000, 2))];
    await writeRaw({ size, extents }, source);
    const make = async (target: string, who: HeaderIdentity) => {
      const seen: number[] = [];
      const options = { identity: who, compression: "zlib", signal: undefined, reporter: reporterInto(seen) } as const;
      await write({ size, extents }, join(folder, target), options);
      t.is(seen.at(-1), size);
      t.false(existsSync(join(folder, `${target}.raw`)));
      return join(folder, target);
    };
    const one = await make("one", identity("seed"));
    await sleep(1100);
    mkdirSync(join(folder, "elsewhere"));
    const two = await make("elsewhere/another name", identity("seed"));
    const other = await make("three", identity("another seed", 1_600_000_000));
    t.is(await sha256(one), await sha256(two));
    t.not(await sha256(one), await sha256(other));
    if (format === "vhdx") {
      const identifier = readFileSync(one).subarray(0, 520);
      t.deepEqual(
        identifier,
        Buffer.concat([Buffer.from("vhdxfile"), Buffer.alloc(512)]),
        "QEMU's version is in no byte",
      );
    }
    await run("qemu-img", ["compare", "-f", name, "-F", "raw", one, source]);
    if (name === "vdi" || name === "vhdx" || name === "vmdk") await run("qemu-img", ["check", "-f", name, one]);
    const { stdout, stderr } = await run("qemu-img", ["info", "--output=json", "-f", name, one]);
    t.is(stderr, "", "a wrong checksum of a vpc is a warning only");
    t.is((JSON.parse(stdout) as { "virtual-size": number })["virtual-size"], size);
  });
}
