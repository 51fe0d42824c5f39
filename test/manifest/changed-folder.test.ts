import fs, { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { byteString } from "../../src/base/byte-string.ts";
import { readTree } from "../../src/manifest/read-folder.ts";
import { copyRules } from "../../src/manifest/read-rules.ts";

test("a folder in whose place a link stands while its files are looked at is named, and not taken", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-test-"));
  const [inside, outside] = [join(folder, "root/folder"), join(folder, "outside")];
  for (const [path, text] of [
    [inside, "inside"],
    [outside, "SECRET"],
  ] as const) {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "file"), text);
  }
  t.teardown(
    afterListing(inside, () => {
      renameSync(inside, `${inside}.before`);
      symlinkSync(outside, inside);
    }),
  );
  t.teardown(() => rmSync(folder, { recursive: true }));
  const read = () => readTree(byteString(join(folder, "root")), copyRules({ seconds: 0, nanoseconds: 0 }));
  t.throws(read, { code: "BAD_REQUEST", message: `${inside} cannot be read: it changed while it was read` });
});

/** Does something between the moment that a folder is listed and that at which its files are looked at. */
function afterListing(folder: string, act: () => void): () => void {
  const { readdirSync } = fs;
  const listing = (...given: Parameters<typeof readdirSync>): unknown => {
    const names = readdirSync(...given);
    if (given[0] === folder) act();
    return names;
  };
  Object.assign(fs, { readdirSync: listing });
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs, { readdirSync });
    syncBuiltinESMExports();
  };
}
