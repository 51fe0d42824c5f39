import { systemDrivers } from "../../src/deploy/drivers/system-drivers.ts";
import { askFacts } from "../../src/deploy/facts/ask-facts.ts";
import type { TargetFacts } from "../../src/deploy/facts/target-facts.ts";
import { expecting } from "../../src/deploy/known-keys.ts";
import { enterRescue } from "../../src/deploy/rescue/enter-rescue.ts";
import { kexecProgram } from "../../src/deploy/rescue/kexec-program.ts";
import { makeRescueSystem, type RescueRequest } from "../../src/deploy/rescue/rescue-system.ts";
import { chooseKernel } from "../../src/guest/kernel.ts";
import { connect, type Connection } from "../../src/remote/connection.ts";
import { silentReporter } from "./disk-dialogue.ts";
import type { ForeignMachine } from "./foreign-machine.ts";

/** Connects to a machine if it has the keys that it is known by. */
export function connectTo({ port, folder, key, hostKeys }: ForeignMachine): Promise<Connection> {
  const wishes = { options: ["IdentitiesOnly=yes", "BatchMode=yes", "ConnectTimeout=10"], identity: key };
  return connect({ destination: "root@127.0.0.1", port }, expecting(hostKeys, wishes, folder));
}

/** Connects to a machine that is starting. */
export async function answers(machine: ForeignMachine): Promise<Connection> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await connectTo(machine);
    } catch (error) {
      if (attempt > 20) throw new Error(machine.console(), { cause: error });
    }
  }
}

interface Way {
  /** A system, or a folder with a kernel. */
  readonly kernel: string;
  readonly deadlineSeconds: number;
  /** Makes another rescue system than the one that fits. */
  readonly change?: (request: RescueRequest) => RescueRequest;
}

export const deployment = "11111111-2222-3333-4444-555555555555";

/** Asks a machine what it is, and goes from its own system to the rescue system. */
export async function goToRescue(
  machine: ForeignMachine,
  { kernel: folder, deadlineSeconds, change = (request) => request }: Way,
): Promise<{ readonly facts: TargetFacts; readonly connection: Connection }> {
  const old = await answers(machine);
  const facts = await askFacts(old);
  const request: RescueRequest = {
    architecture: "x86_64",
    kernel: chooseKernel({ vmKernel: folder, needs: [] }),
    aliases: (await systemDrivers(folder))?.aliases ?? [],
    // A machine that is emulated on a busy one has late timers.
    parameters: ["console=ttyS0", "no_timer_check", "init=/nix/store/system/init"],
    firmware: undefined,
    target: facts,
    modules: [],
    programs: { tools: [] },
    marker: { version: "1.2.3", deployment, disks: [] },
    hostKeys: facts.hostKeys,
    authorizedKeys: facts.authorizedKeys,
    port: 22,
  };
  const system = await makeRescueSystem(change(request));
  const parts = { system, kexec: await kexecProgram(), deployment, boot: facts.boot };
  const options = { reporter: silentReporter, connect: () => connectTo(machine), deadlineSeconds };
  return { facts, connection: await enterRescue(old, parts, options) };
}
