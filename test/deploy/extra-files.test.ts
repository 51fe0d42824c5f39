import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { byteString } from "../../src/base/byte-string.ts";
import type { MkimageError } from "../../src/base/errors.ts";
import { withExtraFiles } from "../../src/deploy/extra-files.ts";
import { lookUp } from "../../src/manifest/tree.ts";
import { draftOf } from "../pipeline/drafts.ts";

function place(t: ExecutionContext, owners: readonly (readonly [string, string])[], folders?: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-extra-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "home/me/.ssh"), { recursive: true });
  writeFileSync(join(folder, "home/me/.ssh/key"), "secret", { mode: 0o600 });
  writeFileSync(join(folder, "motd"), "hello");
  const source = draftOf({}, { installer: { kind: "none", command: undefined, reason: "none" } }).blueprint.source;
  const placed = withExtraFiles(source, { folders: folders ?? [folder], owners }, 7);
  return { folder, placed, at: (path: string) => lookUp(placed.files, byteString(path)) };
}

test("the entries of a folder come to the root, with their modes, as root's", (t) => {
  const { folder, placed, at } = place(t, []);
  t.like(at("motd"), { type: "file", uid: 0, gid: 0 });
  t.like(at("home/me/.ssh/key"), { type: "file", mode: 0o600, uid: 0, gid: 0 });
  t.true(placed.privateSources.includes(byteString(join(folder, "home"))));
});

test("a path and all that is in it have an owner by numbers", (t) => {
  const { at, placed } = place(t, [["/home/me", "1000:100"]]);
  t.like(at("home/me/.ssh/key"), { uid: 1000, gid: 100 });
  t.like(at("home/me"), { uid: 1000, gid: 100 });
  t.like(at("home"), { uid: 0, gid: 0 });
  t.deepEqual(placed.namedOwners, []);
});

test("an owner by name is left to who knows the system's users", (t) => {
  const { placed } = place(t, [["/home/me/", "me:users"]]);
  t.deepEqual(placed.namedOwners, [{ path: "/home/me", user: "me", group: "users" }]);
});

for (const [path, owner, message] of [
  ["/home/you", "1000:100", /--chown \/home\/you: the new system has no such path/],
  ["/motd", ":100", /":100" is no USER:GROUP/],
  ["/motd", "1:", /"1:" is no USER:GROUP/],
] as const) {
  test(`${owner} cannot own ${path}`, (t) => {
    const error = t.throws<MkimageError>(() => place(t, [[path, owner]]));
    t.is(error?.code, "BAD_REQUEST");
    t.regex(error?.message ?? "", message);
  });
}

for (const folder of ["/proc/version", "/nowhere"]) {
  test(`${folder} is no folder of extra files`, (t) => {
    const error = t.throws<MkimageError>(() => place(t, [], [folder]));
    t.regex(error?.message ?? "", /^--extra-files: /);
  });
}
