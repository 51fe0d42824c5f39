import { execFileSync } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectDevice } from "../src/machine/inspect-device.ts";
import { devicesHere } from "../src/machine/device-place.ts";
import { fileExtent } from "../src/image/extent.ts";
import { MiB } from "../src/base/units.ts";
import { byteString } from "../src/base/byte-string.ts";
import { type Reporter, silentTask } from "../src/runtime/reporter.ts";
import { median } from "./measure.ts";

// How fast `mkimage write` is beside `dd bs=4M oflag=direct` of the same bytes, both flushed, on a loop device whose file
// is allocated. Run it as root: node bench/disk-write.ts [FOLDER]. Reading back is counted by itself.

const size = 512 * MiB;
const rounds = 5;
const silent: Reporter = { note: () => {}, task: (_title, work) => work(silentTask) };

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), "mkimage-bench-"));
const source = makeFile(join(folder, "source"));
const loop = output("losetup", "--find", "--show", makeFile(join(folder, "device")));
try {
  const ratios = [];
  for (let round = 0; round < rounds; round += 1) ratios.push(await compareOnce());
  process.stdout.write(`median ratio ${median(ratios).toFixed(2)} (at most 1.15 is wanted)\n`);
} finally {
  output("losetup", "--detach", loop);
  rmSync(folder, { recursive: true });
}

async function compareOnce(): Promise<number> {
  const start = performance.now();
  output("dd", `if=${source}`, `of=${loop}`, "bs=4M", "oflag=direct", "conv=fsync", "status=none");
  const reference = (performance.now() - start) / 1000;
  const device = { ...(await inspectDevice(loop)), canDiscard: false };
  const extents = [fileExtent(0, size, byteString(source))];
  const { writeSeconds, readSeconds } = await devicesHere.write(device, { size, extents }, { reporter: silent });
  const ratio = writeSeconds / reference;
  const seconds = `dd ${reference.toFixed(2)} s, mkimage ${writeSeconds.toFixed(2)} s and ${readSeconds.toFixed(2)} s to read back`;
  process.stdout.write(`${seconds}: ratio ${ratio.toFixed(2)}\n`);
  return ratio;
}

/** Bytes that are no partition table, and no holes. */
function makeFile(path: string): string {
  const file = openSync(path, "w");
  const piece = Buffer.alloc(4 * MiB, "not compressible by accident, and no zeros ");
  for (let done = 0; done < size; done += piece.length) writeSync(file, piece);
  closeSync(file);
  return path;
}

function output(program: string, ...arguments_: string[]): string {
  return execFileSync(program, arguments_, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}
