import test from "ava";
import type { MkimageError } from "../../src/base/errors.ts";
import { refuseOtherOutputs } from "../../src/pipeline/refuse-other-outputs.ts";
import { parseRequest } from "../../src/request/parse.ts";

const refused: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "--out": { out: "elsewhere" },
  "--force": { force: true },
  "--checksum": { checksum: true },
  "--base-name": { baseName: "disk" },
  "--sector-size": { sectorSize: 4096 },
  "--compression": { compression: "zstd" },
  "--format, --compress": { format: "vdi", compress: "zstd" },
  "--size": { size: "2G" },
};
for (const [names, flags] of Object.entries(refused)) {
  test(`what goes to a disk is asked for no file: ${names}`, (t) => {
    const error = t.throws<MkimageError>(() => refuseOtherOutputs(parseRequest({}, flags), "deploy"));
    t.is(error?.message, `deploy makes no image file; drop ${names}`);
    t.is(error?.code, "BAD_REQUEST");
  });
}

for (const flags of [{}, { format: "raw" }, { size: "auto" }, { checksum: false }, { label: "root", seed: "one" }]) {
  test(`what holds of disks too is taken: ${JSON.stringify(flags)}`, (t) => {
    t.notThrows(() => refuseOtherOutputs(parseRequest({}, flags), "deploy"));
  });
}
