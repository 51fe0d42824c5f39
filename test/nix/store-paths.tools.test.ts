import test from "ava";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../../src/base/errors.ts";
import { storePathsAt } from "../../src/nix/store-paths.ts";
import { alphaAndBeta, nixBuild, scratchFolder, useOfflineNix } from "./nix.ts";

useOfflineNix();
const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const path = nixBuild(scratch, alphaAndBeta);
const link = join(scratch, "result");
symlinkSync(path, link);

test("a store path, a link to it and a file in it are that store path, once", (t) => {
  t.deepEqual(storePathsAt([path, link, `${path}/ref`]), [path]);
  t.deepEqual(storePathsAt([]), []);
});

test("every path that is not in the store is named", (t) => {
  const error = t.throws(() => storePathsAt([path, scratch, `${scratch}/gone`]), { instanceOf: MkimageError });
  t.is(error?.code, "BAD_REQUEST");
  t.deepEqual(error?.details, [`${scratch}: it is ${scratch}, outside /nix/store`, `${scratch}/gone: it is not there`]);
});
