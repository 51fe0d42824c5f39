import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { judge, runMkimage, testFolder } from "./mkimage.ts";

const project = join(import.meta.dirname, "../..");

/** The package, installed into a prefix of its own that has nothing of the clone. */
function installPackage(t: ExecutionContext): string {
  const folder = testFolder(t);
  const npm = (...words: readonly string[]) =>
    execFileSync("npm", [...words, "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], {
      cwd: project,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  npm("pack", "--pack-destination", folder);
  const [name = ""] = readdirSync(folder);
  npm("install", "--global", "--prefix", join(folder, "prefix"), join(folder, name));
  return join(folder, "prefix");
}

test("the package works where npm has installed it, without make and with its native part from its own package", async (t) => {
  const prefix = installPackage(t);
  const own = join(prefix, "lib/node_modules/mkimage");
  t.false(existsSync(join(own, "dist/koffi.node")));
  t.false(existsSync(join(own, "src")));
  const through = ["sh", "-c", 'shift; exec "$0" "$@"', join(prefix, "bin/mkimage")];
  const environment = { PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` };
  const out = join(prefix, "out");
  const tree = join(project, "vm");
  const build = ["build", "--root", tree, "--partition", "none", "--additional-space", "1M", "--out", out];
  const { exitCode, stderr } = await runMkimage(build, { through, environment });
  t.is(exitCode, 0, stderr);
  t.notThrows(() => judge("e2fsck", "-fn", join(out, "nixos.img")));
  const page = join(prefix, "page.html");
  t.is((await runMkimage(["inspect", join(out, "nixos.img"), "--html", page], { through, environment })).exitCode, 0);
  t.true(existsSync(page));

  const old = join(prefix, "old.cjs");
  writeFileSync(
    old,
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });',
  );
  const onOldNode = { ...environment, NODE_OPTIONS: `--require=${old}` };
  const refused = await runMkimage(["--version"], { through, environment: onOldNode });
  t.is(refused.exitCode, 5);
  t.regex(refused.stderr, /^mkimage: this is Node 20\.20\.2, and mkimage runs on 24 or newer\nhint: /);
});
