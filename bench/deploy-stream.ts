import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GiB, KiB, MiB } from "../src/base/units.ts";
import { findTool } from "../src/runtime/tools.ts";
import { judge, type Scope } from "../test/real/loop-device.ts";
import { startTarget, type TargetMachine } from "../test/real/target-machine.ts";
import { median } from "./measure.ts";
import { closureShape, makeTree } from "./tree.ts";

// How fast the blocks of a system are at a disk of another machine beside `tar c | ssh tar x` of the same files to a filesystem that
// is made and mounted there before: 400 MB, over SSH to a Debian of QEMU's, whose processor is emulated. Ours has the layout, the
// compression and the reading back in it; the others end with sync, and what reading again costs is counted beside. The machine
// may be busy: its and the target's seconds of a processor say more than the clock. Run it by: node bench/deploy-stream.ts [ROUNDS] [MEGABYTES] [FOLDER].

/** Keeps the least memory that was available. */
const watchMemory = `echo >/run/watch && { (
  available() { while read -r name size _; do [ "$name" != MemAvailable: ] || echo "$size"; done </proc/meminfo; }
  first=$(available); least=$first
  while [ -e /run/watch ]; do
    now=$(available); [ "$now" -ge "$least" ] || least=$now
    echo $((first - least)) >/run/taken; sleep 1
  done
) </dev/null >/dev/null 2>&1 & }`;

const endOfWatch = "rm /run/watch; cat /run/taken";

const rounds = Number(process.argv[2] ?? 3);
const share = Number(process.argv[3] ?? 400) / 400;
const folder = mkdtempSync(join(process.argv[4] ?? tmpdir(), "mkimage-bench-"));
const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true })];
const scope: Scope = { teardown: (end) => void ends.push(end) };

interface Contender {
  readonly name: string;
  /** A command on the target that is not counted. */
  readonly before: string;
  readonly argv: readonly string[];
  /** A command on the target that reads all again, past its memory. */
  readonly readAgain?: string;
}

interface Sample {
  readonly seconds: number;
  /** Seconds of a processor, here and of the target's QEMU. */
  readonly here: number;
  readonly there: number;
  /** The largest resident set of any process of this side, and how much less was available on the target; in bytes. */
  readonly memoryHere: number;
  readonly memoryThere: number;
  /** Seconds by the clock, and of the target's processor. */
  readonly again: readonly [number, number];
}

try {
  const tree = join(folder, "tree");
  mkdirSync(tree);
  makeTree(tree, {
    ...closureShape,
    files: 9500 * share,
    bytes: 4e8 * share,
    storePaths: 170,
    flatFiles: 1000 * share,
  });
  const target = await startTarget(scope, { disks: [4 * GiB, GiB] });
  await target.answers(1800);
  giveZstd(target);
  const contenders = contendersFor(target, tree);
  const samples = contenders.map((): Sample[] => []);
  for (let round = 0; round < rounds; round += 1) {
    contenders.forEach((contender, index) => {
      const sample = measure(target, contender);
      samples[index]?.push(sample);
      process.stderr.write(`${contender.name}: ${JSON.stringify(sample)}\n`);
    });
  }
  contenders.forEach(({ name }, index) => process.stdout.write(`${line(name, samples[index] ?? [])}\n`));
} finally {
  for (const end of ends.toReversed()) await end();
}

function contendersFor(target: TargetMachine, tree: string): Contender[] {
  const ssh = sshTo(target);
  const before = "umount /mnt 2>/dev/null; mkdir -p /mnt && mke2fs -q -F -t ext4 /dev/vdb && mount /dev/vdb /mnt";
  const readAgain = "umount /mnt && mount /dev/vdb /mnt && find /mnt -type f -exec cat {} + | sha256sum; umount /mnt";
  const files = { before, readAgain };
  const blocks = join(import.meta.dirname, "stream-blocks.ts");
  return [
    {
      ...files,
      name: "tar c | ssh tar x",
      argv: ["sh", "-c", `tar c -C "$0" . | "$@"`, tree, ...ssh, "tar x -C /mnt && sync"],
    },
    {
      name: "blocks of mkimage deploy",
      before: "umount /mnt 2>/dev/null; true",
      argv: [process.execPath, blocks, tree, String(target.port), target.key, target.knownHosts, "/dev/vdb"],
    },
    {
      ...files,
      name: "tar c | zstd -1 | ssh zstd -d | tar x",
      argv: ["sh", "-c", `tar c -C "$0" . | zstd -1qc | "$@"`, tree, ...ssh, "zstd -dqc | tar x -C /mnt && sync"],
    },
  ];
}

