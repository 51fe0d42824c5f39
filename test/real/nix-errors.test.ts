import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import { parseFlakeReference } from "../../src/nix/source.ts";
import { resolveSystem } from "../../src/nix/resolve.ts";
import { readDevices } from "../../src/request/read-devices.ts";
import { derivation, scratchFolder, useOfflineNix } from "../nix/nix.ts";
import { withEachNix } from "../nix/nixes.ts";

const testWithEachNix = withEachNix(test);

// What the user reads when Nix fails: its decisive words first, whichever Nix it is.

useOfflineNix();
const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const system = derivation("nixos-system-web", "mkdir $out").replace("builtins.currentSystem", '"x86_64-linux"');
const failing = derivation("failing", "echo hello; echo the reason >&2; exit 3").replace(
  "builtins.currentSystem",
  '"x86_64-linux"',
);

/** A flake in a Git repository, with these systems by their toplevels. */
function flake(systems: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(scratch, "flake-"));
  const texts = Object.entries(systems).map(([name, value]) => `${name}.config.system.build.toplevel = ${value};`);
  writeFileSync(
    join(folder, "flake.nix"),
    `{ outputs = { self }: { nixosConfigurations = {\n${texts.join("\n")}\n}; }; }`,
  );
  execFileSync("git", ["init", "--quiet", folder], { stdio: "ignore" });
  track(folder, "flake.nix");
  return folder;
}

function track(folder: string, name: string): void {
  execFileSync("git", ["-C", folder, "add", name]);
}

async function faultOf(work: Promise<unknown>): Promise<MkimageError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof MkimageError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

async function resolveFault(folder: string, name: string, nixArguments: readonly string[] = []): Promise<MkimageError> {
  return faultOf(resolveSystem(parseFlakeReference(`${folder}#${name}`), { nixArguments }));
}

testWithEachNix(
  "an evaluation that fails: the error, its place, Nix's own suggestion, and how to see more",
  async (t) => {
    const folder = flake({ web: "(x: x.nam)\n{ name = 1; }" });
    const { code, message, details, hint } = await resolveFault(folder, "web");
    t.is(code, "RESOLVE_FAILED");
    t.is(message, `building config.system.build.toplevel of ${folder}#web failed`);
    t.is(details[0], "error: attribute 'nam' missing");
    t.true(details.includes("Did you mean name?"));
    t.regex(details.join("\n"), /^at \/.*flake\.nix:2$/m);
    t.regex(details.at(-1) ?? "", /^\/.*nix .* build /, "the command comes last");
    t.regex(hint ?? "", /--show-trace/);
    const traced = await resolveFault(folder, "web", ["--show-trace"]);
    t.is(traced.details[0], "error: attribute 'nam' missing");
    t.true(traced.details.length > details.length);
  },
);

testWithEachNix("a build that fails: the builder, and the last lines of its log", async (t) => {
  const folder = flake({
    web: derivation("outer", `echo \${${failing}} > $out`).replace("builtins.currentSystem", '"x86_64-linux"'),
  });
  const { details } = await resolveFault(folder, "web");
  t.regex(details[0] ?? "", /^error: (builder for|Cannot build) '\/nix\/store\/\S+-failing\.drv'/);
  t.deepEqual(
    details.filter((line) => line.startsWith("failing> ")),
    ["failing> hello", "failing> the reason"],
  );
});

testWithEachNix("assertions that fail: each of them, whole", async (t) => {
  const text = "throw ''\n\nFailed assertions:\n- The root is not set.\n- Two lines\n  of one assertion.''";
  const { details } = await resolveFault(flake({ web: `(${text})` }), "web");
  t.deepEqual(details.slice(0, 4), [
    "error: Failed assertions:",
    "- The root is not set.",
    "- Two lines",
    "  of one assertion.",
  ]);
});

testWithEachNix("a name that a flake does not have: those that there are, and the one that was meant", async (t) => {
  const folder = flake({ web: system, database: system });
  const { message, details, hint } = await resolveFault(folder, "wbe");
  t.is(message, `the flake ${folder} has no system wbe`);
  t.regex(details[0] ?? "", /^error: flake '.*' does not provide attribute/);
  t.true(details.includes("it has database, web"));
  t.is(hint, `did you mean ${folder}#web?`);
  t.is((await resolveFault(folder, "nothing-like-it")).hint, `name one of them: ${folder}#database`);
  const tree = await faultOf(
    readDevices({ kind: "flake", flake: folder, name: "databse", expressions: {}, strings: {} }),
  );
  t.is(tree.message, `the flake ${folder} has no device tree databse`);
  t.is(tree.hint, `did you mean ${folder}#database?`);
});

testWithEachNix("a system without the attribute is no wrong name", async (t) => {
  const folder = mkdtempSync(join(scratch, "flake-"));
  writeFileSync(join(folder, "flake.nix"), "{ outputs = _: { nixosConfigurations.web = { }; }; }");
  const { message, details } = await resolveFault(`path:${folder}`, "web");
  t.regex(message, /^building config\.system\.build\.toplevel of .* failed$/);
  t.regex(details[0] ?? "", /does not provide attribute/);
});

testWithEachNix("a file that Git does not track: what to do, in the flake's folder or below it", async (t) => {
  const folder = flake({ web: "(import ./hosts/web.nix)" });
  mkdirSync(join(folder, "hosts"));
  writeFileSync(join(folder, "hosts/web.nix"), system);
  const { details, hint } = await resolveFault(folder, "web");
  t.regex(details[0] ?? "", /^error: .*hosts/);
  // Nix 2.8 misses the folder, of which nothing is tracked.
  t.regex(hint ?? "", new RegExp(`: git -C ${folder} add hosts(/web\\.nix)?$`));
  track(folder, "hosts/web.nix");
  t.regex((await resolveFault(folder, "web")).message, /is not a NixOS system/);
});

testWithEachNix("a flake.nix that Git does not track: the same", async (t) => {
  const folder = flake({ web: system });
  execFileSync("git", ["-C", folder, "rm", "--cached", "--quiet", "flake.nix"]);
  writeFileSync(join(folder, "other"), "");
  track(folder, "other");
  t.true((await resolveFault(folder, "web")).hint?.endsWith(`git -C ${folder} add flake.nix`));
});

testWithEachNix("a file that is nowhere is no untracked one", async (t) => {
  const folder = flake({ web: "(import ./gone.nix)" });
  const { details, hint } = await resolveFault(folder, "web");
  t.regex(details[0] ?? "", /^error: .*gone\.nix/);
  t.false(hint?.includes("git") ?? false);
});

test("a path of a flake that Nix never copied is named as one of lazy-trees", async (t) => {
  const source = "/nix/store/00000000000000000000000000000000-source";
  const { hint } = await faultOf(resolveSystem({ kind: "toplevel", path: `${source}/result` }));
  t.true(hint?.startsWith(`${source} is a flake's source that Nix never copied to the store (lazy-trees)`), hint);
  const gone = await faultOf(resolveSystem({ kind: "toplevel", path: source.replace("source", "nixos-system") }));
  t.regex(gone.hint ?? "", /-nixos-system is not in the store: build or fetch it again/);
});
