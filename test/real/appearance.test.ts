import { execFileSync } from "node:child_process";
import { join } from "node:path";
import test from "ava";
import { quoteArguments } from "../../src/base/quote.ts";
import { eventSchema, type MkimageEvent } from "../../src/cli/events/event.ts";
import { demoSystem, judge, mkimage, runMkimage, testFolder } from "./mkimage.ts";

/** Each line of standard error is an event, or the test fails. */
function eventsIn(stderr: string): MkimageEvent[] {
  return stderr
    .trimEnd()
    .split("\n")
    .map((line) => eventSchema.parse(JSON.parse(line)));
}

const none = ["--partition", "none", "--root", join(import.meta.dirname, "../../fixtures/system")];

test.serial("with --json, standard error is events and standard output the result", async (t) => {
  const out = join(testFolder(t), "out");
  const { stdout, stderr } = await mkimage(t, ["build", ...none, "--format", "qcow2", "--out", out, "--json"]);
  t.deepEqual(JSON.parse(stdout), { version: 1, folder: out, images: [join(out, "nixos.qcow2")] });
  const events = eventsIn(stderr);
  t.like(events[0], { event: "start", version: 1 });
  const tasks = events.flatMap((event) => (event.event === "task" ? event.title : []));
  const done = events.flatMap((event) => (event.event === "done" ? event.title : []));
  t.true(tasks.length >= 2);
  t.deepEqual(done, tasks);
  t.false(events.some(({ event }) => event === "command" || event === "output"));
});

test("what a command is asked to print, it prints however quiet it is to be, and as JSON for programs", async (t) => {
  const config = ["disko", "config", join(import.meta.dirname, "../../fixtures/devices/boot-luks.json")];
  const { stdout: module } = await mkimage(t, config);
  t.regex(module, /boot\.initrd\.luks\.devices/);
  const quiet = await mkimage(t, [...config, "--quiet"]);
  t.deepEqual([quiet.stdout, quiet.stderr], [module, ""]);
  const { stdout, stderr } = await mkimage(t, [...config, "--json"]);
  t.deepEqual(JSON.parse(stdout), { version: 1, module: module.trimEnd() });
  t.like(eventsIn(stderr)[0], { event: "start" });
});

