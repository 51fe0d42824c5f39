import test from "ava";
import { dialogueOf } from "../../src/cli/dialogue.ts";
import { silentReporter } from "../real/disk-dialogue.ts";

test.serial("what a disk is called is shown, and obeyed by no terminal", (t) => {
  const written: string[] = [];
  const write = process.stdout.write;
  t.teardown(() => void (process.stdout.write = write));
  process.stdout.write = (text: unknown) => written.push(String(text)) > 0;
  dialogueOf({}, silentReporter, new AbortController().signal).say("serial \x1b[2K\x1b[1A\u202e");
  process.stdout.write = write;
  t.deepEqual(written, ["serial \\x1b[2K\\x1b[1A\\u{202e}\n"]);
});
