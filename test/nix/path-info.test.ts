import test from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import { parsePathInfo } from "../../src/nix/path-info.ts";

const alpha = "y7v2d1wqhw7mq0ab09lv8j9drhs3b44k-alpha";
const beta = "gwp0r3qnls5i5la1rv2asnnfqbqyl5vc-beta";
const full = (name: string) => `/nix/store/${name}`;

const expected = [
  {
    path: full(beta),
    narHash: "0cbff5dc5112b1a35c12861cfaf927cf146e92dcadf910c6e541d9a1b711d3ed",
    narSize: 576,
    references: [full(beta), full(alpha)],
  },
  {
    path: full(alpha),
    narHash: "ec84460bc866110153ab691c010a77c213d46c0a2410d8eddf7f387ab50eb7de",
    narSize: 872,
    references: [],
  },
];

const betaHash = "sha256-DL/13FESsaNcEoYc+vknzxRuktyt+RDG5UHZobcR0+0=";
const alphaHash = "sha256-7IRGC8hmEQFTq2kcAQp3whPUbAokENjt3384erUOt94=";

test("the array of Nix 2.8", (t) => {
  const text = `[{"path":"${full(beta)}","narHash":"${betaHash}","narSize":576,"references":["${full(beta)}","${full(alpha)}"],
    "deriver":"/nix/store/3sz2mhiif030gai02sr5v370hzpdnrwz-beta.drv","registrationTime":1795226614,"ultimate":true},
    {"path":"${full(alpha)}","narHash":"${alphaHash}","narSize":872,"references":[],
    "deriver":"/nix/store/vq6qwknfvlz2dwla3dn6ybwzx6zzg13x-alpha.drv","registrationTime":1795226614,"ultimate":true}]`;
  t.deepEqual(parsePathInfo(text), expected);
});

test("the array of an older Nix, whose hashes are sha256:…", (t) => {
  const text = `[{"path":"${full(alpha)}","narHash":"sha256:1pmp1ssplf3zvznxh41419nd84y2fw502739md9h24b6r05ld17c","narSize":872,"references":[]}]`;
  t.deepEqual(parsePathInfo(text), [expected[1]]);
});

test("the object of Nix 2.19 and later, keyed by path", (t) => {
  const text = JSON.stringify({
    [full(beta)]: {
      ca: null,
      deriver: null,
      narHash: betaHash,
      narSize: 576,
      references: [full(beta), full(alpha)],
      registrationTime: 1,
      signatures: [],
      ultimate: false,
    },
    [full(alpha)]: {
      ca: null,
      deriver: null,
      narHash: alphaHash,
      narSize: 872,
      references: [],
      registrationTime: 1,
      signatures: [],
      ultimate: false,
    },
  });
  t.deepEqual(parsePathInfo(text), expected);
});

test("the object of --json-format 2, keyed by base name", (t) => {
  const text = JSON.stringify({
    version: 2,
    storeDir: "/nix/store",
    info: {
      [beta]: { version: 2, narHash: betaHash, narSize: 576, references: [beta, alpha] },
      [alpha]: {
        version: 2,
        narHash: { algorithm: "sha256", format: "base64", hash: alphaHash.slice(7) },
        narSize: 872,
        references: [],
      },
    },
  });
  t.deepEqual(parsePathInfo(text), expected);
});

test("a path that Nix does not know is named", (t) => {
  const message = /Nix does not know \/nix\/store\/.*-alpha/;
  t.throws(() => parsePathInfo(JSON.stringify({ [full(alpha)]: null })), { message });
  t.throws(() => parsePathInfo(JSON.stringify([{ path: full(alpha), valid: false }])), { message });
});

for (const text of ["", "[1]", '{"a": 1}', "null"]) {
  test(`${JSON.stringify(text)} is not taken for an answer`, (t) => {
    const error = t.throws(() => parsePathInfo(text), { instanceOf: MkimageError, message: /form that is not known/ });
    t.regex(error?.hint ?? "", /--closure-info/);
  });
}
