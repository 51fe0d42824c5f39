import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { MiB } from "../../src/base/units.ts";
import { carryOut, type Deployed } from "../../src/deploy/carry-out.ts";
import { deploy } from "../../src/deploy/deploy.ts";
import type { DeployHost } from "../../src/deploy/deploy-host.ts";
import type { DeployRequest } from "../../src/deploy/deploy-request.ts";
import type { TargetFacts } from "../../src/deploy/facts/target-facts.ts";
import type { RescueParts } from "../../src/deploy/rescue/enter-rescue.ts";
import type { Sight } from "../../src/deploy/observe.ts";
import { PhaseClock } from "../../src/deploy/phase-clock.ts";
import { phases } from "../../src/deploy/phases.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import type { Device } from "../../src/machine/device.ts";
import type { Connection } from "../../src/remote/connection.ts";
import type { StageOptions } from "../../src/remote/stage-remote.ts";
import { parseRequest } from "../../src/request/parse.ts";
import { freeDisk } from "../machine/free-disk.ts";
import { draftOf } from "../pipeline/drafts.ts";
import { fakeHost } from "../pipeline/fake-host.ts";
import { targetFacts } from "./target-facts.ts";

/** A disk that a machine uses for what it runs. */
export function diskOf(name: string, serial: string | undefined, more: Partial<Device> = {}): Device {
  return { ...freeDisk, path: `/dev/${name}`, name, serial, size: 600 * MiB, ...more };
}

/** How a deployment without machines goes. */
interface FakeWishes {
  readonly request?: Partial<DeployRequest>;
  /** The names of the tree's disks, with where the tree says that they are. */
  readonly disks?: Readonly<Record<string, string | null>>;
  readonly before?: Partial<TargetFacts>;
  /** Disks as the rescue system sees them. Default: the same. */
  readonly after?: readonly Device[];
  readonly sights?: readonly Sight[];
  /** Where the system is. Default: nowhere. */
  readonly toplevel?: string;
  /** The faults, by the name of what is asked of the machines. */
  readonly fails?: Partial<Record<keyof DeployHost, Error>>;
  readonly answer?: string;
  /** The needs of the rescue system. Default: none. */
  readonly memory?: number;
  readonly yesWipeAllDisks?: boolean;
  readonly dryRun?: boolean;
  readonly isTest?: boolean;
  readonly signal?: AbortSignal;
}

/** The requests to the machines, in order, and the notes to the user. */
interface FakeCourse {
  readonly calls: string[];
  readonly said: string[];
  readonly notes: string[];
  readonly run: () => Promise<Deployed>;
  /** The same from its beginning: the system is resolved. */
  readonly deploy: () => Promise<Deployed>;
}

/** A course whose machines are none: they say what would be done to them. */
export function fakeCourse(t: ExecutionContext, wishes: FakeWishes = {}): FakeCourse {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [calls, said]: [string[], string[]] = [[], []];
  const host = fakeHost(t, wishes.signal === undefined ? {} : { signal: wishes.signal });
  const request = deployRequest(wishes.request);
  const machines = fakeMachines(wishes, calls);
  const draft = draftOf(
    {},
    { tree: treeOf(wishes.disks), installer: { kind: "none", command: undefined, reason: "none is needed" } },
  );
  const { source } = draft.blueprint;
  if (source.system === undefined) throw new Error("a draft without a system");
  const system = { ...source.system, toplevel: wishes.toplevel ?? source.system.toplevel };
  const { answer, dryRun } = wishes;
  const course = {
    ...host.context,
    machines,
    dialogue: {
      say: (line: string) => void said.push(line),
      ask: answer === undefined ? undefined : () => Promise.resolve(answer),
    },
    isTest: wishes.isTest ?? false,
    inTurn: <Result>(ask: () => Promise<Result>) => ask(),
    yesWipeAllDisks: wishes.yesWipeAllDisks ?? answer === undefined,
    dryRun: dryRun === true ? { style: { width: 80, characters: "ascii", colours: false } as const } : undefined,
    request,
    prepared: { source, system, draft, devices: Object.fromEntries(request.disks) },
    clock: new PhaseClock(request.phases, machines.clock),
    folder,
    memoryFolder: folder,
    connections: new AsyncDisposableStack(),
  };
  return { calls, said, notes: host.notes, run: () => carryOut(course), deploy: () => deploy(request, course) };
}