function sshTo({ key, port, knownHosts, user }: TargetMachine): string[] {
  const known = ["-o", `UserKnownHostsFile=${knownHosts}`, "-o", "BatchMode=yes"];
  return ["ssh", "-F", "none", "-i", key, "-p", String(port), ...known, `${user}@127.0.0.1`];
}

/** As rescue systems have it; a small Debian does not. */
function giveZstd(target: TargetMachine): void {
  const path = findTool("zstd");
  const libraries = judge("ldd", path).match(/(?<==> )\/\S+/g) ?? [];
  const own = libraries.filter((library) => !/\/lib(?:c|m|pthread)\.so/.test(library));
  const script = `#!/bin/sh\\nLD_LIBRARY_PATH=/opt exec /opt/zstd "$@"\\n`;
  const unpack = `mkdir -p /opt && tar x -C /opt --transform 's,.*/,,' && printf '${script}' >/usr/bin/zstd && chmod +x /usr/bin/zstd`;
  run(["sh", "-c", `tar ch ${[path, ...own].join(" ")} | "$@"`, "sh", ...sshTo(target), unpack]);
}

function measure(target: TargetMachine, { before, argv, readAgain }: Contender): Sample {
  const ssh = sshTo(target);
  run([...ssh, `{ ${before}; } && sync && echo 3 >/proc/sys/vm/drop_caches && ${watchMemory}`]);
  const [start, cpu] = [performance.now(), processorOf(target)];
  const { stderr } = run(["time", "-f", "%M %U %S", ...argv]);
  const [end, used] = [performance.now(), processorOf(target)];
  const memoryThere = Number(run([...ssh, endOfWatch]).stdout) * KiB;
  const [memory = 0, user = 0, system = 0] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  const [later, usedLater] = [performance.now(), processorOf(target)];
  if (readAgain !== undefined) run([...ssh, readAgain]);
  const again = readAgain === undefined ? [0, 0] : [performance.now() - later, processorOf(target) - usedLater];
  return {
    seconds: (end - start) / 1000,
    here: user + system,
    there: used - cpu,
    memoryHere: memory * KiB,
    memoryThere,
    again: [(again[0] ?? 0) / 1000, again[1] ?? 0],
  };
}

/** Source: proc(5): user and system time, in hundredths. */
function processorOf({ folder: own }: TargetMachine): number {
  const pid = readdirSync("/proc").find((name) => /^\d+$/.test(name) && commandOf(name).includes(`${own}/qmp`));
  const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const numbers = fields.split(" ").map(Number);
  return ((numbers[11] ?? 0) + (numbers[12] ?? 0)) / 100;
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

function line(name: string, samples: readonly Sample[]): string {
  const of = (figure: (sample: Sample) => number) => median(samples.map(figure));
  const most = (figure: (sample: Sample) => number) => Math.round(Math.max(...samples.map(figure)) / MiB);
  const [clock, there] = [of(({ again }) => again[0]), of(({ again }) => again[1])];
  const again = clock === 0 ? "reading again in it" : `reading again ${clock.toFixed(1)} s (${there.toFixed(1)})`;
  return [
    `${name.padEnd(40)} ${of(({ seconds }) => seconds).toFixed(1)} s`,
    `processors ${of(({ here }) => here).toFixed(1)} s here, ${of((sample) => sample.there).toFixed(1)} s there`,
    again,
    `at most ${most(({ memoryHere }) => memoryHere)} MiB here, ${most(({ memoryThere }) => memoryThere)} MiB there`,
  ].join("; ");
}

function run(argv: readonly string[]): { readonly stdout: string; readonly stderr: string } {
  const result = spawnSync("/usr/bin/env", argv, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`${argv.join(" ")} failed:\n${result.stderr}`);
  return result;
}
