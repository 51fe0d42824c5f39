import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import type { DeployHost } from "../../src/deploy/deploy-host.ts";
import { knownDisks } from "../../src/deploy/facts/rescue-marker.ts";
import type { Phase } from "../../src/deploy/phases.ts";
import type { Device } from "../../src/machine/device.ts";
import { temporaryFolder } from "../image/folder.ts";
import { diskOf, fakeCourse } from "./fake-course.ts";

const untilReboot: readonly Phase[] = ["facts", "kexec", "disks", "install", "reboot"];
const changing = ["enterRescue", "stage", "finish", "restart"];

function changes(calls: readonly string[]): string[] {
  return calls.filter((call) => changing.some((name) => call.startsWith(name)));
}

test("a machine is looked at, started into the rescue system, written to, completed and restarted, in this order", async (t) => {
  const course = fakeCourse(t, { request: { phases: untilReboot } });
  const { disks, times } = await course.run();
  t.deepEqual(course.calls, [
    "connect admin@old",
    "askFacts admin@old",
    "makeRescue",
    "enterRescue",
    "connect root@old",
    "askFacts root@old",
    "inspect /dev/sda",
    "stage /dev/sda send all",
    "finish /dev/sda",
    "restart root@old",
  ]);
  t.deepEqual(
    disks.map(({ name, device }) => [name, device]),
    [["main", "/dev/sda"]],
  );
  t.deepEqual(
    times.map(({ phase }) => phase),
    untilReboot,
  );
});

test("the facts alone change nothing, and need no consent", async (t) => {
  const course = fakeCourse(t, { request: { phases: ["facts"] }, yesWipeAllDisks: false });
  const { facts } = await course.run();
  t.is(facts?.hostname, "old");
  t.deepEqual(course.calls, ["connect admin@old", "askFacts admin@old"]);
});

test("the facts alone need no system: none is resolved, nor built", async (t) => {
  const nowhere = { system: "/nix/store/00000000000000000000000000000000-nowhere" };
  const looking = fakeCourse(t, { request: { ...nowhere, phases: ["facts"] } });
  t.like(await looking.deploy(), { system: undefined, facts: { hostname: "old" }, times: [{ phase: "facts" }] });
  t.deepEqual(looking.calls, ["connect admin@old", "askFacts admin@old", "close admin@old"]);
  const installing = fakeCourse(t, { request: { ...nowhere, phases: ["facts", "kexec"] } });
  await t.throwsAsync(installing.deploy());
  t.deepEqual(installing.calls, []);
});

for (const [title, wishes] of Object.entries({
  "another answer than the machine's name": { answer: "new" },
  "the path of its disk": { answer: "/dev/sda" },
  "nobody who could answer": { yesWipeAllDisks: false },
})) {
  test(`${title} is no consent, and nothing is changed`, async (t) => {
    const course = fakeCourse(t, { request: { phases: untilReboot }, ...wishes });
    const error = await t.throwsAsync<MkimageError>(course.run());
    t.is(error.code, "REFUSED_DEVICE");
    t.regex(error.hint ?? "", /nothing was changed/);
    t.deepEqual(changes(course.calls), []);
  });
}

test("the machine's name, retyped, is consent to losing the disks that were shown", async (t) => {
  const course = fakeCourse(t, { request: { phases: untilReboot }, answer: "old\n" });
  await course.run();
  t.regex(course.said.join("\n"), /old: Debian GNU\/Linux 12[^]*becomes main:[^]*serial one/);
  t.is(changes(course.calls).length, 4);
});

test("a machine with too little memory for the rescue system is told how much it takes, and not changed", async (t) => {
  const course = fakeCourse(t, { request: { phases: untilReboot }, memory: 8 * 1024 ** 3 });
  const error = await t.throwsAsync<MkimageError>(course.run());
  t.regex(error.message, /2 GiB of memory, the rescue system needs 8 GiB/);
  t.deepEqual(changes(course.calls), []);
});

test("a dry run shows the machine, its disks and the layout, changes nothing and waits for nothing", async (t) => {
  const course = fakeCourse(t, { dryRun: true, yesWipeAllDisks: false });
  const { proof } = await course.run();
  t.is(proof, undefined);
  t.deepEqual(course.calls, ["connect admin@old", "askFacts admin@old", "makeRescue"]);
  t.regex(course.said.join("\n"), /serial one[^]*would be laid out anew, by the phases facts, kexec, disks/);
});

test("a machine that runs the rescue system stays in it, and is not sent again what it has", async (t) => {
  const rescue = { version: "1", deployment: "x", disks: [] };
  const course = fakeCourse(t, { request: { phases: untilReboot }, before: { rescue } });
  await course.run();
  t.deepEqual(changes(course.calls), ["stage /dev/sda compare first", "finish /dev/sda", "restart admin@old"]);
});

