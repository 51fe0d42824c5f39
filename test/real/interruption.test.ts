import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { demoSystem, type Run } from "./mkimage.ts";
import { assertLeft, buildIn, makeScene, processesOf, type Scene } from "./scene.ts";

/** A point of a build at which it is interrupted. */
interface Point {
  readonly name: string;
  readonly arguments: readonly string[];
  /** The event that says that it has come so far. */
  readonly event: RegExp;
  /** Further conditions. */
  readonly when?: (scene: Scene) => boolean;
}

const none = [demoSystem("none"), "--partition", "none"];
const guest = [demoSystem("installer-hangs"), "--partition", "legacy", "--additional-space", "0M"];

const points = {
  reading: { name: "while it reads the system", arguments: none, event: /"event":"task","title":"Reading the system"/ },
  scratch: {
    name: "while it writes the scratch disk",
    arguments: guest,
    event: /"event":"progress","title":"Writing a scratch disk"/,
  },
  early: {
    name: "while a guest starts",
    arguments: guest,
    event: /"event":"task","title":"Installing the bootloader in a guest"/,
    when: (scene) => processesOf(scene).some((line) => line.includes("qemu-system")),
  },
  late: {
    name: "while an installer runs in a guest",
    arguments: guest,
    event: /"text":"\d+\/\d+ install the bootloader"/,
  },
  writing: {
    name: "while it compresses the image",
    arguments: [...none, "--format", "qcow2-compressed"],
    event: /"event":"progress","title":"Writing the qcow2-compressed image"/,
  },
  converting: {
    name: "while it converts the image",
    arguments: [...none, "--format", "vmdk"],
    event: /"event":"task","title":"Converting the image to vmdk"/,
  },
  hook: {
    name: "while the post hook runs",
    arguments: [...none, "--post-vm", 'touch "$out/../../started"; sleep 600; true "$out"'],
    event: /"event":"done","title":"Writing the image"/,
    when: ({ folder }) => existsSync(join(folder, "started")),
  },
} satisfies Record<string, Point>;

const ended: readonly [Point, NodeJS.Signals, number][] = [
  [points.reading, "SIGINT", 130],
  [points.scratch, "SIGTERM", 143],
  [points.early, "SIGINT", 130],
  [points.late, "SIGTERM", 143],
  [points.writing, "SIGINT", 130],
  [points.converting, "SIGTERM", 143],
  [points.hook, "SIGINT", 130],
  [points.hook, "SIGHUP", 129],
];

for (const [point, signal, exitCode] of ended) {
  test.serial(`${signal} ${point.name}: it cleans up and ends with ${exitCode}`, async (t) => {
    const scene = makeScene(t);
    const run = await interrupt(scene, point, (child) => void child.kill(signal));
    t.is(run.exitCode, exitCode, run.stderr);
    t.true(run.stderr.includes(`{"event":"interrupted","signal":"${signal}"}\n`), run.stderr);
    assertLeft(t, scene);
  });
}

test.serial("a second Ctrl-C while it cleans up changes nothing", async (t) => {
  const scene = makeScene(t);
  const run = await interrupt(scene, points.hook, async (child) => {
    child.kill("SIGINT");
    await setTimeout(50);
    child.kill("SIGINT");
    child.kill("SIGTERM");
  });
  t.is(run.exitCode, 130, run.stderr);
  assertLeft(t, scene);
});

test.serial("Ctrl-C on a terminal reaches QEMU as well, and is the same", async (t) => {
  const scene = makeScene(t);
  const run = await interrupt(scene, points.early, (child) => void process.kill(-(child.pid as number), "SIGINT"), {
    through: ["setsid", "--wait"],
  });
  t.is(run.exitCode, 130, run.stderr);
  assertLeft(t, scene);
});

for (const point of [points.scratch, points.early, points.late, points.writing, points.converting, points.hook]) {
  test.serial(`SIGKILL ${point.name}: nothing runs on, and the next build removes what is left`, async (t) => {
    const scene = makeScene(t);
    const run = await interrupt(scene, point, (child) => void child.kill("SIGKILL"));
    t.is(run.signal, "SIGKILL");
    await assertDead(t, scene);
    assertRecognisable(t, scene);
    const next = await buildIn(scene, none);
    t.is(next.exitCode, 0, next.stderr);
    assertLeft(t, scene, ["out"]);
    t.deepEqual(readdirSync(scene.out).sort(), ["image.json", "nixos.img", "nix-support"].sort());
  });
}

/** Builds, and does something to the process as soon as it has come to a point. */
function interrupt(
  scene: Scene,
  point: Point,
  act: (child: ChildProcess) => void | Promise<void>,
  options: { readonly through?: readonly string[] } = {},
): Promise<Run> {
  let [seen, events] = [false, ""];
  return buildIn(scene, [...point.arguments, "--json"], {
    ...options,
    onStart: (child) => {
      child.stderr?.on("data", async (chunk) => {
        events += String(chunk);
        if (seen || !point.event.test(events)) return;
        seen = true;
        while (point.when?.(scene) === false && child.exitCode === null) await setTimeout(10);
        await act(child);
      });
    },
  });
}

/** The kernel ends what belongs to a killed process at once, which is soon. */
async function assertDead(t: ExecutionContext, scene: Scene): Promise<void> {
  for (let attempt = 0; attempt < 30 && processesOf(scene).length > 0; attempt += 1) await setTimeout(100);
  t.deepEqual(processesOf(scene), []);
}

/** Of a killed build there are hidden folders with its number, and no output that looks complete. */
function assertRecognisable(t: ExecutionContext, scene: Scene): void {
  const left = [...readdirSync(scene.work), ...readdirSync(scene.temporary)].filter((name) => name !== "out");
  t.true(left.length > 0);
  for (const name of left) t.regex(name, /^\.mkimage-(\d+|lock)-/);
  t.false(existsSync(join(scene.out, "nix-support")));
}
