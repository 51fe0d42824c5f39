import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { Command } from "commander";
import type { MkimageError } from "../../src/base/errors.ts";
import { addDeployOptions, type DeployFlags } from "../../src/cli/deploy-options.ts";
import { deploymentsOf } from "../../src/cli/deployments.ts";
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

/** The path of a file of machines, which is there as long as the test. */
function hostsFile(t: ExecutionContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "mkimage-hosts-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "hosts");
  writeFileSync(path, text);
  return path;
}

test("each line of a file of machines is a deployment, with options of its own that win over the command's", (t) => {
  const path = hostsFile(
    t,
    `# the web servers
.#web   root@a --disk main /dev/sda -p 22 --extra-files './of a'   # the old one

.#web root@b --final-host root@10.0.0.2
`,
  );
  const [a, b, ...others] = deployments(
    "--hosts",
    path,
    "--disk",
    "main",
    "/dev/vda",
    "-p",
    "2222",
    "--copy-host-keys",
  );
  t.deepEqual(others, []);
  t.like(a, { system: ".#web", host: { destination: "root@a", port: 22 }, copiesHostKeys: true, finalHost: undefined });
  t.deepEqual(a?.disks, [["main", "/dev/sda"]]);
  t.deepEqual(a?.extraFiles.folders, ["./of a"]);
  t.like(b, { host: { destination: "root@b", port: 2222 }, finalHost: { destination: "root@10.0.0.2", port: 2222 } });
  t.deepEqual(b?.disks, [["main", "/dev/vda"]]);
  t.deepEqual(b?.extraFiles.folders, []);
});

test("machines of a file and of the command are deployed to alike, and one that is in both is named twice", (t) => {
  const path = hostsFile(t, ".#b root@b\n");
  t.deepEqual(
    deployments(".#a", "root@a", "--hosts", path).map(({ host }) => host.destination),
    ["root@a", "root@b"],
  );
  t.throws(() => deployments(".#a", "root@b", "--hosts", path), { message: /named twice/ });
});

test("a word that follows an option's pairs belongs to the command, and to no line of a file", (t) => {
  const path = hostsFile(t, "root@b\n");
  const requests = deployments("--hosts", path, "--disk", "main", "/dev/sda", "root@a");
  t.deepEqual(
    requests.map(({ system, host }) => [system, host.destination]),
    [
      [undefined, "root@a"],
      [undefined, "root@b"],
    ],
  );
});

const faultyFiles: Readonly<Record<string, readonly [text: string, message: RegExp]>> = {
  "an option that is none of a machine": [".#a root@a --phases facts\n", /hosts:1: unknown option '--phases'/],
  "a port that is none": ["\n.#a root@a -p many\n", /hosts:2: .*It is a port/],
  "a quote that is not closed": [".#a root@a -i 'key\n", /hosts:1: a quote is not closed/],
  "two machines in a line": [".#a root@a .#b root@b\n", /hosts:1 names several machines/],
  "no machine": ["# none yet\n", /names no machine/],
};
for (const [name, [text, message]] of Object.entries(faultyFiles)) {
  test(`a file with ${name} is refused`, (t) => {
    const error = t.throws<MkimageError>(() => deployments("--hosts", hostsFile(t, text)));
    t.is(error?.code, "BAD_REQUEST");
    t.regex(error?.message ?? "", message);
  });
}

test("a file with several faults names them all", (t) => {
  const error = t.throws<MkimageError>(() => deployments("--hosts", hostsFile(t, "a --x\nb --y\n")));
  t.is(error?.details.length, 2);
});
