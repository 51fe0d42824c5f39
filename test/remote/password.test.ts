import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { MkimageError } from "../../src/base/errors.ts";
import { byPassword } from "../../src/remote/password.ts";

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-password-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("ssh is told a program that prints the password, which is in no file and no argument", (t) => {
  const password = `it's $HOME "x"\\n%s`;
  const wishes = byPassword({ options: ["Port=22"] }, { SSHPASS: password }, folderOf(t));
  const program = wishes.environment?.["SSH_ASKPASS"] ?? "";
  t.is(execFileSync(program, ["host's password: "], { env: { SSHPASS: password }, encoding: "utf8" }), `${password}\n`);
  t.is(wishes.environment?.["SSH_ASKPASS_REQUIRE"], "force");
  t.false(readFileSync(program, "utf8").includes(password));
  t.false(JSON.stringify(wishes).includes("HOME"));
  t.is(statSync(program).mode & 0o777, 0o700);
  t.deepEqual(wishes.options, ["Port=22", "NumberOfPasswordPrompts=1"]);
});

for (const variables of [{}, { SSHPASS: "" }]) {
  test(`without a password there is none to log in by: ${JSON.stringify(variables)}`, (t) => {
    const error = t.throws<MkimageError>(() => byPassword({ options: [] }, variables, folderOf(t)));
    t.is(error?.code, "BAD_REQUEST");
    t.regex(error?.hint ?? "", /read -rs SSHPASS/);
  });
}
