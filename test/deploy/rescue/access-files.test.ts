import test from "ava";
import type { MkimageError } from "../../../src/base/errors.ts";
import { sshArguments } from "../../../src/remote/ssh-arguments.ts";
import { accessFiles } from "../../../src/deploy/rescue/access-files.ts";

const key = (name: string, text: string) => ({ name, bytes: Buffer.from(text) });
const hostKeys = [
  key("ssh_host_ed25519_key", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"),
  key("ssh_host_ed25519_key.pub", "ssh-ed25519 AAAA root@old\n"),
];
const mine = "ssh-ed25519 AAAAmine me@here";

function files(parts: Partial<Parameters<typeof accessFiles>[0]> = {}) {
  const entries = accessFiles({ hostKeys, authorizedKeys: [mine], port: 22, ...parts });
  return new Map(entries.map(({ path, mode, bytes }) => [path, { mode, text: Buffer.from(bytes ?? "").toString() }]));
}

test("private keys and those who may come in are for root alone", (t) => {
  const made = files();
  for (const path of ["etc/ssh/ssh_host_ed25519_key", "root/.ssh/authorized_keys", "etc/shadow"])
    t.is(made.get(path)?.mode, 0o600, path);
  t.is(made.get("root/.ssh")?.mode, 0o700);
  t.false(made.has("etc/ssh/ssh_host_ed25519_key.pub"));
});

test("no password opens anything", (t) => {
  const made = files();
  t.regex(made.get("etc/shadow")?.text ?? "", /^root:\*:/);
  t.regex(made.get("etc/ssh/sshd_config")?.text ?? "", /^PasswordAuthentication no$/m);
});

test("it listens where the machine was reached, and at the usual port", (t) => {
  const settings = files({ port: 2222 }).get("etc/ssh/sshd_config")?.text ?? "";
  t.deepEqual(settings.match(/^Port .*/gm), ["Port 22", "Port 2222"]);
  t.deepEqual(
    files()
      .get("etc/ssh/sshd_config")
      ?.text.match(/^Port .*/gm),
    ["Port 22"],
  );
});

test("a dead connection ends there before it ends here, so that nothing holds a disk when somebody comes again", (t) => {
  const there = files().get("etc/ssh/sshd_config")?.text ?? "";
  const here = sshArguments({ port: undefined }, { options: [] }, "socket").join("\n");
  const patience = (text: string, side: string) =>
    ["Interval", "CountMax"].map((name) => Number(new RegExp(`${side}Alive${name}[ =](\\d+)`).exec(text)?.[1]));
  const seconds = (values: number[]) => values.reduce((product, value) => product * value, 1);
  t.true(seconds(patience(there, "Client")) < seconds(patience(here, "Server")));
});

test("whoever may come in does so once", (t) => {
  const other = "ssh-rsa AAAAother other@there";
  t.is(files({ authorizedKeys: [mine, other, mine] }).get("root/.ssh/authorized_keys")?.text, `${mine}\n${other}\n`);
});

const refusals = {
  "a machine with public keys alone": [{ hostKeys: hostKeys.slice(1) }, /no host key that OpenSSH reads/],
  "keys of another server's format": [
    { hostKeys: [key("dropbear_rsa_host_key", "\0\0\0\u0007ssh-rsa")] },
    /it has: dropbear_rsa_host_key/,
  ],
  "nobody with a key": [{ authorizedKeys: [] }, /nobody has a key/],
} as const;
for (const [name, [parts, message]] of Object.entries(refusals)) {
  test(`${name} cannot have a rescue system`, (t) => {
    const error = t.throws<MkimageError>(() => files(parts));
    t.is(error?.code, "BAD_REQUEST");
    t.regex(error?.message ?? "", message);
  });
}
