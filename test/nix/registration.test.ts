import test from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import { parseRegistration } from "../../src/nix/registration.ts";

const alpha = "/nix/store/y7v2d1wqhw7mq0ab09lv8j9drhs3b44k-alpha";
const beta = "/nix/store/gwp0r3qnls5i5la1rv2asnnfqbqyl5vc-beta";

/** `nix-store --dump-db` of Nix 2.8: hex, with derivers. */
const dump = `${alpha}
ec84460bc866110153ab691c010a77c213d46c0a2410d8eddf7f387ab50eb7de
872
/nix/store/vq6qwknfvlz2dwla3dn6ybwzx6zzg13x-alpha.drv
0
${beta}
0cbff5dc5112b1a35c12861cfaf927cf146e92dcadf910c6e541d9a1b711d3ed
576
/nix/store/3sz2mhiif030gai02sr5v370hzpdnrwz-beta.drv
2
${beta}
${alpha}
`;

/** The same paths as closureInfo registers them: nix32, no derivers, no last newline. */
const closureInfo = `${alpha}
sha256:1pmp1ssplf3zvznxh41419nd84y2fw502739md9h24b6r05ld17c
872

0
${beta}
sha256:1vfk26vs3na1wp311yddvj96w56g4zwzl74629fa7c8ja7fgbgqc
576

2
${beta}
${alpha}`;

test("a dump of the database lists paths, hashes, sizes and references", (t) => {
  t.deepEqual(parseRegistration(dump, "dump"), [
    {
      path: alpha,
      narHash: "ec84460bc866110153ab691c010a77c213d46c0a2410d8eddf7f387ab50eb7de",
      narSize: 872,
      references: [],
    },
    {
      path: beta,
      narHash: "0cbff5dc5112b1a35c12861cfaf927cf146e92dcadf910c6e541d9a1b711d3ed",
      narSize: 576,
      references: [beta, alpha],
    },
  ]);
});

test("a closureInfo says the same", (t) => {
  t.deepEqual(parseRegistration(closureInfo, "registration"), parseRegistration(dump, "dump"));
});

test("an empty registration has no paths", (t) => t.deepEqual(parseRegistration("", "registration"), []));

const faults: readonly [what: string, text: string, message: RegExp][] = [
  ["something else than a store path", "hello\n", /"hello" is not a store path \(entry at line 1\)/],
  [
    "a bad hash",
    closureInfo.replace("sha256:1v", "sha256:1e"),
    /the hash of .*-beta, is not a SHA-256 hash \(entry at line 6\)/,
  ],
  ["a bad size", dump.replace("\n576\n", "\nmany\n"), /"many", the NAR size of .*-beta, is not a number/],
  ["too few references", dump.slice(0, dump.lastIndexOf("/nix")).trimEnd(), /the references of .*-beta are cut off/],
  ["a reference that is none", dump.replace(`\n${alpha}\n`, "\n/tmp/x\n"), /"\/tmp\/x", a reference of .*-beta/],
  ["blank lines", `\n${dump}`, /"" is not a store path \(entry at line 1\)/],
];

for (const [what, text, message] of faults) {
  test(`${what} is refused, with its line`, (t) => {
    const error = t.throws(() => parseRegistration(text, "registration"), { instanceOf: MkimageError, message });
    t.is(error?.code, "RESOLVE_FAILED");
  });
}
