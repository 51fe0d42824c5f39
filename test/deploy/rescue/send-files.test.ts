import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import type { MkimageError } from "../../../src/base/errors.ts";
import { sendFiles } from "../../../src/deploy/rescue/send-files.ts";
import { temporaryFolder } from "../../image/folder.ts";
import { fewApplets, localConnection } from "../../remote/local-connection.ts";

const files = [0, 1, 65535, 65536, 200_000].map((size) => ({
  name: `file-${size}`,
  bytes: randomBytes(size),
  mode: size === 1 ? "0700" : "0600",
}));

for (const [machine, options] of Object.entries({
  "with all programs": {},
  "of busybox": { applets: [...fewApplets, "chmod", "sh"] },
})) {
  test(`files of any length arrive on a machine ${machine}, for root alone`, async (t) => {
    const folder = temporaryFolder(t);
    const told: [number, number][] = [];
    const onSent = (sent: number, total: number) => void told.push([sent, total]);
    await sendFiles(localConnection(t, options), folder, files, { onSent });
    for (const { name, bytes, mode } of files) {
      t.deepEqual(readFileSync(join(folder, name)), bytes);
      t.is(statSync(join(folder, name)).mode & 0o777, Number.parseInt(mode, 8));
    }
    const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
    t.deepEqual(told.at(-1), [total, total]);
  });
}

test("a byte that is another one there is an error that names its file", async (t) => {
  const onOutput = (output: string) => output.replace(/^[0-9a-f]{8}(?=.* file-1$)/m, "00000000");
  const connection = localConnection(t, { onOutput });
  const sending = sendFiles(connection, temporaryFolder(t), files, { onSent: () => {} });
  const error = await t.throwsAsync<MkimageError>(sending);
  t.is(error?.code, "REMOTE_FAILED");
  t.regex(error?.message ?? "", /did not get as it was sent: file-1$/);
});
