import test from "ava";
import { scriptJob } from "../../src/guest/script-job.ts";

const request = {
  argv: ["/job/disko-script", "--yes-wipe-all-disks"],
  rules: "rules",
  required: ["/", "/boot"],
  root: "/mnt",
  mountpoints: ["/", "/boot"],
  contents: [],
  close: "close",
  modules: ["dm_mod"],
  preparation: [{ title: "put a file at /tmp/key", argv: ["/vm/place-file"] }],
  files: [],
  secrets: [],
};
const toolbox = { steps: [{ title: "open the toolbox", argv: ["/vm/open-toolbox"] }], modules: ["ext4"] };

test("a script runs when its keys are there and udev has named the disks, and is looked after before files are copied", (t) => {
  const { job, close } = scriptJob(request, toolbox);
  t.deepEqual(
    job.steps.map(({ argv }) => argv.join(" ")),
    [
      "/vm/open-toolbox",
      "/vm/place-file",
      "/vm/place-file /job/rules /run/udev/rules.d/00-mkimage.rules",
      "/vm/start-udev",
      "/job/disko-script --yes-wipe-all-disks",
      "/vm/require-mounted /mnt / /boot",
      "/vm/attach-disk mkimage-source /source",
      "/vm/fill-folder /source/0 /mnt/",
      "/vm/fill-folder /source/1 /mnt/boot",
      "/vm/measure-space /mnt/ 0",
      "/vm/measure-space /mnt/boot 1",
      "/vm/describe-filesystem /mnt/ 0",
      "/vm/describe-filesystem /mnt/boot 1",
    ],
  );
  t.deepEqual(job.modules, ["ext4", "dm_mod"]);
  t.deepEqual(close[0]?.argv, ["/toolbox/bin/bash", "/job/close"]);
});
