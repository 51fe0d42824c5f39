import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { MkimageError } from "../../../src/base/errors.ts";
import { findProducts, renderProducts, writeProducts } from "../../../src/pipeline/publish/hydra-products.ts";
import { checkOutputFolder, placeFiles } from "../../../src/pipeline/publish/output-folder.ts";
import { thisMachine } from "../../../src/runtime/host.ts";
import { runPostHook } from "../../../src/pipeline/publish/post-hook.ts";

function folder(): string {
  return mkdtempSync(join(tmpdir(), "mkimage-test-"));
}

test("a folder with something in it is refused without --force", (t) => {
  const out = folder();
  checkOutputFolder(out, false);
  writeFileSync(join(out, "mine"), "");
  t.throws(() => checkOutputFolder(out, false), { instanceOf: MkimageError, message: /not empty/ });
  t.notThrows(() => checkOutputFolder(out, true));
});

test("a result link of nix build is refused without --force, and never followed", (t) => {
  const parent = folder();
  const target = folder();
  const out = join(parent, "result");
  symlinkSync(target, out);
  t.throws(() => checkOutputFolder(out, false), { message: /symbolic link/ });
  writeFileSync(join(parent, "image"), "bytes");
  placeFiles(out, [{ path: join(parent, "image"), name: "nixos.img" }]);
  t.deepEqual(readdirSync(target), []);
  t.is(readFileSync(join(out, "nixos.img"), "utf8"), "bytes");
});

test("withdrawing takes our files back and leaves the others", (t) => {
  const out = folder();
  writeFileSync(join(out, "mine"), "");
  const image = join(folder(), "image");
  writeFileSync(image, "");
  placeFiles(out, [{ path: image, name: "nixos.img" }]).withdraw();
  t.deepEqual(readdirSync(out), ["mine"]);
});

test("the products name what is there after the hook", (t) => {
  const out = folder();
  for (const name of ["nixos.img", "image.json", "efi-vars.fd"]) writeFileSync(join(out, name), "");
  t.deepEqual(findProducts(out, ["nixos.img"], "raw-image"), [{ type: "raw-image", path: join(out, "nixos.img") }]);
  t.deepEqual(findProducts(out, ["renamed-away.img"], "raw-image"), [
    { type: "raw-image", path: join(out, "nixos.img") },
  ]);
  writeFileSync(join(out, "notes.txt"), "");
  t.deepEqual(
    findProducts(out, ["nixos.img"], "raw-image").map((product) => product.type),
    ["raw-image", "other"],
  );
});

test("product paths are quoted only where there are blanks", (t) => {
  t.is(renderProducts([{ type: "qcow2-image", path: "/a/b.qcow2" }]), "file qcow2-image /a/b.qcow2\n");
  t.is(renderProducts([{ type: "raw-image", path: "/a b/c.img" }]), 'file raw-image "/a b/c.img"\n');
});

test("the products file appears whole", (t) => {
  const out = folder();
  writeProducts(out, [{ type: "raw-image", path: join(out, "x") }]);
  t.deepEqual(readdirSync(join(out, "nix-support")), ["hydra-build-products"]);
});

const context = { host: thisMachine, signal: new AbortController().signal };

test("the post hook sees $out and $diskImage", async (t) => {
  const out = folder();
  await runPostHook({ shell: 'echo "$diskImage" > "$out/seen"', path: [] }, out, "/some/image", context);
  t.is(readFileSync(join(out, "seen"), "utf8"), "/some/image\n");
});

test("a failing post hook is an error of its own", async (t) => {
  const error = await t.throwsAsync(
    runPostHook({ shell: "echo oh no >&2; exit 3", path: [] }, folder(), "/x", context),
    {
      instanceOf: MkimageError,
    },
  );
  t.is((error as MkimageError).code, "HOOK_FAILED");
  t.true((error as MkimageError).details.some((line) => line.includes("oh no")));
});

test("a folder that is missing is made, and goes again when withdrawn", (t) => {
  const parent = folder();
  mkdirSync(parent, { recursive: true });
  const out = join(parent, "deep", "result");
  const image = join(parent, "image");
  writeFileSync(image, "");
  const placed = placeFiles(out, [{ path: image, name: "nixos.img" }]);
  t.true(existsSync(join(out, "nixos.img")));
  placed.withdraw();
  t.false(existsSync(out));
});
