import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MiB, roundUp } from "../../base/units.ts";
import { chooseAcceleration } from "../../guest/acceleration.ts";
import { copyVariables, findFirmware } from "../../guest/firmware.ts";
import type { Disk } from "../../guest/qemu.ts";
import { diskSerial } from "../../pipeline/plan/disk-serial.ts";
import type { Course } from "../course.ts";
import type { DeployHost } from "../deploy-host.ts";
import type { DeployRequest } from "../deploy-request.ts";
import { makeHostKey } from "../access-key.ts";
import type { Rescue } from "../make-rescue.ts";
import type { PreparedDeployment } from "../prepare-deployment.ts";
import { waitForRescue } from "../rescue/wait-for-rescue.ts";
import { freePort } from "../../runtime/free-port.ts";
import { restartScript } from "../../remote/scripts/restart.ts";
import { type StartedMachine, startMachine, type TestParts } from "./machine-in-qemu.ts";
import { testFacts } from "./test-facts.ts";

/** A deployment to a machine of QEMU's, in place of the user's. */
interface TestDeployment {
  readonly request: DeployRequest;
  readonly prepared: PreparedDeployment;
  readonly machines: DeployHost;
}

/**
 * Makes a machine of QEMU's with empty disks to stand for the target of a deployment: it starts into the rescue system, which kexec
 * would start, and from its disks afterwards. It ends with the course.
 *
 * @throws MkimageError MISSING_TOOL; as `makeRescue`.
 */
export async function testDeployment(course: Course): Promise<TestDeployment> {
  const { prepared, machines, connections, memoryFolder, signal } = course;
  const parts = await partsOf(course);
  const host = { destination: "root@127.0.0.1", port: parts.sshPort };
  const request = { ...course.request, host, rescueHost: host, finalHost: host };
  const firmware = parts.firmware === undefined ? "bios" : "efi";
  const facts = testFacts(parts.architecture, firmware, await makeHostKey(memoryFolder));
  const rescue = await machines.makeRescue({ request, prepared, facts, memoryFolder, signal });
  const initrd = join(memoryFolder, "test-initrd");
  writeFileSync(initrd, rescue.parts.system.initrd, { mode: 0o600 });
  const { kernel: image, parameters } = rescue.parts.system;
  const started = startMachine(parts, { image, initrd, parameters });
  const machine = { parts, running: started };
  connections.defer(async () => await machine.running.stop());
  return {
    request,
    prepared: { ...prepared, devices: devicesOf(prepared) },
    machines: { ...machines, ...standIn(course, machine, rescue) },
  };
}

/** A machine that has been switched on, perhaps for a second time. */
interface OwnMachine {
  readonly parts: TestParts;
  running: StartedMachine;
}

/** The part of a deployment's reach that differs for a machine of its own. */
function standIn(
  { machines, request, signal, reporter }: Course,
  machine: OwnMachine,
  rescue: Rescue,
): Partial<DeployHost> {
  const connectOnce = () => {
    machine.running.requireRunning();
    return machines.connect(rescue.host, rescue.ssh);
  };
  return {
    connect: () =>
      reporter.task("Starting the test machine", ({ detail }) =>
        waitForRescue({
          ...rescue.parts,
          connect: connectOnce,
          deadlineSeconds: request.deadlines.rescueSeconds,
          clock: machines.clock,
          onSeen: detail,
          signal,
        }),
      ),
    restart: async (connection) => {
      await connection.run(restartScript, [], { deadlineSeconds: 60 });
      await machine.running.ended;
      machine.running = startMachine(machine.parts, undefined);
    },
    observe: async (...asked) => {
      machine.running.requireRunning();
      return await machines.observe(...asked);
    },
  };
}

async function partsOf({ prepared, request, reporter, folder, signal }: Course): Promise<TestParts> {
  const { architecture, firmware } = prepared.system;
  const { acceleration, note } = await chooseAcceleration(request.build.accel, { architecture, signal });
  if (note !== undefined) reporter.note(note);
  return {
    architecture,
    acceleration,
    firmware: firmware?.uefi === true ? flashIn(folder, architecture) : undefined,
    disks: disksIn(folder, prepared),
    sshPort: await freePort(),
    signal,
  };
}

/** Empty disks, each with room for what is planned for it. */
function disksIn(folder: string, { draft }: PreparedDeployment): Disk[] {
  return draft.plan.layout.disks.map(({ size, sectorSize, name }, index) => {
    const path = join(folder, `test-disk.${index}`);
    writeFileSync(path, "");
    truncateSync(path, roundUp(size, MiB) + MiB);
    return { path, format: "raw", serial: diskSerial(name), access: "scratch", sectorSize };
  });
}

/** The kernel names disks of QEMU's in their order. */
function devicesOf({ draft }: PreparedDeployment): Readonly<Record<string, string>> {
  const names = draft.plan.layout.disks.map(({ name }) => name);
  return Object.fromEntries(names.map((name, index) => [name, `/dev/vd${String.fromCodePoint(0x61 + index)}`]));
}

function flashIn(folder: string, architecture: TestParts["architecture"]): TestParts["firmware"] {
  const firmware = findFirmware({ architecture });
  const variables = join(folder, "test-variables.fd");
  copyVariables(firmware, variables);
  return { ...firmware, variables };
}
