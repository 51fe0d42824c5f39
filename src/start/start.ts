import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { debuglog } from "node:util";
import { Script } from "node:vm";

// Starts the program with what V8 made of it when it was built: compiling it takes longer than all else of a start. V8
// compiles it again where that file is missing, or was made by another Node or with other options of V8; NODE_DEBUG=mkimage
// shows it.

const program = join(import.meta.dirname, "mkimage.cjs");
const compiled = `${program}.compiled`;
/** Set while building: the file that is to hold what this run has compiled. */
const keptIn = process.env["MKIMAGE_KEEP_COMPILED"];

const script = new Script(asFunction(readFileSync(program, "utf8")), { filename: program, cachedData: kept() });
debuglog("mkimage")("what was compiled before is %s", script.cachedDataRejected === false ? "taken" : "not taken");
if (keptIn !== undefined) process.once("exit", () => writeFileSync(keptIn, script.createCachedData()));
const run = script.runInThisContext() as (require: NodeJS.Require, __filename: string, __dirname: string) => void;
run(createRequire(program), program, import.meta.dirname);

function kept(): Buffer | undefined {
  try {
    return readFileSync(compiled);
  } catch {
    return undefined;
  }
}

function asFunction(source: string): string {
  return `(function (require, __filename, __dirname) { "use strict"; ${source}\n})`;
}
