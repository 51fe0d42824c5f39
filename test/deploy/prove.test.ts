import test from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import { quietOptions, readSight, sightOfFailure, type Sight } from "../../src/deploy/observe.ts";
import { prove } from "../../src/deploy/prove.ts";

const toplevel = "/nix/store/00000000000000000000000000000000-nixos-system-web";
const nothing: Sight = { kind: "nothing", why: "Connection refused" };
const rescue: Sight = { kind: "rescue", boot: "1" };
const otherKey: Sight = { kind: "other key" };
const noLogin: Sight = { kind: "no login" };
const old: Sight = { kind: "system", toplevel: "/nix/store/0-old", boot: "0", uptimeSeconds: 9000 };
const wanted: Sight = { kind: "system", toplevel, boot: "2", uptimeSeconds: 14 };

/** Proves a system that shows these sights, the last one for ever; a look takes a second. */
async function proveBy(...sights: readonly Sight[]) {
  let [time, looks] = [0, 0];
  const seen: string[] = [];
  const proof = prove({
    toplevel,
    deadlineSeconds: 600,
    look: () => ((time += 1), Promise.resolve(sights[Math.min(looks++, sights.length - 1)] as Sight)),
    clock: { now: () => time, pause: (seconds) => Promise.resolve(void (time += seconds)) },
    task: { detail: (text) => void seen.push(text) },
  });
  const error = await proof.then(
    () => undefined,
    (reason: unknown) => reason as MkimageError,
  );
  return { proof: error === undefined ? await proof : undefined, error, seconds: time, seen };
}

test("a system is proven when what was sent runs, whatever was seen before", async (t) => {
  const { proof, seen } = await proveBy(rescue, rescue, nothing, otherKey, noLogin, nothing, wanted);
  t.is(proof?.toplevel, toplevel);
  t.is(proof?.uptimeSeconds, 14);
  t.deepEqual(seen.slice(0, 2), ["the rescue system still runs", "the rescue system still runs"]);
});

const ends: readonly (readonly [string, Sight, RegExp])[] = [
  ["nothing answers", nothing, /nothing answers \(Connection refused\)/],
  ["the machine does not restart", rescue, /the rescue system still runs/],
  ["the old system starts again", old, /0-old runs/],
];

for (const [title, sight, last] of ends) {
  test(`it is given up at its deadline where ${title}, with what was last seen`, async (t) => {
    const { error, seconds } = await proveBy(sight);
    t.is(error?.code, "REMOTE_FAILED");
    t.regex(error?.message ?? "", /within 600 s/);
    t.regex(error?.details.join("\n") ?? "", last);
    t.true(seconds >= 600 && seconds < 610);
  });
}

for (const [title, sight] of Object.entries({ "another host key": otherKey, "no way in": noLogin })) {
  test(`${title} for a minute will not change, and is not waited for`, async (t) => {
    const { error, seconds } = await proveBy(nothing, sight);
    t.regex(error?.message ?? "", /cannot be asked/);
    t.true(seconds > 60 && seconds < 75);
  });
}

test("what ssh says when it does not get in is told apart", (t) => {
  const failure = (...details: string[]) => sightOfFailure(new MkimageError("REMOTE_FAILED", "failed", { details }));
  t.is(failure("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @").kind, "other key");
  t.is(failure("Host key verification failed.").kind, "other key");
  t.is(failure("root@host: Permission denied (publickey).").kind, "no login");
  t.deepEqual(failure("ssh: connect to host a port 22: Connection refused", ""), {
    kind: "nothing",
    why: "ssh: connect to host a port 22: Connection refused",
  });
});

test("a key that a machine takes and nobody can sign with is no missing key", async (t) => {
  const line =
    "debug1: Server accepts key: /root/.ssh/my key ED25519 SHA256:JHMInWr5SOChQ9LJHeUu4zQlmac1O7yr54ApOlV9gxk explicit";
  const details = ["ssh -T root@host", line, "root@host: Permission denied (publickey)."];
  const sight = sightOfFailure(new MkimageError("REMOTE_FAILED", "failed", { details }));
  t.deepEqual(sight, { kind: "locked key", path: "/root/.ssh/my key" });
  const { error, seconds } = await proveBy(sight);
  t.regex(error?.hint ?? "", /ssh-add '\/root\/\.ssh\/my key'/);
  t.true(seconds < 75);
});

test("what ssh says of its own way is not why nothing answers", (t) => {
  const details = ["ssh -T root@host", "ssh: connect to host a port 22: Connection refused", "debug1: done"];
  t.like(sightOfFailure(new MkimageError("REMOTE_FAILED", "failed", { details })), { why: details[1] });
});

test("a machine is asked without questions, but for the password that a program tells", (t) => {
  t.true(quietOptions({}).includes("BatchMode=yes"));
  t.false(quietOptions({ environment: { SSH_ASKPASS: "/run/print" } }).includes("BatchMode=yes"));
});

test("what a machine says of itself is its boot, its uptime and its system", (t) => {
  t.deepEqual(readSight(`b\n14.25\n${toplevel}\n`), { kind: "system", toplevel, boot: "b", uptimeSeconds: 14.25 });
  t.deepEqual(readSight("b\n1.00\nrescue\n"), { kind: "rescue", boot: "b" });
  t.deepEqual(readSight("b\n1.00\nnone\n"), { kind: "system", toplevel: "none", boot: "b", uptimeSeconds: 1 });
});