for (const [what, columns, isAnimated] of [
  ["bars", 80, true],
  ["lines, as in the log of a build of Nix's", 0, false],
] as const) {
  test.serial(`a terminal of ${columns} columns is shown ${what}`, (t) => {
    const out = join(testFolder(t), "out");
    const build = ["bin/mkimage", "build", ...none, "--out", out];
    const command = `stty cols ${columns}; ${quoteArguments(build)}`;
    const shown = execFileSync("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
      encoding: "utf8",
      env: { ...process.env, TERM: "xterm" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    t.is(/✔/.test(shown), isAnimated, shown);
    t.is(/^Writing the image \([\d.]+ s\)\r$/m.test(shown), !isAnimated, shown);
  });
}

test.serial("an error is the last event, and its code the exit code", async (t) => {
  const { exitCode, stdout, stderr } = await runMkimage([
    "build",
    ...none,
    "--size",
    "1M",
    "--out",
    "/proc/x",
    "--json",
  ]);
  t.is(stdout, "");
  t.like(eventsIn(stderr).at(-1), {
    event: "error",
    code: "FILE_FAILED",
    exitCode,
    message: "nothing can be made in /proc",
  });
});

test.serial("so is a fault of the command line", async (t) => {
  const { stderr } = await runMkimage(["build", "--json", "--no-such-option"]);
  t.like(eventsIn(stderr), [{ event: "error", code: "USAGE", message: "unknown option '--no-such-option'" }]);
});

test.serial("several systems are told apart", async (t) => {
  const out = join(testFolder(t), "out");
  const systems = ["none", "systemd-boot"].map(demoSystem);
  const { stdout, stderr } = await mkimage(t, [
    "build",
    ...systems,
    "--partition",
    "efi",
    "--no-install-boot-loader",
    "--out",
    out,
    "--json",
  ]);
  const names = systems.map((path) => path.slice("/nix/store/".length));
  const events = eventsIn(stderr);
  const [first, ...others] = events.map((event) => ("system" in event ? event.system : undefined));
  t.like([first, events[0]?.event], [undefined, "start"], "the evaluation of all, which store paths need not");
  t.deepEqual(new Set(others), new Set(names));
  const results = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { folder: string });
  t.deepEqual(
    results.map(({ folder }) => folder),
    names.map((name) => join(out, name)),
  );
});

test.serial("--verbose shows each command ready to paste, and what a guest prints as it comes", async (t) => {
  const out = join(testFolder(t), "out");
  const arguments_ = [
    "build",
    demoSystem("none"),
    "--partition",
    "legacy",
    "--engine",
    "guest",
    "--fs-type",
    "btrfs",
    "--accel",
    "tcg",
    "--out",
    out,
  ];
  const seen: { readonly text: string; readonly at: number }[] = [];
  const { stdout, stderr } = await mkimage(t, [...arguments_, "--verbose"], {
    onStart: (child) => child.stderr?.on("data", (chunk) => seen.push({ text: String(chunk), at: performance.now() })),
  });
  t.is(stdout, `${join(out, "nixos.img")}\n`, "only the result");
  t.regex(stderr, /^ {2}\$ \/\S*qemu-system-x86_64 .*-machine q35.*$/m);
  t.regex(stderr, /^ {2}\$ \/\S*sfdisk .*$/m);
  t.regex(stderr, /^ {2}\| mkimage-guest: begin 0$/m);
  const [begin, end] = [/begin 0/, /begin 1/].map((words) => seen.find(({ text }) => words.test(text))?.at ?? 0);
  t.true((end ?? 0) > (begin ?? 0), "not all at once");
  const commands = [...stderr.matchAll(/^ {2}\$ (.*)$/gm)].map(([, command]) => command ?? "");
  for (const command of commands) judge("sh", "-c", `: ${command}`);
  t.false(stderr.includes("\u001b"), "without a terminal nothing moves");
});

test.serial("--verbose --json has the same as events, and --quiet says nothing", async (t) => {
  const out = join(testFolder(t), "out");
  const { stderr } = await mkimage(t, ["build", ...none, "--format", "vdi", "--out", out, "--json", "--verbose"]);
  const argv = eventsIn(stderr).flatMap((event) => (event.event === "command" ? [event.argv] : []));
  t.true(
    argv.some(([program = "", verb]) => program.endsWith("/qemu-img") && verb === "convert"),
    JSON.stringify(argv),
  );
  t.is((await mkimage(t, ["build", ...none, "--out", out, "--force", "--quiet"])).stderr, "");
  const { exitCode, stderr: refused } = await runMkimage(["build", ...none, "--quiet", "--verbose"]);
  t.is(exitCode, 2);
  t.regex(refused, /'--verbose' cannot be used with option '--quiet'/);
});

test.serial("who interrupts it at a terminal is told in words", async (t) => {
  const out = join(testFolder(t), "out");
  const { exitCode, stderr } = await runMkimage(["build", ...none, "--post-vm", "sleep 60", "--out", out], {
    onStart: (child) => child.stderr?.once("data", () => child.kill("SIGINT")),
  });
  t.is(exitCode, 130);
  t.regex(stderr, /^mkimage: SIGINT: stopping and cleaning up$/m);
});

test.serial("what inspect and plan print for programs is one JSON document", async (t) => {
  const out = join(testFolder(t), "out");
  await mkimage(t, ["build", ...none, "--format", "vhdx", "--out", out]);
  const inspected = await mkimage(t, ["inspect", join(out, "nixos.vhdx"), "--json"]);
  t.like(JSON.parse(inspected.stdout), { version: 1, disks: [{ format: "vhdx" }] });
  t.true(eventsIn(inspected.stderr).some((event) => event.event === "done" && event.title === "unpacking vhdx"));
  const plan = await mkimage(t, ["plan", ...none, "--json"]);
  t.like(JSON.parse(plan.stdout), { version: 1, format: "raw" });
  t.true(eventsIn(plan.stderr).length > 0);
});
