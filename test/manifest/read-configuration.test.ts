import test from "ava";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../../src/base/errors.ts";
import { readConfiguration } from "../../src/manifest/read-configuration.ts";
import { scratchFolder } from "../nix/nix.ts";
import { bytesOfFile } from "./write-tree.ts";

const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));
const time = { seconds: 1, nanoseconds: 0 };

test("a configuration is a file of root's with the bytes that a link leads to", (t) => {
  writeFileSync(join(scratch, "real.nix"), "{ }\n", { mode: 0o600 });
  symlinkSync("real.nix", join(scratch, "configuration.nix"));
  const file = readConfiguration(join(scratch, "configuration.nix"), time);
  t.like(file, { mode: 0o644, uid: 0, gid: 0, mtime: time });
  t.is(bytesOfFile(file).toString(), "{ }\n");
});

test("a folder is no configuration", (t) => {
  t.throws(() => readConfiguration(scratch, time), { instanceOf: MkimageError, message: /cannot be read: EISDIR/ });
});
