// Asks for a closure as an ordinary user: modules are read first, since the user may not be allowed into this folder.
import { MkimageError } from "../../src/base/errors.ts";
import { queryClosure } from "../../src/nix/closure.ts";

const nobody = 65534;
process.setgroups?.([]);
process.setgid?.(nobody);
process.setuid?.(nobody);
process.chdir("/");

try {
  console.log(JSON.stringify({ closure: await queryClosure(process.argv.slice(2)) }));
} catch (error) {
  if (!(error instanceof MkimageError)) throw error;
  console.log(JSON.stringify({ code: error.code, hint: error.hint }));
}
