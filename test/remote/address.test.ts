import test from "ava";
import type { MkimageError } from "../../src/base/errors.ts";
import { isRemote, parseRemoteDisk } from "../../src/remote/address.ts";

const addresses = {
  "ssh://host/dev/sda": { destination: "host", port: undefined, path: "/dev/sda" },
  "ssh://root@203.0.113.7:2222/dev/disk/by-id/ata-Disk_1": {
    destination: "root@203.0.113.7",
    port: 2222,
    path: "/dev/disk/by-id/ata-Disk_1",
  },
  "ssh://root@[fe80::1%eth0]:22/dev/vda": { destination: "root@fe80::1%eth0", port: 22, path: "/dev/vda" },
} as const;

for (const [text, address] of Object.entries(addresses)) {
  test(`${text} is a disk of another machine`, (t) => {
    t.true(isRemote(text));
    t.deepEqual(parseRemoteDisk(text), address);
  });
}

for (const text of [
  "ssh://host",
  "ssh://host/etc/passwd",
  "ssh://host/dev/",
  "ssh://host:0/dev/sda",
  "ssh://host:70000/dev/sda",
  "ssh://-oProxyCommand=reboot/dev/sda",
  "ssh://-x@host/dev/sda",
  "ssh://user:password@host/dev/sda",
  "ssh:///dev/sda",
  "http://host/dev/sda",
  "ssh://ho st/dev/sda",
]) {
  test(`${text} is refused`, (t) => {
    const error = t.throws<MkimageError>(() => parseRemoteDisk(text));
    t.is(error?.code, "BAD_REQUEST");
    t.true(error?.message.includes(text));
  });
}

test("a path is a device of this machine", (t) => {
  t.false(isRemote("/dev/sda"));
  t.false(isRemote("./disk.img"));
});
