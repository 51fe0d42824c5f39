import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import type { MkimageError } from "../../src/base/errors.ts";
import { observe } from "../../src/deploy/observe.ts";
import { prove } from "../../src/deploy/prove.ts";
import { ownClock } from "../../src/runtime/clock.ts";
import { judge } from "./loop-device.ts";
import { sshMachine } from "./ssh-machine.ts";

test.serial(
  "a machine is seen as what it is: by a key, by one that is locked, by none, and not at all: who waits for it is told so",
  async (t) => {
    const machine = await sshMachine(t);
    const key = join(machine.folder, "key");
    const host = { destination: "root@127.0.0.1", port: machine.port };
    const options = [`UserKnownHostsFile=${machine.knownHosts}`, "IdentitiesOnly=yes", "IdentityAgent=none"];
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    t.like(await observe(host, { options, identity: key }), { kind: "system", boot });
    judge("ssh-keygen", "-q", "-p", "-P", "", "-N", "a passphrase", "-f", key);
    t.deepEqual(await observe(host, { options, identity: key }), { kind: "locked key", path: key });
    const other = join(machine.folder, "other");
    judge("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other);
    t.deepEqual(await observe(host, { options, identity: other }), { kind: "no login" });
    machine.cut();
    t.like(await observe(host, { options, identity: other }), { kind: "nothing" });
    const silent = prove({
      toplevel: "/nix/store/system",
      deadlineSeconds: 1,
      look: () => observe(host, { options, identity: key }),
      clock: ownClock,
      task: { detail: () => {} },
    });
    const error = await t.throwsAsync<MkimageError>(silent);
    t.is(error.message, "the new system did not answer within 1 s");
    t.regex(error.details.join("\n"), /last seen: nothing answers \(.*Connection refused/);
  },
);
