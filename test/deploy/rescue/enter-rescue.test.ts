import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { MkimageError } from "../../../src/base/errors.ts";
import { enterRescue } from "../../../src/deploy/rescue/enter-rescue.ts";
import * as scripts from "../../../src/deploy/rescue/kexec-scripts.ts";
import type { Reporter } from "../../../src/runtime/reporter.ts";
import { silentTask } from "../../../src/runtime/reporter.ts";
import { temporaryFolder } from "../../image/folder.ts";
import { fakeClock, fakeConnection } from "./fake-connection.ts";

const reporter: Reporter = { task: (_, work) => work(silentTask), note: () => {} };
const kexec = { files: [{ name: "kexec", bytes: Buffer.from("program") }], command: ["./kexec"] };
const nameOf = (text: string) => Object.entries(scripts).find(([, script]) => script === text)?.[0] ?? "another";

/** A machine that a rescue system is sent to, which answers some scripts in another way. */
async function enter(t: ExecutionContext, answers: Readonly<Record<string, string>> = {}) {
  const kernel = join(temporaryFolder(t), "kernel");
  writeFileSync(kernel, "kernel");
  const sent = { kexec: "program", kernel: "kernel", initrd: "initrd" };
  const sums = Object.entries(sent).map(([name, text]) => `${sha256(text)}  ${name}\n`);
  const usual = { folderScript: "/run/mkimage-rescue\n", filesScript: sums.join(""), loadScript: "loaded\n" };
  const ran: [string, readonly string[]][] = [];
  const old = fakeConnection((script, arguments_) => {
    ran.push([nameOf(script), arguments_]);
    return { ...usual, ...answers }[nameOf(script)] ?? "";
  });
  const parts = {
    system: { kernel, initrd: Buffer.from("initrd"), parameters: ["console=ttyS0", "panic=30"] },
    kexec,
    deployment: "ours",
    boot: "old",
  };
  const rescue = fakeConnection(() => "new\nversion 1\ndeployment ours\n");
  const connect = async () => rescue;
  const options = { reporter, connect, deadlineSeconds: 60, clock: fakeClock() };
  const result = await enterRescue(old, parts, options).catch((error: unknown) => error as MkimageError);
  return { ran, old, rescue, result, names: ran.map(([name]) => name) };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

test("what was sent is loaded and started, and the old connection ends", async (t) => {
  const { ran, old, rescue, result } = await enter(t);
  t.is(result, rescue);
  t.deepEqual(ran, [
    // Files, kernel and initrd three times, six times the kernel where it does not say, and some room.
    ["folderScript", [String(Math.ceil((7 + 2 * 12 + 36 + 6) / 1024) + 8192)]],
    ["filesScript", ["/run/mkimage-rescue"]],
    ["loadScript", ["/run/mkimage-rescue", "console=ttyS0 panic=30", "./kexec"]],
    ["startScript", ["/run/mkimage-rescue", "./kexec"]],
  ]);
  t.false(old.isOpen());
  t.true(rescue.isOpen());
});

test("a kernel that takes none is left as it was, and its reason is told", async (t) => {
  const { names, old, result } = await enter(t, { loadScript: "kexec_file_load failed: Operation not permitted\n" });
  const { code, details } = result as MkimageError;
  t.is(code, "REMOTE_FAILED");
  t.deepEqual(details, ["kexec_file_load failed: Operation not permitted"]);
  t.deepEqual(names, ["folderScript", "filesScript", "loadScript", "forgetScript"]);
  t.true(old.isOpen());
});

test("what did not arrive as it was sent is not loaded", async (t) => {
  const { names, result } = await enter(t, { filesScript: `${"0".repeat(64)}  initrd\n` });
  t.regex((result as MkimageError).message, /did not get as it was sent: kexec, kernel, initrd/);
  t.deepEqual(names, ["folderScript", "filesScript", "forgetScript"]);
});
