import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import { nixString, nixValue } from "../../src/nix/nix-text.ts";
import { type DevicesSource, readDevices } from "../../src/request/read-devices.ts";
import { withEachNix } from "../nix/nixes.ts";

const testWithEachNix = withEachNix(test);

const simple = join(import.meta.dirname, "../../fixtures/devices/simple.nix");
const nothing = { expressions: {}, strings: {} };
const content = '{ type = "filesystem"; format = "ext4"; mountpoint = "/"; }';

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A nixpkgs of which only `lib` is there, and of that what the fixture uses. */
function nixpkgs(t: ExecutionContext): string {
  const path = folder(t);
  mkdirSync(join(path, "lib"));
  writeFileSync(join(path, "lib/default.nix"), "{ optionalAttrs = condition: set: if condition then set else { }; }");
  return path;
}

function nixFile(t: ExecutionContext, text: string, name = "disk.nix"): DevicesSource {
  const file = join(folder(t), name);
  writeFileSync(file, text);
  return { kind: "file", file, ...nothing };
}

testWithEachNix("a function gets lib, and the user's arguments; names with an underscore are dropped", async (t) => {
  const lib = nixpkgs(t);
  const source = { kind: "file", file: simple, lib, expressions: { keyFile: '/. + "/a b"' } } as const;
  const { tree } = await readDevices({ ...source, strings: { device: '/dev/a"${b}\\' } });
  t.is(tree.disk["main"]?.device, '/dev/a"${b}\\');
  t.true(JSON.stringify(tree).includes('"keyFile":"/a b"'));
});

testWithEachNix("lib may be given as its own folder, or be found in NIX_PATH", async (t) => {
  const lib = nixpkgs(t);
  const source = { kind: "file", file: simple, ...nothing } as const;
  const paths = [{ ...source, lib: join(lib, "lib") }, source];
  process.env["NIX_PATH"] = `nixpkgs=${lib}`;
  t.teardown(() => delete process.env["NIX_PATH"]);
  for (const one of paths) t.is((await readDevices(one)).tree.disk["main"]?.device, "/dev/sda");
});

testWithEachNix("a file that needs lib says so where there is none", async (t) => {
  const before = process.env["NIX_PATH"];
  process.env["NIX_PATH"] = "";
  t.teardown(() => (before === undefined ? delete process.env["NIX_PATH"] : (process.env["NIX_PATH"] = before)));
  const error = await t.throwsAsync<MkimageError>(readDevices({ kind: "file", file: simple, ...nothing }));
  t.is(error.code, "RESOLVE_FAILED");
  t.true(error.hint?.includes("--lib"));
});

testWithEachNix("a file that needs no lib is read without one: a set, or a function of other things", async (t) => {
  for (const text of [
    `{ disk.a = { device = "/dev/sda"; content = ${content}; }; }`,
    `{ disk ? "/dev/sda" }: { disko.devices.disk.a = { device = disk; content = ${content}; }; }`,
  ]) {
    const { tree, notes } = await readDevices(nixFile(t, text));
    t.is(tree.disk["a"]?.device, "/dev/sda");
    t.deepEqual(notes, []);
  }
});

test("JSON is read without Nix", async (t) => {
  const { tree } = await readDevices(nixFile(t, '{"disk": {"a": {"device": "/dev/sda"}}}', "disk.json"));
  t.is(tree.disk["a"]?.device, "/dev/sda");
  const error = await t.throwsAsync<MkimageError>(readDevices(nixFile(t, "{ disk = 1; }", "disk.json")));
  t.is(error.code, "BAD_REQUEST");
});

testWithEachNix("what is wrong in Nix is said in its own words, and what is wrong in the tree in ours", async (t) => {
  const broken = await t.throwsAsync<MkimageError>(readDevices(nixFile(t, '{ disk = throw "no disk today"; }')));
  t.is(broken.code, "RESOLVE_FAILED");
  t.regex(broken.message, /disk\.nix:1: no disk today$/);
  t.deepEqual(broken.details, [], "nothing of ours, and no trace");
  const wrong = await t.throwsAsync<MkimageError>(readDevices(nixFile(t, "{ disk.a.contents = null; }")));
  t.is(wrong.code, "BAD_REQUEST");
  t.true(wrong.details.join("\n").includes("did you mean content?"));
});

testWithEachNix("a flake's own tree comes first, then that of its system, where 2G is no size", async (t) => {
  const flake = folder(t);
  const disk = (device: string) =>
    `{ disk.a = { device = "${device}"; imageSize = "2G"; _config = throw "internal"; content = ${content}; }; }`;
  writeFileSync(
    join(flake, "flake.nix"),
    `{ outputs = _: {
      diskoConfigurations.both = { ... }: { disko.devices = ${disk("/dev/own")}; };
      nixosConfigurations.both.config.disko.devices = ${disk("/dev/never")};
      nixosConfigurations.system.config.disko.devices = ${disk("/dev/system")};
    }; }`,
  );
  const read = (name: string) => readDevices({ kind: "flake", flake: `path:${flake}`, name, ...nothing });
  const own = await read("both");
  t.is(own.tree.disk["a"]?.device, "/dev/own");
  t.is(own.tree.disk["a"]?.imageSize, "2G");
  const system = await read("system");
  t.is(system.tree.disk["a"]?.device, "/dev/system");
  t.is(system.tree.disk["a"]?.imageSize, "auto");
  t.true(system.notes[0]?.includes("2G"));
  const missing = await t.throwsAsync<MkimageError>(read("nobody"));
  t.is(missing.code, "RESOLVE_FAILED");
});

testWithEachNix("what is written as Nix, Nix reads back", (t) => {
  const value = {
    "a b": ['it\'s "odd" ${x} \\', 1, true, null],
    nested: { "": {}, if: [{ x: [] }] },
    lines: "a\nb\t$",
  };
  const arguments_ = ["--extra-experimental-features", "nix-command", "eval", "--json", "--expr", nixValue(value)];
  t.deepEqual(JSON.parse(execFileSync("nix", arguments_, { encoding: "utf8" })), value);
  t.is(nixString("a"), '"a"');
});
