import test from "ava";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../../src/base/errors.ts";
import { closureOf, programClosure, readClosureInfo } from "../../src/nix/closure.ts";
import type { StorePath } from "../../src/nix/registration.ts";
import { scratchFolder } from "./nix.ts";

const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

function path(name: string): string {
  return `/nix/store/${name.repeat(32)}-${name}`;
}

function registered(name: string, ...references: string[]): StorePath {
  return {
    path: path(name),
    narHash: name.charCodeAt(0).toString(16).padStart(64, "0"),
    narSize: 120,
    references: references.map(path),
  };
}

test("a closure is what the roots lead to, sorted, through self-references and cycles", (t) => {
  const known = [registered("d"), registered("c", "a"), registered("b", "b", "c"), registered("a", "b")];
  t.deepEqual(
    closureOf([path("b")], known, "Nix").paths.map((entry) => entry.path),
    [path("a"), path("b"), path("c")],
  );
});

test("everything that a closure lacks is listed, and who lacks it", (t) => {
  const error = t.throws(() => closureOf([path("a"), path("z")], [registered("a", "b")], "the file"), {
    instanceOf: MkimageError,
  });
  t.is(error?.code, "RESOLVE_FAILED");
  t.regex(error?.message ?? "", /the file lacks 2/);
  t.deepEqual(error?.details, [path("b"), path("z")]);
});

test("closureInfo's registration is cut down to what the roots need", (t) => {
  const folder = join(scratch, "info");
  mkdirSync(folder);
  const hash = "f".repeat(64);
  writeFileSync(
    join(folder, "registration"),
    `${path("a")}\n${hash}\n120\n\n1\n${path("b")}\n${path("b")}\n${hash}\n120\n\n0\n${path("c")}\n${hash}\n120\n\n0`,
  );
  t.deepEqual(
    readClosureInfo(folder, [path("a")]).paths.map((entry) => entry.path),
    [path("a"), path("b")],
  );
});

test("a folder without registration is explained", (t) => {
  const error = t.throws(() => readClosureInfo(join(scratch, "nowhere"), [path("a")]), { instanceOf: MkimageError });
  t.regex(error?.message ?? "", /nowhere\/registration cannot be read/);
  t.regex(error?.hint ?? "", /closureInfo/);
});

function closureInfoWith(name: string, ...entries: readonly StorePath[]): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  const lines = entries.flatMap(({ path: own, narHash, narSize, references }) => [
    own,
    `sha256:${narHash}`,
    narSize,
    "",
    references.length,
    ...references,
  ]);
  writeFileSync(join(folder, "registration"), lines.map((line) => `${line}\n`).join(""));
  return folder;
}

test("the programs of guests are looked up in the folder that is given, and Nix is not asked", async (t) => {
  const folder = closureInfoWith("tools", registered("t", "l"), registered("l"), registered("s"));
  const { paths } = await programClosure([path("t")], folder);
  t.deepEqual(
    paths.map((entry) => entry.path),
    [path("l"), path("t")],
  );
});

test("where neither the folder nor Nix knows them, the hint says what to add to the folder", async (t) => {
  const folder = closureInfoWith("no-tools", registered("s"));
  const error = await t.throwsAsync(programClosure([path("t")], folder), { instanceOf: MkimageError });
  t.is(error?.code, "RESOLVE_FAILED");
  t.regex(error?.hint ?? "", /no-tools .*does not have the programs that guests run: add .* rootPaths$/);
});
