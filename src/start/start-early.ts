import { startThreads } from "../runtime/threads/thread-pool.ts";

// A thread takes as long to start as the rest of the program: for a build, whose verb may be left out, they start side by
// side. Imported before all others.

const [, , first = ""] = process.argv;
const asksOnly = first === "--help" || first === "--version";
if (first === "build" || (first.startsWith("--") && !asksOnly)) startThreads(1);
