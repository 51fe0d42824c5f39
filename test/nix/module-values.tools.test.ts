import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { DeviceTree } from "../../src/devices/device-tree.ts";
import type { MkimageError } from "../../src/base/errors.ts";
import { readDevices } from "../../src/request/read-devices.ts";
import { scratchFolder, useOfflineNix } from "./nix.ts";
import { withEachNix } from "./nixes.ts";

const testWithEachNix = withEachNix(test);

useOfflineNix();

/** Writes files beside each other, and reads the first as a device tree. */
async function read(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
  nixArguments: readonly string[] = [],
) {
  const folder = scratchFolder();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const [file = ""] = Object.keys(files);
  const source = { kind: "file", file: join(folder, file), expressions: {}, strings: {} } as const;
  return readDevices(source, { nixArguments });
}

async function treeOf(t: ExecutionContext, ...texts: readonly [string, ...string[]]): Promise<DeviceTree> {
  const names = ["disk.nix", "second.nix", "third.nix"];
  return (await read(t, Object.fromEntries(texts.map((text, index) => [names[index] ?? "", text])))).tree;
}

async function faultOf(t: ExecutionContext, ...texts: readonly [string, ...string[]]): Promise<MkimageError> {
  return (await t.throwsAsync<MkimageError>(treeOf(t, ...texts))) as MkimageError;
}

/** A disk with one partition in Nix, whose filesystem has some more settings. */
function disk(device: string, settings = ""): string {
  const content = `content = { type = "filesystem"; format = "ext4"; ${settings} };`;
  return `{ device = ${device}; content = { type = "gpt"; partitions.root = { size = "1G"; ${content} }; }; }`;
}

function rootOf({ disk: disks }: DeviceTree) {
  const content = disks["a"]?.content;
  return content?.type === "gpt" ? content.partitions["root"] : undefined;
}

testWithEachNix("definitions of the module system are what they stand for, with and without lib", async (t) => {
  const withLib = await treeOf(
    t,
    `{ lib, swap ? false, ... }: { disko.devices = lib.mkMerge [
      { disk.a = ${disk('lib.mkDefault "/dev/vda"', 'mountOptions = lib.mkAfter [ "noatime" ];')}; }
      { disk.a.content.partitions.swap = lib.mkIf swap { size = "1G"; content.type = "swap"; }; }
      (lib.mkIf (!swap) { nodev."/tmp" = lib.mkForce { fsType = "tmpfs"; }; })
    ]; }`,
  );
  const without = await treeOf(
    t,
    `{ disk.a = ${disk('{ _type = "override"; priority = 1000; content = "/dev/vda"; }', 'mountOptions = { _type = "order"; priority = 1500; content = [ "noatime" ]; };')};
       nodev = { _type = "if"; condition = true; content."/tmp".fsType = "tmpfs"; }; }`,
  );
  t.deepEqual(withLib, without);
  t.is(withLib.disk["a"]?.device, "/dev/vda");
  t.deepEqual(Object.keys(withLib.nodev), ["/tmp"]);
  const content = withLib.disk["a"]?.content;
  t.deepEqual(content?.type === "gpt" ? Object.keys(content.partitions) : [], ["root"], "a condition that is not met");
  const root = rootOf(withLib)?.content;
  t.deepEqual(root?.type === "filesystem" ? root.mountOptions : [], ["noatime"]);
});

testWithEachNix("of several values the strongest holds, from whatever file", async (t) => {
  const values = ['lib.mkDefault "/dev/a"', '"/dev/b"', 'lib.mkForce "/dev/c"', 'lib.mkVMOverride "/dev/d"'];
  for (let count = 1; count <= values.length; count += 1) {
    const merged = values.slice(0, count).map((value) => `{ device = ${value}; }`);
    const tree = await treeOf(t, `{ lib, ... }: { disk.a = lib.mkMerge [ ${merged.join(" ")} ]; }`);
    t.is(tree.disk["a"]?.device, `/dev/${"abcd"[count - 1]}`);
  }
  const imported = await treeOf(
    t,
    `{ lib, ... }: { imports = [ ./second.nix ]; disko.devices.disk.a.device = lib.mkDefault "/dev/a"; }`,
    `{ imports = [ ./third.nix ./third.nix ]; config.disko.devices.disk.a = ${disk('"/dev/b"')}; }`,
    `{ disko.devices.disk.a.content.partitions.root.content.mountpoint = "/"; }`,
  );
  t.is(imported.disk["a"]?.device, "/dev/b");
  const root = rootOf(imported)?.content;
  t.is(root?.type === "filesystem" ? root.mountpoint : "", "/");
});