test("the disks of a machine that is made for the run are not looked through for what is there", async (t) => {
  const rescue = { version: "1", deployment: "x", disks: [] };
  const course = fakeCourse(t, { request: { phases: untilReboot }, before: { rescue }, isTest: true });
  await course.run();
  t.deepEqual(changes(course.calls), ["stage /dev/sda send all", "finish /dev/sda", "restart admin@old"]);
});

/** The rescue system of an earlier run on a machine that had these disks before. */
function rescueAfter(...disks: readonly Device[]) {
  const diskPaths = new Map(disks.map(({ name, serial }) => [`/dev/disk/by-id/ata-${serial}`, name]));
  return { version: "1", deployment: "x", disks: knownDisks({ disks, diskPaths }) };
}

for (const path of ["/dev/sda", "/dev/disk/by-id/ata-one"]) {
  test(`the same command goes on with the same disk, whatever the rescue system calls it: ${path}`, async (t) => {
    const course = fakeCourse(t, {
      request: { phases: untilReboot },
      disks: { main: path },
      before: {
        rescue: rescueAfter(diskOf("sda", "one"), diskOf("sdb", "two")),
        disks: [diskOf("sda", "two"), diskOf("sdb", "one", { partitions: [] })],
      },
    });
    await course.run();
    t.deepEqual(changes(course.calls), ["stage /dev/sdb compare first", "finish /dev/sdb", "restart admin@old"]);
  });
}

test("a disk that a rescue system cannot tell from another any more is refused", async (t) => {
  const [sda, sdb] = [diskOf("sda", undefined), diskOf("sdb", undefined)];
  const course = fakeCourse(t, {
    request: { phases: untilReboot },
    before: { rescue: rescueAfter(sda, sdb), disks: [sda, sdb] },
  });
  const error = await t.throwsAsync<MkimageError>(course.run());
  t.is(error.code, "REFUSED_DEVICE");
  t.regex(error.message, /what was \/dev\/sda before the rescue system was started .* cannot be told from others/);
  t.deepEqual(changes(course.calls), []);
});

test("the only disk is the one that is meant, also where it was not the only one before", async (t) => {
  const course = fakeCourse(t, {
    request: { phases: untilReboot },
    disks: { main: null },
    before: {
      rescue: rescueAfter(diskOf("sda", "a stick that is gone"), diskOf("sdb", "one")),
      disks: [diskOf("sda", "one")],
    },
  });
  await course.run();
  t.deepEqual(changes(course.calls), ["stage /dev/sda compare first", "finish /dev/sda", "restart admin@old"]);
});

