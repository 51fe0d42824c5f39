import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GiB, MiB } from "../src/base/units.ts";
import { loopDevice, type Scope } from "../test/real/loop-device.ts";
import { sshMachine } from "../test/real/ssh-machine.ts";
import { median } from "./measure.ts";
import { closureShape, makeTree } from "./tree.ts";

// How fast the blocks of a system are at a disk of another machine beside `tar c | ssh tar x` of the same files to a filesystem that
// is made and mounted there: 400 MB, over SSH on the loopback to a loop device whose file is allocated. Ours has the layout,
// the compression, the zeros of what is free and the reading back in it, the other one the unmounting. Run it as root: node bench/deploy-stream.ts [FOLDER].

const rounds = 5;
const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), "mkimage-bench-"));
const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true })];
const scope: Scope = { teardown: (end) => void ends.push(end) };

try {
  const tree = join(folder, "tree");
  mkdirSync(tree);
  makeTree(tree, { ...closureShape, files: 9500, bytes: 4e8, storePaths: 170, flatFiles: 1000 });
  const machine = await sshMachine(scope);
  const device = loopDevice(scope, { size: GiB, filled: 0xa5 });
  const known = ["-o", `UserKnownHostsFile=${machine.knownHosts}`, "-o", "BatchMode=yes"];
  const ssh = [
    "ssh",
    "-F",
    "none",
    "-i",
    join(machine.folder, "key"),
    "-p",
    String(machine.port),
    ...known,
    "root@127.0.0.1",
  ];
  const place = `ssh://root@127.0.0.1:${machine.port}${device.path}`;
  const consent = ["--yes", "--expect-size", String(GiB), "--quiet"];
  const mounted = join(folder, "mounted");
  mkdirSync(mounted);

  const contenders: readonly Contender[] = [
    {
      name: "tar c | ssh tar x",
      before: [...ssh, `mke2fs -q -F -t ext4 ${device.path} && mount ${device.path} ${mounted}`],
      argv: ["sh", "-c", `tar c -C "$0" . | "$@"`, tree, ...ssh, `tar x -C ${mounted} && umount ${mounted}`],
    },
    {
      name: "tar c | zstd -1 | ssh tar x",
      before: [...ssh, `mke2fs -q -F -t ext4 ${device.path} && mount ${device.path} ${mounted}`],
      argv: [
        "sh",
        "-c",
        `tar c -C "$0" . | zstd -1qc | "$@"`,
        tree,
        ...ssh,
        `zstd -dcq | tar x -C ${mounted} && umount ${mounted}`,
      ],
    },
    {
      name: "mkimage build --write-to-disk ssh://",
      before: ["true"],
      argv: [
        "bin/mkimage",
        "build",
        "--root",
        tree,
        "--partition",
        "legacy+gpt",
        "--write-to-disk",
        place,
        ...consent,
        ...machine.options,
      ],
    },
  ];
  const samples = contenders.map((): Sample[] => []);
  for (let round = -1; round < rounds; round += 1) {
    contenders.forEach((contender, index) => {
      const sample = measure(contender);
      if (round >= 0) samples[index]?.push(sample);
    });
  }
  contenders.forEach(({ name }, index) => {
    const own = samples[index] ?? [];
    const seconds = median(own.map((sample) => sample.seconds));
    const memory = Math.max(...own.map((sample) => sample.memory));
    process.stdout.write(`${name.padEnd(40)} ${seconds.toFixed(2)} s, at most ${Math.round(memory / MiB)} MiB here\n`);
  });
} finally {
  for (const end of ends.toReversed()) end();
}

interface Contender {
  readonly name: string;
  /** Not counted. */
  readonly before: readonly string[];
  readonly argv: readonly string[];
}

interface Sample {
  readonly seconds: number;
  /** The largest resident set of any process of this side, in bytes. */
  readonly memory: number;
}

function measure({ before, argv }: Contender): Sample {
  run(before);
  const start = performance.now();
  const { stderr } = run(["time", "-f", "%M", ...argv]);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, memory: Number(stderr.trim().split("\n").at(-1)) * 1024 };
}

function run(argv: readonly string[]): { readonly stderr: string } {
  const result = spawnSync("/usr/bin/env", argv, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`${argv.join(" ")} failed:\n${result.stderr}`);
  return result;
}
