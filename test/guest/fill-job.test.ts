import test from "ava";
import { copyCommand, fillJob, type FillRequest } from "../../src/guest/fill-job.ts";
import { MiB } from "../../src/base/units.ts";

const request: FillRequest = {
  scripts: { make: "make", mountFilled: "mount some", mountAll: "mount all", unmount: "unmount" },
  root: "/mnt",
  mountpoints: [],
  copies: [],
  contents: [],
  modules: ["dm_mod"],
  secrets: [],
  preparation: [{ title: "name the disk", argv: ["/vm/describe-device", "main"] }],
};
const toolbox = { steps: [{ title: "open the toolbox", argv: ["/vm/open-toolbox"] }], modules: ["ext4"] };
const bash = "/toolbox/bin/bash";

function commands(changes: Partial<FillRequest>): string[] {
  return fillJob({ ...request, ...changes }, toolbox).job.steps.map(({ argv }) => argv.join(" "));
}

test("without files and blocks, everything is made, and closed again", (t) => {
  t.deepEqual(commands({}), [
    "/vm/open-toolbox",
    "/vm/describe-device main",
    `${bash} /job/scripts/make`,
    `${bash} /job/scripts/unmount`,
  ]);
  t.deepEqual(fillJob(request, toolbox).job.modules, ["ext4", "dm_mod"]);
});

test("files are copied outer mount points first, and what is free is seen when they are mounted anew", (t) => {
  t.deepEqual(commands({ mountpoints: ["/", "/home"] }).slice(3), [
    `${bash} /job/scripts/mountFilled`,
    "/vm/attach-disk mkimage-source /source",
    "/vm/fill-folder /source/0 /mnt/",
    "/vm/fill-folder /source/1 /mnt/home",
    `${bash} /job/scripts/unmount`,
    `${bash} /job/scripts/mountFilled`,
    "/vm/measure-space /mnt/ 0",
    "/vm/measure-space /mnt/home 1",
    `${bash} /job/scripts/unmount`,
  ]);
});

test("the disk of blocks is set aside before anything is made, and its lists say what goes where", (t) => {
  const near = [
    { offset: 0, length: 4096 },
    { offset: 8192, length: 4096 },
    { offset: 9 * MiB, length: MiB },
  ];
  const secret = [
    { offset: 4096, length: 10 },
    { offset: 16384, length: 20 },
  ];
  const copies = [
    { start: 0, runs: near, secretRuns: [], secret: "secrets/0" },
    { start: 64 * MiB, runs: [{ offset: 0, length: MiB }], secretRuns: secret, secret: "secrets/1" },
  ];
  const disk = "/dev/mkimage/mkimage-blocks";
  t.is(commands({ copies })[2], "/vm/set-aside mkimage-blocks");
  const files = fillJob({ ...request, copies }, toolbox).job.files ?? [];
  const text = (path: string) => Buffer.from(files.find((file) => file.path === path)?.bytes ?? []).toString();
  t.is(text("blocks/0"), `${disk} 0 0 12288\n${disk} ${9 * MiB} ${9 * MiB} ${MiB}\n`);
  t.deepEqual(text("blocks/1").trim().split("\n"), [
    `${disk} ${64 * MiB} 0 ${MiB}`,
    "/job/secrets/1 0 4096 10",
    "/job/secrets/1 10 16384 20",
  ]);
  t.deepEqual(copyCommand(1), ["/vm/copy-blocks", "/job/blocks/1"]);
});

test("contents that come in memory are written into files that are there, and keep their time", (t) => {
  const contents = [{ secret: "secrets/content.0", path: "/etc/key", time: 7 }];
  t.true(
    commands({ mountpoints: ["/"], contents }).includes("/vm/write-content /job/secrets/content.0 /mnt/etc/key 7"),
  );
});

test("an installer has what was made mounted, and closed when it is done", (t) => {
  const { mount, close } = fillJob(request, toolbox);
  t.deepEqual(
    [...mount, ...close].map(({ argv }) => argv),
    [
      [bash, "/job/scripts/mountAll"],
      [bash, "/job/scripts/unmount"],
    ],
  );
});
