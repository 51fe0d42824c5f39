import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import test from "ava";
import { writeStream } from "../../src/image/standard-output.ts";
import { temporaryFolder } from "./folder.ts";
import { sampleImage } from "./sample.ts";

const list = [
  { kind: "file", length: 3_000_001, seed: 1 },
  { kind: "gap", length: 5_000_000, seed: 1 },
  { kind: "bytes", length: 70_000, seed: 2 },
] as const;

test("every byte goes out, holes as zeros", async (t) => {
  const folder = temporaryFolder(t);
  const { image, bytes } = sampleImage(folder, list, 2_000_000);
  const descriptor = openSync(join(folder, "out"), "w");
  await writeStream(image, descriptor);
  closeSync(descriptor);
  t.true(readFileSync(join(folder, "out")).equals(bytes));
});

/** The image written by a program of its own into a pipe. */
function piped(folder: string, action: string) {
  const source = `
    import { writeStream } from ${JSON.stringify(new URL("../../src/image/standard-output.ts", import.meta.url).href)};
    import { bytesExtent } from ${JSON.stringify(new URL("../../src/image/extent.ts", import.meta.url).href)};
    const image = { size: 40_000_000, extents: [bytesExtent(5_000_000, Buffer.alloc(9_000_000, 7))] };
    ${action}`;
  return spawn(process.execPath, ["--input-type=module", "-e", source], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

test("a slow reader of a pipe gets every byte", async (t) => {
  const child = piped(temporaryFolder(t), "await writeStream(image, 1);");
  const bytes = await buffer(child.stdout);
  t.is(bytes.length, 40_000_000);
  t.is(bytes.indexOf(7), 5_000_000);
  t.is(bytes.lastIndexOf(7), 13_999_999);
});

test("a reader that goes away ends the writing with a message", async (t) => {
  const child = piped(
    temporaryFolder(t),
    "await writeStream(image, 1).catch((error) => { console.error(error.code); process.exit(3); });",
  );
  const messages = buffer(child.stderr);
  await once(child.stdout, "data");
  child.stdout.destroy();
  t.deepEqual(await once(child, "close"), [3, null]);
  t.is((await messages).toString().trim(), "INTERRUPTED");
});
