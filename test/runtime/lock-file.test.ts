import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { removeLeftovers } from "../../src/runtime/leftovers.ts";
import { holdName } from "../../src/runtime/lock-file.ts";

const taken = (by: { readonly pid: number } | undefined): Error => new Error(`taken by ${by?.pid}`);

test("a name is held by one at a time, and nothing is left of it", async (t) => {
  const folder = temporaryFolder(t);
  const held = await holdName(folder, "out", taken);
  await t.throwsAsync(holdName(folder, "out", taken), { message: `taken by ${process.pid}` });
  const other = await holdName(folder, "o".repeat(255), taken);
  other.release();
  held.release();
  t.deepEqual(readdirSync(folder), []);
});

test("a folder has one name, whatever path leads to it", async (t) => {
  const folder = temporaryFolder(t);
  symlinkSync(".", join(folder, "link"));
  const held = await holdName(folder, "out", taken);
  t.teardown(() => held.release());
  await t.throwsAsync(holdName(join(folder, "link"), "out", taken), { message: /taken by/ });
  await t.throwsAsync(holdName(`${folder}/../${basename(folder)}/`, "out", taken), { message: /taken by/ });
});

test("one of many that come at once has it", async (t) => {
  const folder = temporaryFolder(t);
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => holdName(folder, "out", taken)));
  t.is(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
});

test("what a killed process held is free, and is removed by whoever comes by", async (t) => {
  const folder = temporaryFolder(t);
  await killedHolder(folder);
  const [left] = readdirSync(folder);
  t.regex(left ?? "", /^\.mkimage-lock-/);
  const held = await holdName(folder, "out", taken);
  removeLeftovers(folder);
  t.deepEqual(readdirSync(folder), [left], "it is held again");
  held.release();
  await killedHolder(folder);
  removeLeftovers(folder);
  t.deepEqual(readdirSync(folder), []);
});

async function killedHolder(folder: string): Promise<void> {
  const module = new URL("../../src/runtime/lock-file.ts", import.meta.url);
  const text = `import { holdName } from ${JSON.stringify(module)};
    await holdName(${JSON.stringify(folder)}, "out", () => new Error("taken"));
    console.log("held"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module", "--eval", text], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  holder.kill("SIGKILL");
  await once(holder, "close");
}

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