testWithEachNix("lists follow their order, and hooks are joined", async (t) => {
  const tree = await treeOf(
    t,
    `{ lib, ... }: { disk.a = lib.mkMerge [
      ${disk('"/dev/vda"', 'extraArgs = lib.mkAfter [ "c" ]; postCreateHook = lib.mkAfter "second";')}
      { content.partitions.root.content = { extraArgs = [ "b" (lib.mkIf false "never") ]; postCreateHook = "first"; }; }
      { content.partitions.root.content.extraArgs = lib.mkBefore [ "a" ]; }
      { content.partitions.root.content.extraArgs = lib.mkOrder 2000 [ "d" ]; }
    ]; }`,
  );
  const root = rootOf(tree)?.content;
  t.deepEqual(root?.type === "filesystem" ? root.extraArgs : [], ["a", "b", "c", "d"]);
  t.is(root?.postCreateHook, "first\nsecond");
});

testWithEachNix("a node may be a function of its name and of what it becomes", async (t) => {
  const tree = await treeOf(
    t,
    `{ disko.devices.disk.a = { name, config, lib, ... }: {
      imports = [ { device = lib.mkDefault "/dev/disk/by-id/\${name}"; } ];
      imageName = "\${name}-\${config.content.type}";
      content = { type = "table"; partitions = [ ({ ... }: { name = "x"; end = "10MiB"; }) ]; };
    }; }`,
  );
  t.like(tree.disk["a"], { device: "/dev/disk/by-id/a", imageName: "a-table" });
  const content = tree.disk["a"]?.content;
  t.is(content?.type === "table" ? content.partitions[0]?.name : "", "x");
});

testWithEachNix("names of the user's that begin with an underscore are names", async (t) => {
  const tree = await treeOf(t, `{ disk._a = { device = "/dev/vda"; _config = throw "disko's own"; }; }`);
  t.deepEqual(Object.keys(tree.disk), ["_a"]);
});

testWithEachNix(
  "values that contradict each other, and functions that are no nodes, are an error that names both places",
  async (t) => {
    const conflict = await faultOf(
      t,
      `{ imports = [ ./second.nix ];\n disko.devices.disk.a.device = "/dev/a"; }`,
      `{ disko.devices.disk.a.device =\n "/dev/b"; }`,
    );
    t.is(conflict.code, "RESOLVE_FAILED");
    t.regex(conflict.message, /`disko\.devices\.disk\.a\.device' has conflicting values: "\/dev\/a" \(.*disk\.nix:2\)/);
    t.regex(conflict.message, /and "\/dev\/b" \(.*second\.nix:1\)/);
    t.regex(
      (await faultOf(t, "{ disk.a.device = x: x; }")).message,
      /disk\.a\.device' is a function \(.*disk\.nix:1\)/,
    );
    t.regex(
      (await faultOf(t, '{ disk.a.device._type = "option"; }')).message,
      /type option is no part of a device tree/,
    );
  },
);

testWithEachNix("of a file nothing but its device tree is evaluated", async (t) => {
  const { tree, notes } = await read(t, {
    "disk.nix": `{ lib, pkgs, modulesPath, inputs, ... }: {
      imports = [ (modulesPath + "/profiles/minimal.nix") inputs.disko ./second.nix ];
      environment.systemPackages = [ pkgs.vim ];
      networking = abort "not asked for";
      config = lib.mkIf (throw "not asked for") { services = { }; };
    }`,
    "second.nix": `{ config, lib, ... }: lib.mkMerge [
      (lib.mkIf config.services.openssh.enable { users = abort "not asked for"; })
      { disko.devices.disk.a.device = "/dev/vda"; }
    ]`,
  });
  t.is(tree.disk["a"]?.device, "/dev/vda");
  t.deepEqual(
    notes.map((note) => note.replace(/^.*\//, "")),
    [1, 2].map(
      (index) => `disk.nix, import ${index}: not looked at, since only the whole configuration can tell what it is`,
    ),
  );
});

testWithEachNix("an error begins with the place and the words of the user's file", async (t) => {
  const messages = [
    ['{ disk.a.device =\n  throw "no disk today"; }', /disk\.nix:[12]: no disk today$/],
    ["{\n  disk.a.device = missing;\n}", /disk\.nix:2: undefined variable 'missing'$/],
    ["{ lib, ... }:\n{ disk.a.device =\n  lib.toUpper; }", /disk\.nix:3: attribute 'toUpper' missing$/],
    ["{\n  disk.a = {", /disk\.nix:2: syntax error, unexpected end of file/],
    [
      "{ pkgs, ... }: {\n disk.a.device = pkgs; }",
      /disk\.nix:2: .*disk\.nix is a function of pkgs, .* give it with --arg$/,
    ],
  ] as const;
  for (const [text, message] of messages) {
    const error = await faultOf(t, text);
    t.regex(error.message, message);
    t.deepEqual(error.details, []);
  }
});

testWithEachNix("Nix's own trace comes after it, on request", async (t) => {
  const text = '{ disk.a.device = throw "no disk today"; }';
  const error = await t.throwsAsync<MkimageError>(read(t, { "disk.nix": text }, ["--show-trace"]));
  t.regex(error?.message ?? "", /disk\.nix:1: no disk today$/);
  t.true(error?.details.some((line) => line.includes("while evaluating `disko.devices.disk.a.device'")));
  t.regex(error?.details.at(-1) ?? "", /nix .*eval/, "the command comes last");
});
