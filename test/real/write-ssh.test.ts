import { writeFileSync, readFileSync } from "node:fs";
import test from "ava";
import { MiB } from "../../src/base/units.ts";
import { imageSize, makeImage, noise, writeAt } from "./disk-image.ts";
import { ask, judge, type LoopDevice, loopDevice, type Scope } from "./loop-device.ts";
import { runMkimage } from "./mkimage.ts";
import { type Login, sshMachine, type SshMachine } from "./ssh-machine.ts";

function consent({ path }: LoopDevice): string[] {
  return ["--yes", "--expect-size", judge("blockdev", "--getsize64", path)];
}

function at({ port }: SshMachine, { path }: LoopDevice, user = "root"): string {
  return `ssh://${user}@127.0.0.1:${port}${path}`;
}

test.serial("an image is on a disk of another machine, by the user's own ssh", async (t) => {
  const machine = await sshMachine(t);
  const image = makeImage(t, 512);
  const device = loopDevice(t, { size: 80 * MiB, filled: 0xa5 });
  const run = await runMkimage(["write", image, at(machine, device), ...consent(device), ...machine.options]);
  t.is(run.exitCode, 0, run.stderr);
  judge("cmp", "--ignore-initial", String(MiB), "--bytes", String(imageSize - 2 * MiB), image, device.path);
  t.regex(ask("sgdisk", "--verify", device.path).output, /No problems found/);
  judge("e2fsck", "-fn", `${device.path}p2`);
  t.regex(run.stdout, /read back from the device and compared/);
  t.true(run.stdout.includes(`root@127.0.0.1:${device.path}`));
});

const bySudo: Login = {
  user: "worker",
  shell: "/bin/bash",
  sudoers: "Defaults use_pty\nworker ALL=(ALL) NOPASSWD: ALL",
};
const logins: Readonly<Record<string, Login>> = {
  "root with a C shell": { user: "root", shell: "/bin/tcsh" },
  "a user by sudo, which makes a terminal": bySudo,
};

for (const [name, login] of Object.entries(logins)) {
  test.serial(`an image is on the disk for ${name}`, async (t) => {
    const machine = await sshMachine(t, login);
    const image = makeImage(t, 512);
    const device = loopDevice(t, { size: 80 * MiB, filled: 0xa5 });
    const run = await runMkimage([
      "write",
      image,
      at(machine, device, login.user),
      ...consent(device),
      ...machine.options,
    ]);
    t.is(run.exitCode, 0, run.stderr);
    judge("cmp", "--ignore-initial", String(MiB), "--bytes", String(imageSize - 2 * MiB), image, device.path);
    t.regex(ask("sgdisk", "--verify", device.path).output, /No problems found/);
  });
}

test.serial("a user who is not root there and may not become root is refused", async (t) => {
  const login = { user: "worker", shell: "/bin/tcsh" };
  const machine = await sshMachine(t, login);
  const device = loopDevice(t, { size: 80 * MiB, filled: 0xa5 });
  const run = await runMkimage([
    "write",
    makeImage(t, 512),
    at(machine, device, "worker"),
    ...consent(device),
    ...machine.options,
  ]);
  t.is(run.exitCode, 19, run.stderr);
  t.regex(run.stderr, /neither sudo -n nor doas -n works/);
});

test.serial("the connection ends with the program", async (t) => {
  const machine = await sshMachine(t);
  const device = loopDevice(t, { size: 80 * MiB });
  await runMkimage(["write", makeImage(t, 512), at(machine, device), "--dry-run", ...machine.options]);
  const count = (what: RegExp) => machine.log().match(what)?.length ?? 0;
  t.is(count(/Pubkey auth succeeded/g), 1);
  t.is(count(/Exit \(root\)/g), 1);
});

test.serial("a system is built straight onto a disk of another machine", async (t) => {
  const machine = await sshMachine(t);
  const device = loopDevice(t, { size: 64 * MiB, filled: 0xa5 });
  const build = ["build", "--root", "vm", "--partition", "legacy+gpt", "--write-to-disk", at(machine, device)];
  const run = await runMkimage([...build, ...consent(device), ...machine.options]);
  t.is(run.exitCode, 0, run.stderr);
  t.regex(ask("sgdisk", "--verify", device.path).output, /No problems found/);
  judge("e2fsck", "-fn", `${device.path}p2`);
});

const refusals = {
  "another host key than the known one": (machine: SshMachine) => {
    judge("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", `${machine.folder}/other`);
    const key = readFileSync(`${machine.folder}/other.pub`, "utf8");
    writeFileSync(machine.knownHosts, `[127.0.0.1]:${machine.port} ${key}`);
  },
  "a host that nobody knows": (machine: SshMachine) => writeFileSync(machine.knownHosts, ""),
  "a user who is not let in": (machine: SshMachine) => writeFileSync(`${machine.folder}/home/.ssh/authorized_keys`, ""),
  "a machine that is off": (machine: SshMachine) => machine.cut(),
};
for (const [name, arrange] of Object.entries(refusals)) {
  test.serial(`${name} ends it before anything is looked at`, async (t) => {
    const machine = await sshMachine(t);
    const device = loopDevice(t, { size: 80 * MiB, filled: 0xa5 });
    const before = readFileSync(device.file);
    arrange(machine);
    const run = await runMkimage([
      "write",
      makeImage(t, 512),
      at(machine, device),
      ...consent(device),
      ...machine.options,
    ]);
    t.is(run.exitCode, 19, run.stderr);
    t.regex(run.stderr, /the connection to root@127\.0\.0\.1 failed/);
    t.is(Buffer.compare(before, readFileSync(device.file)), 0);
  });
}

interface Break {
  readonly login?: Login;
  readonly exitCode: number;
  stop(machine: SshMachine, end: (signal: NodeJS.Signals) => void): void;
  /** The machine of the second run. */
  after(t: Scope, machine: SshMachine): Promise<SshMachine> | SshMachine;
}

const breaks: Readonly<Record<string, Break>> = {
  "a connection that is cut": { exitCode: 19, stop: (machine) => machine.cut(), after: (t) => sshMachine(t) },
  "Ctrl-C": { exitCode: 130, stop: (_, end) => end("SIGINT"), after: (_, machine) => machine },
  "Ctrl-C by way of sudo": {
    login: bySudo,
    exitCode: 130,
    stop: (_, end) => end("SIGINT"),
    after: (_, machine) => machine,
  },
};

for (const [name, { login, exitCode, stop, after }] of Object.entries(breaks)) {
  test.serial(`${name} leaves a disk without a table, and the same command ends it well`, async (t) => {
    const machine = await sshMachine(t, login);
    const image = makeImage(t, 512);
    const device = loopDevice(t, { size: 80 * MiB, filled: 0xa5 });
    judge("sgdisk", "--zap-all", "--new=1:0:0", device.path);
    writeAt(image, 20 * MiB, noise("much", 16 * MiB));
    const write = (to: SshMachine) => ["write", image, at(to, device, login?.user), ...consent(device), ...to.options];
    const run = await runMkimage(write(machine), {
      onStart: (child) =>
        child.stderr?.on("data", (text) => {
          if (String(text).includes("clearing both ends (")) stop(machine, (signal) => child.kill(signal));
        }),
    });
    t.is(run.exitCode, exitCode, run.stderr);
    judge("blockdev", "--flushbufs", device.path);
    t.is(judge("wipefs", "--no-act", device.path), "");
    const second = await runMkimage(write(await after(t, machine)));
    t.is(second.exitCode, 0, second.stderr);
    t.regex(ask("sgdisk", "--verify", device.path).output, /No problems found/);
  });
}
