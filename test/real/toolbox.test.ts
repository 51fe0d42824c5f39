import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { chooseKernel } from "../../src/guest/kernel.ts";
import { runGuest } from "../../src/guest/run-guest.ts";
import { openToolbox, toolboxPath } from "../../src/guest/toolbox/toolbox.ts";
import { contentOf } from "../../src/manifest/file-content.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { findTool } from "../../src/runtime/tools.ts";
import { demoSystem, offlineNix } from "./mkimage.ts";

test.serial("Debian's programs and programs that Nix built run in a guest without the rest of either", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-toolbox-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const toplevel = demoSystem("systemd-boot");
  const options = { architecture: "x86_64", workFolder: folder, cacheFolder: folder } as const;
  const programs = join(folder, "bin");
  mkdirSync(programs);
  symlinkSync(join(toplevel, "sw/bin/blkid"), join(programs, "blkid"));
  const toolbox = await withNix(programs, () => {
    t.regex(realpathSync(findTool("blkid")), /^\/nix\/store\//);
    t.regex(findTool("mkfs.xfs"), /^\/(usr\/)?sbin\//);
    return openToolbox(["blkid", "mkfs.xfs"], options);
  });
  const ask = `${toolboxPath("blkid")} --version >/results/files/blkid; ls /nix/store >/results/files/store`;
  const { results } = await runGuest(
    {
      architecture: "x86_64",
      acceleration: "tcg",
      kernel: chooseKernel({ toplevel, needs: toolbox.modules }),
      disks: [toolbox.disk],
    },
    { modules: toolbox.modules, steps: [...toolbox.steps, { title: "ask", argv: ["sh", "-c", ask] }] },
    { logPath: join(folder, "log"), resultsPath: join(folder, "results"), deadlineSeconds: 120 },
  );
  t.is(toolbox.steps.length, 3);
  const said = (name: string): string => {
    const inode = lookUp(results, `files/${name}`);
    return inode?.type === "file" ? contentOf(inode).toString("utf8") : "";
  };
  t.regex(said("blkid"), /util-linux 2\.\d+/);
  t.regex(said("store"), /util-linux/);
  t.true(readdirSync("/nix/store").length > said("store").trim().split("\n").length);
});

test.serial("a toolbox of one's own has its programs from a store path, and nothing of this machine", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-toolbox-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const toplevel = demoSystem("none");
  const storePath = realpathSync(join(toplevel, "sw"));
  const options = { architecture: "x86_64", workFolder: folder, cacheFolder: folder, storePath } as const;
  const toolbox = await withNix("/nonexistent", () => openToolbox(["bash", "blkid"], options));
  const ask = `{ readlink -f ${toolboxPath("blkid")}; ls /toolbox/root; } >/results/files/said`;
  const { results } = await runGuest(
    {
      architecture: "x86_64",
      acceleration: "tcg",
      kernel: chooseKernel({ toplevel, needs: toolbox.modules }),
      disks: [toolbox.disk],
    },
    {
      modules: toolbox.modules,
      steps: [...toolbox.steps, { title: "ask", argv: [toolboxPath("bash"), "-c", ask] }],
    },
    { logPath: join(folder, "log"), resultsPath: join(folder, "results"), deadlineSeconds: 120 },
  );
  const said = lookUp(results, "files/said");
  const [path, ...folders] = said?.type === "file" ? contentOf(said).toString("utf8").trim().split("\n") : [];
  t.regex(path ?? "", /^\/toolbox\/root\/nix\/store\/.*blkid/);
  t.deepEqual(folders, ["nix"]);
});

/** The programs of a folder come first, and Nix is asked offline. */
async function withNix<T>(programs: string, act: () => Promise<T>): Promise<T> {
  const before = { PATH: process.env["PATH"], NIX_CONFIG: process.env["NIX_CONFIG"] };
  Object.assign(process.env, { ...offlineNix, PATH: `${programs}:${before.PATH}` });
  try {
    return await act();
  } finally {
    process.env["PATH"] = before.PATH;
    if (before.NIX_CONFIG === undefined) delete process.env["NIX_CONFIG"];
  }
}
