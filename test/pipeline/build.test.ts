import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { MkimageError, type ErrorCode } from "../../src/base/errors.ts";
import { build } from "../../src/pipeline/build.ts";
import { parseRequest } from "../../src/request/parse.ts";
import { thisMachine } from "../../src/runtime/host.ts";
import { fakeHost, type FakeHost, type Guest } from "./fake-host.ts";

const enough: Guest = () => ({ "files/free.0": "1048576" });

/** Builds an image of a folder, in whose root filesystem a guest puts the files. */
function buildIn(host: FakeHost, request: object = {}) {
  const root = join(host.folder, "root");
  mkdirSync(root);
  writeFileSync(join(root, "hello"), "hello");
  const options = { root, partition: "none", fsType: "xfs", additionalSpace: "1M", out: join(host.folder, "out") };
  return build(parseRequest({}, { ...options, ...request }), undefined, host.context);
}

/** Nothing is there but what the user had. */
function isClean(t: ExecutionContext, { folder, open }: FakeHost, ...kept: string[]): void {
  t.deepEqual([...open], []);
  t.deepEqual(readdirSync(folder).toSorted(), ["root", ...kept].toSorted());
}

test("a build with a guest publishes what the guest left, and nothing else stays", async (t) => {
  const host = fakeHost(t, { guest: enough });
  const { images } = await buildIn(host);
  t.deepEqual(images, [join(host.folder, "out/nixos.img")]);
  const report = JSON.parse(readFileSync(join(host.folder, "out/image.json"), "utf8")) as Record<string, unknown>;
  t.like(report, { reproducible: false, tools: { "mkfs.xfs": "1.0" }, filesystems: [{ freeBytes: 1048576 }] });
  isClean(t, host, "out");
});

function failing(code: ErrorCode): Guest {
  return () => {
    throw new MkimageError(code, "as the test says");
  };
}

for (const code of ["GUEST_FAILED", "GUEST_TIMED_OUT", "NO_SPACE", "INSTALLER_FAILED"] as const) {
  test(`after a guest that ends with ${code}, nothing is left`, async (t) => {
    const host = fakeHost(t, { guest: failing(code) });
    await t.throwsAsync(buildIn(host), { code });
    t.is(host.ran.length, 1);
    isClean(t, host);
  });
}

test("a build that is interrupted while its guest runs leaves nothing", async (t) => {
  const end = new AbortController();
  const guest: Guest = (machine, job, number) => (end.abort(), enough(machine, job, number));
  const host = fakeHost(t, { guest, signal: end.signal });
  await t.throwsAsync(buildIn(host), { code: "INTERRUPTED" });
  t.is(host.ran.length, 1);
  isClean(t, host);
});

test("a build for which there is no space boots no guest, and leaves nothing", async (t) => {
  const host = fakeHost(t, { guest: enough, host: { freeSpace: () => Promise.resolve(4096) } });
  await t.throwsAsync(buildIn(host), { code: "NO_SPACE" });
  t.deepEqual(host.ran, []);
  t.deepEqual(host.titles, ["Reading the system"], "nothing was written");
  isClean(t, host);
});

test("a program that fails leaves nothing", async (t) => {
  const run = () => Promise.reject(new MkimageError("COMMAND_FAILED", "qemu failed"));
  const host = fakeHost(t, { guest: enough, host: { run } });
  await t.throwsAsync(buildIn(host), { code: "COMMAND_FAILED" });
  t.deepEqual(host.ran, []);
  isClean(t, host);
});

test("a post hook that fails takes the published files with it", async (t) => {
  const run: typeof thisMachine.run = (tool, argv) =>
    argv.includes("false")
      ? Promise.reject(new MkimageError("COMMAND_FAILED", "the hook failed"))
      : Promise.resolve({ stdout: "1.0", stderr: tool });
  const host = fakeHost(t, { guest: enough, host: { run } });
  await t.throwsAsync(buildIn(host, { postVm: "false" }), { code: "HOOK_FAILED" });
  t.is(host.ran.length, 1);
  isClean(t, host);
});

test("a file that somebody put into the output folder meanwhile stays as it is, and nothing is published", async (t) => {
  const guest: Guest = (machine, job, number) => {
    mkdirSync(join(host.folder, "out"), { recursive: true });
    writeFileSync(join(host.folder, "out/mine"), "mine");
    return enough(machine, job, number);
  };
  const host: FakeHost = fakeHost(t, { guest });
  await t.throwsAsync(buildIn(host), { instanceOf: MkimageError });
  t.is(host.ran.length, 1);
  t.deepEqual(readdirSync(join(host.folder, "out")), ["mine"]);
  isClean(t, host, "out");
});
