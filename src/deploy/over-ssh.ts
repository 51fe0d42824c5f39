import { connect } from "../remote/connection.ts";
import { inspectRemote } from "../remote/inspect-remote.ts";
import { restartScript } from "../remote/scripts/restart.ts";
import { stageRemote } from "../remote/stage-remote.ts";
import { finishRemote } from "../remote/write-remote.ts";
import { ownClock } from "../runtime/clock.ts";
import { writeBootEntry } from "./boot-entry.ts";
import type { DeployHost } from "./deploy-host.ts";
import { askFacts } from "./facts/ask-facts.ts";
import { makeRescue } from "./make-rescue.ts";
import { observe } from "./observe.ts";
import { enterRescue } from "./rescue/enter-rescue.ts";

/** Machines that are reached over SSH. */
export const machinesOverSsh: DeployHost = {
  connect,
  askFacts,
  makeRescue,
  enterRescue,
  inspect: inspectRemote,
  stage: stageRemote,
  finish: finishRemote,
  writeBootEntry,
  restart: async (connection) => {
    await connection.run(restartScript, [], { deadlineSeconds: 60 });
  },
  observe,
  clock: ownClock,
};
