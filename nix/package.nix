# The program: bundled by nixpkgs' esbuild, on nixpkgs' Node, with what it calls behind the caller's own PATH.
{
  pkgs ? import <nixpkgs> { },
}:
let
  inherit (pkgs) lib;
  inherit (builtins.fromJSON (builtins.readFile ../package.json)) version;
  npmPackages = import ./npm-packages.nix { inherit pkgs; };

  part =
    path:
    builtins.path {
      inherit path;
      name = baseNameOf path;
    };
in
pkgs.runCommand "mkimage-${version}"
  {
    nativeBuildInputs = [
      pkgs.esbuild
      pkgs.nodejs_24
    ];
    packageJson = part ../package.json;
    typescript = part ../tsconfig.json;
    source = part ../src;
    tools = part ../tools;
    vm = part ../vm;
    inherit npmPackages;
    inherit (pkgs) runtimeShell;
    node = pkgs.nodejs_24;
    path = lib.makeBinPath (import ./tools.nix pkgs);
    firmware = "${pkgs.qemu}/share";
    passthru = {
      inherit npmPackages;
      lib = import ./lib.nix;
    };
    meta = {
      description = "Turns a NixOS system into disk images";
      license = lib.licenses.mit;
      mainProgram = "mkimage";
      platforms = [
        "x86_64-linux"
        "aarch64-linux"
      ];
    };
  }
  ''
    mkdir work
    cd work
    cp -r $source src
    cp -r $tools tools
    cp $packageJson package.json
    cp $typescript tsconfig.json
    cp -r $npmPackages node_modules

    home=$out/lib/mkimage
    mkdir -p $home/dist $out/bin
    cp $packageJson $home/package.json
    cp -r $vm $home/vm
    sh tools/bundle program $home/dist
    sh tools/bundle page $home/dist
    cp node_modules/@koromix/koffi-linux-*/linux_*/koffi.node $home/dist/koffi.node

    printf '%s\n' > $out/bin/mkimage \
      "#!$runtimeShell" \
      "export PATH=\"\''${PATH:+\$PATH:}$path\"" \
      "export XDG_DATA_DIRS=\"\''${XDG_DATA_DIRS:-/usr/local/share:/usr/share}:$firmware\"" \
      "exec $node/bin/node --disable-warning=ExperimentalWarning $home/dist/start.cjs \"\$@\""
    chmod +x $out/bin/mkimage

    mkdir -p $out/share/bash-completion/completions $out/share/zsh/site-functions $out/share/fish/vendor_completions.d $out/share/man/man1
    $out/bin/mkimage completion bash > $out/share/bash-completion/completions/mkimage
    $out/bin/mkimage completion zsh > $out/share/zsh/site-functions/_mkimage
    $out/bin/mkimage completion fish > $out/share/fish/vendor_completions.d/mkimage.fish
    $out/bin/mkimage manual > $out/share/man/man1/mkimage.1
  ''
