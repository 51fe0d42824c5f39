import { setTimeout as wait } from "node:timers/promises";
import { connect } from "../remote/connection.ts";
import { inspectRemote } from "../remote/inspect-remote.ts";
import { restartScript } from "../remote/scripts/restart.ts";
import { stageRemote } from "../remote/stage-remote.ts";
import { finishRemote } from "../remote/write-remote.ts";
import { writeBootEntry } from "./boot-entry.ts";
import type { DeployHost } from "./deploy-host.ts";
import { askFacts } from "./facts/ask-facts.ts";
import { observe } from "./observe.ts";
import { enterRescue } from "./rescue/enter-rescue.ts";

/** Machines that are reached over SSH. */
export const machinesOverSsh: DeployHost = {
  connect,
  askFacts,
  enterRescue,
  inspect: inspectRemote,
  stage: stageRemote,
  finish: finishRemote,
  writeBootEntry,
  restart: async (connection) => {
    await connection.run(restartScript, [], { deadlineSeconds: 60 });
  },
  observe,
  now: () => performance.now(),
  pause: async (seconds, signal) => {
    await wait(seconds * 1000, undefined, { signal });
  },
};
