import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { draft } from "../../src/pipeline/draft.ts";
import { sizingVersions } from "../../src/pipeline/sizing-versions.ts";
import { parseRequest } from "../../src/request/parse.ts";
import { draftOf } from "./drafts.ts";
import { fakeHost } from "./fake-host.ts";

// What a filesystem keeps for itself can depend on the version of the program that makes it.

for (const [version, mebibytes] of [
  ["1.15.0", 175],
  ["1.16.0", 146],
] as const) {
  test(`100 MiB free on f2fs is an image of ${mebibytes} MiB with mkfs.f2fs ${version}`, async (t) => {
    const run = () => Promise.resolve({ stdout: `mkfs.f2fs ${version} (2023-04-11)\n`, stderr: "" });
    const { context, folder } = fakeHost(t, { host: { run } });
    mkdirSync(join(folder, "tree"));
    const request = { root: join(folder, "tree"), partition: "none", fsType: "f2fs", additionalSpace: "100M" } as const;
    const { plan } = await draft(parseRequest({}, request), undefined, folder, context);
    t.is((plan.layout.disks[0]?.size ?? 0) / 1024 ** 2, mebibytes);
  });
}

test("nobody is asked where no filesystem is sized by a version", async (t) => {
  const { context, commands } = fakeHost(t);
  const { blueprint } = draftOf({ partition: "efi", fsType: "btrfs" });
  t.deepEqual(await sizingVersions(blueprint, context), new Map());
  t.deepEqual(commands, []);
});

test("a program of a toolbox is not run: its package says its version", async (t) => {
  const { context, folder, commands } = fakeHost(t);
  const request = { partition: "efi", fsType: "f2fs", toolbox: join(folder, "toolbox") } as const;
  const program = join(folder, "00000000000000000000000000000000-f2fs-tools-1.15.0/bin/mkfs.f2fs");
  for (const path of [program, join(request.toolbox, "bin/mkfs.f2fs")])
    mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(program, "");
  const { blueprint } = draftOf(request);
  t.deepEqual(await sizingVersions(blueprint, context), new Map(), "the program is not in it");
  symlinkSync(program, join(request.toolbox, "bin/mkfs.f2fs"));
  t.deepEqual(await sizingVersions(blueprint, context), new Map([["mkfs.f2fs", "1.15.0"]]));
  t.deepEqual(commands, []);
});