/** A deployment as the command line asks for it, changed where a test wants. */
export function deployRequest(changes: Partial<DeployRequest> = {}): DeployRequest {
  return {
    build: parseRequest({}, {}),
    system: undefined,
    host: { destination: "admin@old", port: undefined },
    rescueHost: undefined,
    finalHost: undefined,
    ssh: { options: [] },
    passwordFrom: undefined,
    hardwareConfiguration: undefined,
    disks: [],
    extraFiles: { folders: [], owners: [] },
    phases,
    copiesHostKeys: false,
    touchesFirmware: false,
    deadlines: { rescueSeconds: 300, bootSeconds: 600 },
    ...changes,
  };
}

function treeOf(disks: Readonly<Record<string, string | null>> = { main: "/dev/sda" }) {
  const root = { type: "filesystem", format: "ext4", mountpoint: "/" };
  const data = { type: "filesystem", format: "ext4", mountpoint: "/data" };
  const disk = Object.entries(disks).map(([name, device], index) => {
    const content = { type: "gpt", partitions: { only: { size: "100%", content: index === 0 ? root : data } } };
    return [name, { type: "disk", ...(device === null ? {} : { device }), content }] as const;
  });
  return readDeviceTree({ disk: Object.fromEntries(disk) });
}

function fakeMachines(wishes: FakeWishes, calls: string[]): DeployHost {
  const { before = {}, after, fails = {}, sights = [] } = wishes;
  const facts = targetFacts({ disks: [diskOf("sda", "one")], ...before });
  let [time, looks, asked] = [0, 0, 0];
  const call = <Result>(
    name: keyof DeployHost,
    text: string,
    result: () => Result | Promise<Result>,
  ): Promise<Result> => {
    calls.push(`${name} ${text}`.trim());
    const error = fails[name];
    return error === undefined ? Promise.resolve().then(result) : Promise.reject(error);
  };
  const rescueDisks = after ?? facts.disks;
  const connectionTo = (destination: string): Connection => ({
    destination,
    run: () => Promise.reject(new Error("nothing runs there")),
    [Symbol.asyncDispose]: () => Promise.resolve(void calls.push(`close ${destination}`)),
  });
  return {
    connect: ({ destination }) => call("connect", destination, () => connectionTo(destination)),
    askFacts: ({ destination }) =>
      call("askFacts", destination, () => (asked++ === 0 ? facts : { ...facts, disks: rescueDisks })),
    makeRescue: ({ request }) =>
      call("makeRescue", "", () => ({
        parts: {} as RescueParts,
        host: request.rescueHost ?? { destination: "root@old", port: undefined },
        ssh: { options: [] },
        memory: wishes.memory ?? 0,
        notes: [],
      })),
    enterRescue: async (_, __, { connect }) => await call("enterRescue", "", connect),
    inspect: (_, path) =>
      call("inspect", path, () => {
        const device = rescueDisks.find(({ name }) => path === `/dev/${name}`) ?? diskOf("none", undefined);
        return { device, tools: new Set<string>() };
      }),
    stage: ({ device }, image, { known }: StageOptions) =>
      call("stage", `${device.path} ${known}`, () => ({
        ends: { head: new Uint8Array(), backup: undefined },
        imageSize: image.size,
        bytesWritten: 1,
        bytesVerified: 1,
        writeSeconds: 1,
        readSeconds: 1,
      })),
    finish: ({ device }, staged) =>
      call("finish", device.path, () => ({ ...staged, partitionsSeen: true, backupTable: undefined })),
    writeBootEntry: (_, { disk, partition, loader }) =>
      call("writeBootEntry", `${disk} ${partition} ${loader}`, () => undefined),
    restart: ({ destination }) => call("restart", destination, () => undefined),
    observe: ({ destination }) =>
      call("observe", destination, () => sights[Math.min(looks++, sights.length - 1)] ?? { kind: "nothing", why: "" }),
    clock: { now: () => time, pause: (seconds) => Promise.resolve(void (time += seconds)) },
  };
}
