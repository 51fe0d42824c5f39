import { spawn } from "node:child_process";
import { on, once } from "node:events";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import test, { type ExecutionContext } from "ava";
import { tool } from "../inspect/images.ts";
import { demoSystem, mkimage, runMkimage, testFolder } from "./mkimage.ts";

async function image(t: ExecutionContext, variant: string, ...flags: readonly string[]): Promise<string> {
  const out = join(testFolder(t), "out");
  await mkimage(t, ["build", demoSystem(variant), "--out", out, "--additional-space", "16M", ...flags]);
  return out;
}

/** Not sooner: QEMU 7.2 hangs when it is told to end while the firmware writes to its variables. */
async function untilItSays(output: Readable, expected: RegExp): Promise<void> {
  let said = "";
  for await (const [chunk] of on(output, "data", { close: ["end"] }) as AsyncIterable<[Buffer]>) {
    said += chunk.toString();
    if (expected.test(said)) return;
  }
  throw new Error(`the machine ended before it said ${expected.source}: ${said}`);
}

const sum = (path: string): string => tool("sha256sum", path);
const tcg = ["--accel", "tcg", "--quiet"];

test.serial(
  "a machine with UEFI boots from a qcow2, says so on the terminal, and leaves the image as it was",
  async (t) => {
    const path = join(await image(t, "systemd-boot", "--partition", "efi", "--format", "qcow2"), "nixos.qcow2");
    const before = sum(path);
    const { stdout, stderr, exitCode } = await runMkimage(["run", path, ...tcg, "--memory", "512M", "--cpus", "2"]);
    t.is(exitCode, 0, stderr);
    t.regex(stdout, /mkimage-demo: booted .* firmware=efi/);
    t.is(sum(path), before);
  },
);

test.serial("with --keep, what the machine writes stays in the image; it is still sound", async (t) => {
  const path = join(await image(t, "grub", "--partition", "legacy"), "nixos.img");
  const before = sum(path);
  const { stdout, stderr, exitCode } = await runMkimage(["run", path, ...tcg, "--keep"]);
  t.is(exitCode, 0, stderr);
  t.regex(stdout, /mkimage-demo: booted .* firmware=bios/);
  t.not(sum(path), before);
  await mkimage(t, ["verify", path]);
});

test.serial("Ctrl-A X ends the machine, and the port for SSH is open until then", async (t) => {
  const path = join(await image(t, "systemd-boot", "--partition", "efi"), "nixos.img");
  const program = join(import.meta.dirname, "../../bin/mkimage");
  const child = spawn(program, ["run", path, ...tcg, "--ssh", "20222"], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = once(child, "close");
  await untilItSays(child.stdout, /activating the configuration/);
  t.regex(
    tool("sh", "-c", "cat /proc/net/tcp"),
    /0100007F:4EFE 00000000:0000 0A/,
    "it listens on the loopback address",
  );
  child.stdin.write("\u0001x");
  const [exitCode] = (await ended) as [number | null];
  t.is(exitCode, 0);
  t.deepEqual(
    readdirSync(tmpdir()).filter((name) => name.startsWith(`.mkimage-${child.pid}-`)),
    [],
  );
});

test.serial("SIGTERM ends the machine with mkimage, and nothing is left", async (t) => {
  const path = join(await image(t, "systemd-boot", "--partition", "efi"), "nixos.img");
  const run = await runMkimage(["run", path, ...tcg], {
    onStart: (child) => child.stdout?.once("data", () => child.kill("SIGTERM")),
  });
  t.is(run.exitCode, 143);
});

test.serial("what nothing boots is refused, with what to do", async (t) => {
  const path = join(testFolder(t), "empty.img");
  tool("truncate", "-s", "8M", path);
  const { exitCode, stderr } = await runMkimage(["run", path, ...tcg]);
  t.is(exitCode, 13);
  t.regex(stderr, /neither a BIOS nor UEFI firmware would find anything to start/);
  t.regex(stderr, /hint: .*--firmware/);
});
