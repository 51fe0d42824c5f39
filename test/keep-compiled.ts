import { enableCompileCache } from "node:module";
import { join } from "node:path";

// Each file of tests has a process of its own, and most load the same hundred modules: what Node makes of them is kept,
// without their types. Not by a variable of the environment, which programs that are tested would have from here.
enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/compiled"));
