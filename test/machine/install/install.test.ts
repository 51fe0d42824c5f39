import test from "ava";
import { GiB } from "../../../src/base/units.ts";
import { MkimageError } from "../../../src/base/errors.ts";
import { readDeviceTree } from "../../../src/devices/tree/read.ts";
import type { InstallRequest } from "../../../src/machine/install/install-request.ts";
import { installPrepared } from "../../../src/machine/install/install.ts";
import type { PreparedInstall } from "../../../src/machine/install/prepare-install.ts";
import { fakeMachine } from "../fake-machine.ts";
import { freeDisk } from "../free-disk.ts";

// The decisions of an installation, on a machine that does nothing.

const toplevel = "/nix/store/00000000000000000000000000000000-nixos-system-demo";
const root = { type: "filesystem", format: "ext4", mountpoint: "/" };

const treeOf = (content: object) => {
  const partitions = { root: { size: "100%", content } };
  return readDeviceTree({ disk: { main: { device: "/dev/sdb", content: { type: "gpt", partitions } } } });
};

const prepared: PreparedInstall = {
  tree: treeOf(root),
  installation: {
    root: "/mnt",
    toplevel,
    extraFiles: [],
    writesVariables: false,
    nixosInstall: undefined,
    installsBootloader: false,
  },
  closure: { paths: [], roots: [] },
  devices: {},
};

const request: InstallRequest = {
  system: toplevel,
  file: undefined,
  attr: undefined,
  devices: undefined,
  lib: undefined,
  expressions: {},
  strings: {},
  disks: [],
  mode: "format",
  extraFiles: [],
  writesVariables: false,
  settings: undefined,
  root: "/mnt",
  seed: undefined,
  nixArguments: [],
};

const disks = { main: { ...freeDisk, size: 2 * GiB } };

interface Scene {
  readonly mode?: "format" | "mount";
  readonly answer?: string;
  readonly failsAt?: RegExp;
  readonly means?: "missing";
  readonly abort?: AbortController;
  /** Default: a filesystem alone. */
  readonly content?: object;
}

/** An installation, with what was said, asked and done; `error` where it failed. */
async function installed({ mode = "format", answer = "/dev/sdb", failsAt, means, abort, content = root }: Scene) {
  const said: string[] = [];
  const steps: string[] = [];
  const onStep = (title: string) => {
    if (failsAt?.test(title) !== true) return;
    abort?.abort();
    throw new MkimageError("COMMAND_FAILED", `could not ${title}`);
  };
  const { machine, log } = fakeMachine({ disks, onStep, ...(means === undefined ? {} : { means }) });
  const tree = treeOf(content);
  const work = installPrepared(
    { ...request, mode },
    { ...prepared, tree },
    {
      machine,
      signal: (abort ?? new AbortController()).signal,
      dialogue: { say: (line) => void said.push(line), ask: async () => answer },
      yesWipeAllDisks: false,
      onStep: (title) => void steps.push(title),
    },
  );
  const [outcome] = await Promise.allSettled([work]);
  return {
    outcome,
    log,
    said,
    steps,
    error: outcome.status === "rejected" ? (outcome.reason as MkimageError) : undefined,
  };
}

test("disks are looked at, programs looked for, disks held, and then all is one script", async (t) => {
  const { outcome, log, steps } = await installed({});
  t.deepEqual(log, ["survey", "look for programs", "hold /dev/sdb", "run", "release"]);
  t.deepEqual(outcome, {
    status: "fulfilled",
    value: { system: toplevel, disks: [{ name: "main", device: "/dev/sdb" }] },
  });
  const order = [/^wipe /, /^make partition 1/, /^mount /, /^copy the system/, /^unmount /];
  const places = order.map((pattern) => steps.findLastIndex((title) => pattern.test(title)));
  t.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
    steps.join("\n"),
  );
  t.false(places.includes(-1), steps.join("\n"));
});

test("without consent nothing runs, and the disks are free again", async (t) => {
  const { error, log } = await installed({ answer: "yes" });
  t.like(error, { code: "REFUSED_DEVICE", hint: "nothing was changed" });
  t.deepEqual(log, ["survey", "look for programs", "hold /dev/sdb", "release"]);
});

test("what the machine lacks is told before a disk is held", async (t) => {
  const { error, log } = await installed({ means: "missing" });
  t.is(error?.code, "MISSING_TOOL");
  t.deepEqual(log, ["survey", "look for programs"]);
});

test("disks that are kept are neither wiped nor made, and nobody is asked", async (t) => {
  const { error, steps } = await installed({ mode: "mount", answer: "no" });
  t.is(error, undefined);
  t.deepEqual(
    steps.filter((title) => /^(wipe|make)/.test(title) && !title.includes("generation")),
    [],
  );
});

test("a token is looked for before a disk is wiped; without it nothing was changed", async (t) => {
  const content = { type: "luks", name: "c", enrollFido2: true, content: root };
  const { steps } = await installed({ content });
  const look = steps.indexOf("look for what the keys of c need");
  t.true(look >= 0 && look < steps.findIndex((title) => title.startsWith("wipe ")), steps.join("\n"));
  const { error } = await installed({ content, failsAt: /^look for what the keys/ });
  t.is(error?.hint, "nothing was changed");
});

const states: readonly (readonly [string, RegExp, RegExp])[] = [
  ["wiping", /^wipe /, /^what was on the disks may be lost; the same command starts anew$/],
  ["formatting", /^make partition/, /^the disks are formatted in part; the same command starts anew$/],
  ["mounting", /^mount /, /^the disks are formatted and empty; .* --mode mount goes on from here$/],
  ["copying", /^copy the system/, /^the disks are formatted, and the system on them is not complete; .* --mode mount/],
];

for (const [what, failsAt, hint] of states) {
  test(`a failure while ${what} says in what state the disks are, and gives them back`, async (t) => {
    const { error, log } = await installed({ failsAt });
    t.is(error?.code, "COMMAND_FAILED");
    t.regex(error?.hint ?? "", hint);
    t.deepEqual(log.slice(-3), ["run", "run", "release"], "what was mounted is unmounted");
  });
}

test("what cannot be unmounted after a failure is told too", async (t) => {
  const { error } = await installed({ failsAt: /^(copy the system|unmount)/ });
  t.regex(error?.hint ?? "", /the disks are still mounted: could not unmount/);
});

test("who interrupts it is told the state, since an interruption shows no error", async (t) => {
  const { said } = await installed({ failsAt: /^mount /, abort: new AbortController() });
  t.regex(said.at(-1) ?? "", /^the disks are formatted and empty/);
});
