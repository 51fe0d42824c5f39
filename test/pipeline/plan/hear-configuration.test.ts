import test from "ava";
import type { ImageSettings } from "../../../src/nix/image-settings.ts";
import { hearConfiguration } from "../../../src/pipeline/plan/hear-configuration.ts";
import { parseRequest, type RawRequest } from "../../../src/request/parse.ts";

// What a configuration says of its images, where nothing else was asked for.

const silent: ImageSettings = {
  isOwn: true,
  hasExtraConfig: false,
  isExtended: false,
  imageFormat: null,
  name: null,
  extraPostVM: null,
  memSize: null,
  dependencies: [],
  copyNixStore: null,
  enableBinfmt: null,
  extraRootModules: [],
  baseName: null,
};

function heard(settings: Partial<ImageSettings>, request: RawRequest = {}, toDisk = false) {
  return hearConfiguration(parseRequest({}, request), { ...silent, ...settings }, toDisk);
}

const offers: readonly (readonly [settings: Partial<ImageSettings>, request: object, asked: RawRequest])[] = [
  [{ imageFormat: "qcow2" }, { format: "qcow2" }, { format: "raw" }],
  [{ name: "web-disko-images" }, { name: "web-disko-images" }, { name: "mine" }],
  [{ extraPostVM: "ls" }, { postVm: "ls" }, { postVm: "" }],
  [{ memSize: 2048 }, { memSize: 2048 }, { memSize: 512 }],
  [{ isOwn: false, baseName: "web" }, { baseName: "web" }, { baseName: "nixos" }],
];

for (const [settings, changes, asked] of offers) {
  const [key = ""] = Object.keys(changes);
  test(`${Object.keys(settings).at(-1)} is heard, and ${key} wins where it is given, be it with its default`, (t) => {
    const { request, notes } = heard(settings);
    t.like(request, changes);
    t.deepEqual(notes, []);
    t.like(heard(settings, asked).request, asked);
    t.deepEqual(heard(settings, asked).notes, []);
  });
}

test("what evaluates to disko's defaults changes nothing", (t) => {
  const defaults = { imageFormat: "raw", extraPostVM: "", memSize: 1024, copyNixStore: true, enableBinfmt: false };
  const { request, notes } = heard(defaults);
  t.deepEqual({ ...request }, { ...parseRequest({}, {}) });
  t.deepEqual(notes, []);
  t.deepEqual(heard(defaults, {}, true).notes, []);
});

const unheard: readonly (readonly [settings: Partial<ImageSettings>, note: RegExp])[] = [
  [{ imageFormat: "iso" }, /^disko\.imageBuilder\.imageFormat \(iso\) is not heard: the formats are raw, /],
  [{ name: "a/b" }, /^disko\.imageBuilder\.name \(a\/b\) is not heard: it is no name of a file/],
  [{ memSize: 64 }, /^disko\.memSize \(64\) is not heard: a guest needs 128 MiB/],
  [{ copyNixStore: false }, /^disko\.imageBuilder\.copyNixStore \(false\) is not heard/],
  [{ enableBinfmt: true }, /^disko\.imageBuilder\.enableBinfmt \(true\) is not heard/],
  [{ extraRootModules: ["vfat", "x"] }, /^disko\.imageBuilder\.extraRootModules \(vfat x\) is not heard/],
  [
    { hasExtraConfig: true },
    /^disko\.imageBuilder\.extraConfig .* is not heard: the configuration has no extendModules/,
  ],
  [{ baseName: "web" }, /^image\.baseName \(web\) is not heard: a disk's imageName/],
  [
    { isOwn: false, hasExtraConfig: true, extraPostVM: "x" },
    /^disko\.imageBuilder \(extraConfig, extraPostVM\) is not/,
  ],
  [{ isOwn: false, imageFormat: "qcow2" }, /^disko\.imageBuilder \(imageFormat = qcow2\) is not heard: it is for/],
];

for (const [settings, note] of unheard) {
  test(`${JSON.stringify(settings)} is named in a note, with the reason`, (t) => {
    const { request, notes } = heard(settings);
    t.is(notes.length, 1);
    t.regex(notes[0] ?? "", note);
    t.deepEqual({ ...request }, { ...parseRequest({}, {}) });
  });
}

test("straight onto a disk there is no image file whose format, name or hook could be heard", (t) => {
  const settings = { imageFormat: "qcow2", extraPostVM: "x", memSize: 2048 };
  const { request, notes } = heard(settings, {}, true);
  t.like(request, { format: "raw", postVm: "", memSize: 2048 });
  t.deepEqual(
    notes.map((line) => line.split(" ")[0]),
    ["disko.imageBuilder.imageFormat", "disko.imageBuilder.extraPostVM"],
  );
  t.is(heard({ isOwn: false, baseName: "web" }, {}, true).notes.length, 1);
});

test("a system that was given as a store path says nothing", (t) => {
  const request = parseRequest({}, {});
  t.deepEqual(hearConfiguration(request, undefined, false), { request, notes: [] });
});
