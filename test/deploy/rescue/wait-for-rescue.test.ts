import test from "ava";
import { MkimageError } from "../../../src/base/errors.ts";
import { waitForRescue } from "../../../src/deploy/rescue/wait-for-rescue.ts";
import type { Connection } from "../../../src/remote/connection.ts";
import { fakeClock, fakeConnection } from "./fake-connection.ts";

const failed =
  (...details: readonly string[]) =>
  () => {
    throw new MkimageError("REMOTE_FAILED", "the connection to root@target failed", { details });
  };
const system =
  (boot: string, marker = "") =>
  () =>
    fakeConnection(() => `${boot}\n${marker}`);
const refused = failed("ssh: connect to host target port 22: Connection refused");
const silent = failed("ssh: connect to host target port 22: Connection timed out");
const otherKey = failed("@  WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!  @", "Host key verification failed.");
const locked = failed("root@target: Permission denied (publickey).");
const rescue = system("new", "version 1\ndeployment ours\n");

/** The outcome of each try to connect, the last again and again. */
async function wait(meetings: readonly (() => Connection)[], deadlineSeconds = 60) {
  const seen: string[] = [];
  let tries = 0;
  const connect = async () => (meetings[Math.min(tries++, meetings.length - 1)] as () => Connection)();
  const waiting = waitForRescue({
    connect,
    deployment: "ours",
    boot: "old",
    deadlineSeconds,
    clock: fakeClock(),
    onSeen: (text) => seen.push(text),
  });
  return { seen, tries: () => tries, result: await waiting.catch((error: unknown) => error as MkimageError) };
}

test("it is waited for while the old system goes down and nothing answers, and each change is told once", async (t) => {
  const { seen, result } = await wait([system("old"), system("old"), silent, silent, refused, refused, rescue]);
  t.deepEqual(seen, ["the old system still answers", "nothing answers", "the connection is refused"]);
  t.false(result instanceof Error);
});

const ends = {
  "nothing answers": [silent, /did not answer within 60 s: nothing answers/],
  "it is refused": [refused, /the connection is refused/],
  "another key answers": [otherKey, /a machine with another host key answers/],
  "nobody is let in": [locked, /it answers, but lets nobody in/],
  "the old system stays": [system("old"), /the old system still answers/],
  "ssh says something else": [failed("ssh: Could not resolve hostname target"), /Could not resolve hostname target/],
} as const;
for (const [name, [meeting, message]] of Object.entries(ends)) {
  test(`an end is made in time where ${name}, which the error tells`, async (t) => {
    const { result, tries } = await wait([meeting]);
    t.is((result as MkimageError).code, "REMOTE_FAILED");
    t.regex((result as MkimageError).message, message);
    t.is(tries(), 31);
  });
}

for (const [name, meeting, message] of [
  ["the old system", system("another"), /has started, but into its old system/],
  ["another deployment's", system("another", "version 1\ndeployment theirs\n"), /of another deployment/],
] as const) {
  test(`${name} after a new start is no reason to wait on`, async (t) => {
    const { result, tries } = await wait([silent, meeting, rescue]);
    t.regex((result as MkimageError).message, message);
    t.is(tries(), 2);
  });
}

test("a machine that was away and lets nobody in again is its old system, though it cannot be asked", async (t) => {
  const { result, tries } = await wait([silent, refused, locked], 300);
  t.regex((result as MkimageError).message, /has started, but into its old system/);
  t.is(tries(), 33);
});

test("an old system that is silent for a moment is waited for", async (t) => {
  const { result } = await wait([locked, silent, ...Array.from({ length: 20 }, () => locked), silent, rescue], 300);
  t.false(result instanceof Error);
});

test("connections to what is not the rescue system are closed", async (t) => {
  const old = fakeConnection(() => "old\n");
  await wait([() => old, rescue]);
  t.false(old.isOpen());
});

test("a rescue system that is to be started anew is the old system as long as it is there", async (t) => {
  const { seen } = await wait([system("old", "version 1\ndeployment ours\n"), rescue]);
  t.deepEqual(seen, ["the old system still answers"]);
});

test("an error that waiting does not mend is told at once", async (t) => {
  const { result } = await wait([
    () => {
      throw new MkimageError("MISSING_TOOL", "the program ssh is not installed");
    },
  ]);
  t.is((result as MkimageError).code, "MISSING_TOOL");
});

test("Ctrl-C ends it", async (t) => {
  const waiting = waitForRescue({
    connect: async () => silent(),
    deployment: "ours",
    boot: "old",
    deadlineSeconds: 60,
    clock: fakeClock(),
    onSeen: () => {},
    signal: AbortSignal.abort(),
  });
  t.is((await t.throwsAsync<MkimageError>(waiting))?.code, "INTERRUPTED");
});
