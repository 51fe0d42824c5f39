import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import type { MkimageError } from "../../src/base/errors.ts";
import { makeRescue } from "../../src/deploy/make-rescue.ts";
import { temporaryFolder } from "../image/folder.ts";
import { draftOf } from "../pipeline/drafts.ts";
import { deployRequest } from "./fake-course.ts";
import { targetFacts } from "./target-facts.ts";

test("a machine that could not be known again is refused before it is started into anything", async (t) => {
  const memoryFolder = temporaryFolder(t);
  const path = join(memoryFolder, "locked");
  execFileSync("ssh-keygen", ["-q", "-t", "rsa", "-m", "PEM", "-N", "a passphrase", "-f", path]);
  const hostKeys = [{ name: "ssh_host_rsa_key", bytes: readFileSync(path) }];
  const draft = draftOf({}, { installer: { kind: "none", command: undefined, reason: "none" } });
  const { source } = draft.blueprint;
  if (source.system === undefined) return t.fail("there is no system");
  const error = await t.throwsAsync<MkimageError>(
    makeRescue({
      request: deployRequest(),
      prepared: { source, system: source.system, draft, devices: {} },
      facts: targetFacts({ hostKeys }),
      memoryFolder,
      signal: new AbortController().signal,
    }),
  );
  t.is(error?.code, "BAD_REQUEST");
  t.regex(error?.message ?? "", /no host key that it could be known by after kexec; it has: ssh_host_rsa_key/);
});
