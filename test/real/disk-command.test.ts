import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test from "ava";
import { MiB } from "../../src/base/units.ts";
import { quoteArguments } from "../../src/base/quote.ts";
import { imageSize, makeImage } from "./disk-image.ts";
import { judge, loopDevice } from "./loop-device.ts";

const command = [process.execPath, fileURLToPath(new URL("disk-command.ts", import.meta.url))] as const;

/** Runs `mkimage write` on a terminal and types a line when it asks. */
async function onTerminal(arguments_: readonly string[], typed: string): Promise<string> {
  const argv = ["--quiet", "--return", "--command", quoteArguments([...command, ...arguments_]), "/dev/null"];
  const child = spawn("script", argv, { stdio: "pipe" });
  let output = "";
  child.stdout.on("data", (chunk) => {
    const asked = /Type \S+ to go on: /.test(output);
    output += String(chunk);
    if (!asked && /Type \S+ to go on: /.test(output)) child.stdin.write(typed);
  });
  await once(child, "close");
  return output;
}

test.serial("on a terminal it shows the device, asks, writes, and says what it proved", async (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: imageSize });
  const output = await onTerminal([image, device.path], `${device.path}\r`);
  t.true(output.includes(`${device.path} (${device.path}): 48 MiB`));
  t.regex(output, /holds the image of 48 MiB/);
  t.regex(output, /read back from the device and compared: 48 MiB/);
  judge("cmp", image, device.path);
});

for (const [what, typed] of [
  ["another device", "/dev/sdx\r"],
  ["yes", "yes\r"],
  ["Ctrl-C", "\u0003"],
  ["the end of input", "\u0004"],
] as const) {
  test.serial(`on a terminal, ${what} is no confirmation`, async (t) => {
    const image = makeImage(t, 512);
    const device = loopDevice(t, { size: imageSize, filled: 0xa5 });
    const before = readFileSync(device.file);
    const output = await onTerminal([image, device.path], typed);
    t.regex(output, /REFUSED_DEVICE|INTERRUPTED/);
    t.true(before.equals(readFileSync(device.file)));
  });
}

test.serial("without a terminal it needs --yes and a proof of the device", (t) => {
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: 64 * MiB });
  const run = (...flags: string[]) =>
    spawnSync(command[0], [command[1], image, device.path, ...flags], { encoding: "utf8" });
  t.regex(run().stdout, /REFUSED_DEVICE: writing to .* was not confirmed/);
  t.regex(run("--yes").stdout, /REFUSED_DEVICE: .* can name another disk tomorrow/);
  t.regex(run("--yes", "--expect-size", "1").stdout, /REFUSED_DEVICE: .* not 1/);
  t.is(run("--yes", "--expect-size", "12x").status, 1);
  t.regex(run("--dry-run").stdout, /nothing was written\n$/);
  t.regex(run("--yes", "--expect-size", String(64 * MiB)).stdout, /holds the image of/);
});