test("without kexec the machine is written to as it is, and a disk in use is refused", async (t) => {
  const phases: readonly Phase[] = ["facts", "disks", "install"];
  const used = diskOf("sda", "one", { users: [{ kind: "mount", device: "sda1", mountPoint: "/" }] });
  const refused = fakeCourse(t, { request: { phases }, before: { disks: [used] } });
  const error = await t.throwsAsync<MkimageError>(refused.run());
  t.regex(error.message, /in use: mounted on \//);
  t.deepEqual(changes(refused.calls), []);
  const free = fakeCourse(t, { request: { phases } });
  await free.run();
  t.deepEqual(changes(free.calls), ["stage /dev/sda send all", "finish /dev/sda"]);
});

test("disks are found again by what they are, whatever the rescue system calls them", async (t) => {
  const course = fakeCourse(t, {
    request: { phases: untilReboot },
    disks: { first: "/dev/sda", second: "/dev/sdb" },
    before: { disks: [diskOf("sda", "one"), diskOf("sdb", "two"), diskOf("sdc", "three")] },
    after: [diskOf("vda", "three"), diskOf("vdb", "two"), diskOf("vdc", "one")],
  });
  const { disks } = await course.run();
  t.deepEqual(
    disks.map(({ name, device }) => `${name} ${device}`),
    ["first /dev/vdc", "second /dev/vdb"],
  );
});

test("no disk can be started from before all disks have all else", async (t) => {
  const course = fakeCourse(t, {
    request: { phases: untilReboot },
    disks: { first: "/dev/sda", second: "/dev/sdb" },
    before: { disks: [diskOf("sda", "one"), diskOf("sdb", "two")] },
  });
  await course.run();
  t.deepEqual(
    changes(course.calls)
      .map((call) => call.split(" ", 2).join(" "))
      .slice(1, 5),
    ["stage /dev/sda", "stage /dev/sdb", "finish /dev/sda", "finish /dev/sdb"],
  );
});

test("a machine is started into the rescue system alone without a question about its disks", async (t) => {
  const course = fakeCourse(t, {
    request: { phases: ["facts", "kexec"] },
    disks: { main: null },
    yesWipeAllDisks: false,
  });
  const { disks } = await course.run();
  t.deepEqual(disks, []);
  t.deepEqual(changes(course.calls), ["enterRescue"]);
});

for (const [title, after] of Object.entries({
  "is gone": [],
  "has another size": [diskOf("sda", "one", { size: 512 })],
  "has another serial number": [diskOf("sda", "other")],
  "could be one of two": [diskOf("sda", "one"), diskOf("sdb", "one")],
})) {
  test(`a disk that ${title} once the rescue system runs ends it before anything is written`, async (t) => {
    const course = fakeCourse(t, { request: { phases: untilReboot }, after });
    const error = await t.throwsAsync<MkimageError>(course.run());
    t.is(error.code, "REFUSED_DEVICE");
    t.deepEqual(changes(course.calls), ["enterRescue"]);
  });
}

const failures: readonly (readonly [keyof DeployHost, RegExp])[] = [
  ["askFacts", /admin@old: nothing was changed there/],
  ["enterRescue", /its disks are as they were; a restart brings its old system back/],
  ["stage", /lost in part; the same command goes on from here/],
  ["finish", /complete but for what starts it; the same command goes on/],
  ["restart", /its disks are complete; restart it/],
];

for (const [name, state] of failures) {
  test(`a failure of ${name} says in which state the machine is`, async (t) => {
    const failure = new MkimageError("REMOTE_FAILED", "the connection failed", { hint: "try it by hand" });
    const course = fakeCourse(t, { request: { phases: untilReboot }, fails: { [name]: failure } });
    const error = await t.throwsAsync<MkimageError>(course.run());
    t.is(error.code, "REMOTE_FAILED");
    t.regex(error.hint ?? "", /^try it by hand; /);
    t.regex(error.hint ?? "", state);
    t.regex(course.calls.at(-1) ?? "", new RegExp(`^${name}`));
  });
}

test("who interrupts is told in which state the machine is", async (t) => {
  const controller = new AbortController();
  const failure = new MkimageError("INTERRUPTED", "interrupted");
  const course = fakeCourse(t, {
    request: { phases: untilReboot },
    fails: { stage: failure },
    signal: controller.signal,
  });
  controller.abort();
  await t.throwsAsync(course.run());
  t.regex(course.said.at(-1) ?? "", /admin@old: what was on its disks is lost in part/);
});

test("a machine whose disks became complete while somebody interrupted is not restarted", async (t) => {
  const controller = new AbortController();
  const course = fakeCourse(t, { request: { phases: untilReboot }, signal: controller.signal });
  controller.abort();
  const error = await t.throwsAsync<MkimageError>(course.run());
  t.is(error.code, "INTERRUPTED");
  t.true(course.calls.includes("finish /dev/sda"));
  t.false(course.calls.some((call) => call.startsWith("restart")));
  t.regex(course.said.at(-1) ?? "", /admin@old: its disks are complete; restart it/);
});

test("a tree of one disk that does not say where goes onto the only disk of a machine, and onto none of two", async (t) => {
  const one = fakeCourse(t, { request: { phases: untilReboot }, disks: { main: null } });
  t.is((await one.run()).disks[0]?.device, "/dev/sda");
  const two = { disks: [diskOf("sda", "one"), diskOf("sdb", "two")] };
  const course = fakeCourse(t, { request: { phases: untilReboot }, disks: { main: null }, before: two });
  const error = await t.throwsAsync<MkimageError>(course.run());
  t.regex(error.message, /nothing says which disk of the target becomes main/);
  t.is(error.details.length, 2);
});

test("the rescue system is looked for at another address where that is said", async (t) => {
  const rescueHost = { destination: "root@later", port: 22 };
  const course = fakeCourse(t, { request: { phases: untilReboot, rescueHost } });
  await course.run();
  t.true(course.calls.includes("connect root@later"));
  t.true(course.calls.includes("restart root@later"));
});

test("who waits for an answer alone waits for a machine that is still starting, and asks it nothing before", async (t) => {
  const nothing = { kind: "nothing", why: "Connection refused" } as const;
  const toplevel = temporaryFolder(t);
  mkdirSync(join(toplevel, "etc/ssh"), { recursive: true });
  writeFileSync(join(toplevel, "etc/ssh/sshd_config"), "");
  const system = { kind: "system", toplevel, boot: "new", uptimeSeconds: 4 } as const;
  const course = fakeCourse(t, {
    toplevel,
    request: { phases: ["prove"] },
    fails: { connect: new MkimageError("REMOTE_FAILED", "connection refused") },
    sights: [nothing, nothing, system],
  });
  const { facts, proof } = await course.run();
  t.is(facts, undefined);
  t.is(proof?.toplevel, toplevel);
  t.deepEqual(course.calls, ["observe admin@old", "observe admin@old", "observe admin@old"]);
});
