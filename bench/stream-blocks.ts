import { draftForTarget, layOut } from "../src/deploy/lay-out.ts";
import { surroundingsOf } from "../src/cli/surroundings.ts";
import { readSystem } from "../src/pipeline/draft.ts";
import { connect } from "../src/remote/connection.ts";
import { inspectRemote } from "../src/remote/inspect-remote.ts";
import { stageRemote } from "../src/remote/stage-remote.ts";
import { finishRemote } from "../src/remote/write-remote.ts";
import { parseRequest } from "../src/request/parse.ts";
import { silentTask } from "../src/runtime/reporter.ts";
import { openTemporaryWorkspace } from "../src/runtime/workspace.ts";

// What `mkimage deploy` does in its phases disks and install, for a folder of files in place of a system:
// node bench/stream-blocks.ts FOLDER PORT KEY KNOWN-HOSTS DEVICE.

const [root = "", port, identity, knownHosts, device = ""] = process.argv.slice(2);
const { signal } = new AbortController();
let title = "";
const times: string[] = [];
const request = parseRequest({}, { root, partition: "legacy+gpt" });
const context = {
  ...surroundingsOf(request, signal),
  reporter: {
    note: () => {},
    task: async <Result>(name: string, work: (task: typeof silentTask) => Promise<Result>) => {
      const start = performance.now();
      title = name;
      const result = await work(silentTask);
      times.push(`${title} ${((performance.now() - start) / 1000).toFixed(1)} s`);
      return result;
    },
  },
};
const workspace = await openTemporaryWorkspace();
try {
  const host = { destination: "root@127.0.0.1", port: Number(port) };
  const ssh = { identity, options: [`UserKnownHostsFile=${knownHosts}`, "BatchMode=yes"], signal };
  await using connection = await connect(host, ssh);
  const target = { connection, ...(await inspectRemote(connection, device, signal)) };
  const source = await readSystem(request, undefined, workspace.folder, context);
  const disk = { name: "main", path: device, device: target.device };
  const drafted = await draftForTarget(request, source, [disk], context);
  const [laid] = (await layOut(drafted, workspace.folder, context)).disks;
  if (laid === undefined) throw new Error("nothing was laid out");
  const staged = await stageRemote(target, laid.image, context);
  await finishRemote(target, staged, context);
  process.stderr.write(
    `${times.join(", ")}; ${staged.bytesWritten} bytes written, ${staged.bytesVerified} read back\n`,
  );
} finally {
  workspace.remove();
}
