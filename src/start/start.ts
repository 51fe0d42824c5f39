import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { debuglog } from "node:util";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";
import { lastResort } from "./last-resort.ts";

// Starts the program with what V8 made of it when it was built: compiling it takes longer than all else of a start. It is
// compiled again where that file is missing, or was made of another program, by another Node or with other options of V8;
// NODE_DEBUG=mkimage shows it.

process.on("uncaughtException", lastResort);

const oldestNode = 24;
if (Number.parseInt(process.versions.node) < oldestNode) {
  process.stderr.write(`mkimage: this is Node ${process.versions.node}, and mkimage runs on ${oldestNode} or newer
hint: install it, or put the folder of one that is there at the beginning of PATH\n`);
  process.exit(5);
}

const program = join(import.meta.dirname, "mkimage.cjs");
const compiled = `${program}.compiled`;
/** Set while building: the file that is to hold what this run has compiled. */
const keptIn = process.env["MKIMAGE_KEEP_COMPILED"];

const source = readFileSync(program);
/** Stands at the end of what is kept: V8 itself takes whatever was made of a program of the same length. */
const checksum = Buffer.alloc(4);
checksum.writeUInt32LE(crc32(source));

const script = new Script(asFunction(source.toString()), { filename: program, cachedData: kept() });
debuglog("mkimage")("what was compiled before is %s", script.cachedDataRejected === false ? "taken" : "not taken");
if (keptIn !== undefined) process.once("exit", () => keep(keptIn));
const run = script.runInThisContext() as (require: NodeJS.Require, __filename: string, __dirname: string) => void;
run(requireLate(createRequire(program)), program, import.meta.dirname);

/** Loads modules of Node that most calls do without when something of them is first asked for: they take milliseconds. */
function requireLate(require: NodeJS.Require): NodeJS.Require {
  const late: ReadonlySet<string> = new Set([
    "node:crypto",
    "crypto",
    "node:readline/promises",
    "node:sqlite",
    "node:v8",
    "node:worker_threads",
  ]);
  const load = (name: string): unknown =>
    late.has(name) ? new Proxy({}, { get: (_, key) => Reflect.get(require(name), key) }) : require(name);
  return Object.assign(load, require);
}

function kept(): Buffer | undefined {
  try {
    const bytes = readFileSync(compiled);
    return bytes.subarray(-checksum.length).equals(checksum) ? bytes.subarray(0, -checksum.length) : undefined;
  } catch {
    return undefined;
  }
}

function keep(file: string): void {
  writeFileSync(file, Buffer.concat([script.createCachedData(), checksum]));
}

function asFunction(text: string): string {
  return `(function (require, __filename, __dirname) { "use strict"; ${text}\n})`;
}
