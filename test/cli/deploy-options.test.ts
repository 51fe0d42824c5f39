import test from "ava";
import { Command } from "commander";
import type { MkimageError } from "../../src/base/errors.ts";
import { addDeployOptions, type DeployFlags, deploymentsOf } from "../../src/cli/deploy-options.ts";
import type { DeployRequest } from "../../src/deploy/deploy-request.ts";

function deployments(...words: readonly string[]): readonly DeployRequest[] {
  const command = addDeployOptions(new Command("deploy").argument("[words...]").exitOverride());
  command.configureOutput({ writeErr: () => undefined });
  command.parse(words, { from: "user" });
  return deploymentsOf(command.args, command.opts<DeployFlags>(), new AbortController().signal);
}

const all = ["facts", "kexec", "disks", "install", "reboot", "prove"];

test("a system and a machine are a deployment of all phases", (t) => {
  const [only, ...others] = deployments(".#web", "root@203.0.113.7");
  t.like(only, { system: ".#web", host: { destination: "root@203.0.113.7", port: undefined } });
  t.deepEqual(only?.phases, all);
  t.deepEqual(others, []);
});

test("a machine alone gets the system of this folder, and machines alone that of a file", (t) => {
  t.deepEqual(
    deployments("root@a").map(({ system }) => system),
    [undefined],
  );
  const hosts = deployments("root@a", "root@b", "--file", "./configuration.nix").map(({ host }) => host.destination);
  t.deepEqual(hosts, ["root@a", "root@b"]);
});

test("pairs are several deployments, also behind an option of pairs", (t) => {
  const requests = deployments("--disk", "main", "/dev/sda", "--phases", "facts", ".#a", "root@a", ".#b", "root@b");
  t.deepEqual(
    requests.map(({ system, host }) => [system, host.destination]),
    [
      [".#a", "root@a"],
      [".#b", "root@b"],
    ],
  );
  t.deepEqual(requests[0]?.disks, [["main", "/dev/sda"]]);
});

test("a port holds for each address that has none of its own", (t) => {
  const addresses = ["--post-kexec-host", "root@b", "--final-host", "ssh://root@c:22"];
  const [request] = deployments(".#web", "root@a", "-p", "2222", ...addresses);
  t.deepEqual([request?.host.port, request?.rescueHost?.port, request?.finalHost?.port], [2222, 2222, 22]);
});

const choices: Readonly<Record<string, readonly string[]>> = {
  "--kexec-only": ["facts", "kexec"],
  "--no-reboot": ["facts", "kexec", "disks", "install"],
  "--phases prove,facts": ["facts", "prove"],
};
for (const [words, phases] of Object.entries(choices)) {
  test(`${words} is the phases ${phases.join(", ")}`, (t) => {
    t.deepEqual(deployments(".#web", "root@a", ...words.split(" "))[0]?.phases, phases);
  });
}

test("options of nixos-anywhere are those of a build", (t) => {
  const [request] = deployments(".#web", "root@a", "--disk-encryption-keys", "/tmp/key", "./key", "--touch-efi-vars");
  t.deepEqual(request?.build.preFormatFiles, [["./key", "/tmp/key"]]);
  t.is(request?.touchesFirmware, true);
  t.is(request?.build.touchEfiVars, false);
});

test("a test machine needs no address", (t) => {
  t.deepEqual(
    deployments(".#web", "--vm-test").map(({ system }) => system),
    [".#web"],
  );
});

for (const words of [[], [".#a", "root@a", ".#b"]]) {
  test(`${words.length} words are no deployments`, (t) => {
    const error = t.throws<MkimageError>(() => deployments(...words));
    t.is(error?.code, "USAGE");
  });
}
