# What mkimage takes from npm at run time, in a fixed-output derivation for each system. It depends on the part of the lock
# file that is in the program, so another version of a linter changes nothing.
{ pkgs }:
let
  inherit (pkgs.stdenv.hostPlatform) system;
  read = file: builtins.fromJSON (builtins.readFile file);
  write = name: value: builtins.toFile name (builtins.toJSON value);
  without = removeAttrs;

  lock = read ../package-lock.json;
  isForRunning = name: !(lock.packages.${name}.dev or false || lock.packages.${name}.devOptional or false);
  forRunning = builtins.listToAttrs (
    map (name: {
      inherit name;
      value = without lock.packages.${name} [ "devDependencies" ];
    }) (builtins.filter isForRunning (builtins.attrNames lock.packages))
  );

  cpu = {
    x86_64-linux = "x64";
    aarch64-linux = "arm64";
  };
in
pkgs.runCommand "mkimage-npm-packages-${cpu.${system}}"
  {
    nativeBuildInputs = [ pkgs.nodejs_24 ];
    packageJson = write "package.json" (without (read ../package.json) [ "devDependencies" ]);
    packageLock = write "package-lock.json" (lock // { packages = forRunning; });
    cpu = cpu.${system};
    NODE_EXTRA_CA_CERTS = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
    impureEnvVars = [
      "http_proxy"
      "https_proxy"
      "no_proxy"
      "HTTP_PROXY"
      "HTTPS_PROXY"
      "NO_PROXY"
    ];
    outputHashMode = "recursive";
    outputHashAlgo = "sha256";
    outputHash =
      {
        x86_64-linux = "1ndnwasjhs2q288kbyk0d02jh6dn8m2ys09vacsgwxllrp41k2k6";
        aarch64-linux = "166bjvzdnzrspl49qj6wya27jrcijhcmpp9wk2bjcvpq9vg76zwy";
      }
      .${system};
  }
  # What differs with npm's version is left out.
  ''
    export HOME=$PWD
    cp $packageJson package.json
    cp $packageLock package-lock.json
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund --os=linux --cpu=$cpu --libc=glibc
    rm -rf node_modules/.bin node_modules/.package-lock.json
    mv node_modules $out
  ''
