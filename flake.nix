{
  description = "Turns a NixOS system into disk images: no root, no KVM, exact sizes, the same bytes every time";

  inputs.nixpkgs.url = "nixpkgs";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forEach = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      mkimage = pkgs: import ./nix/package.nix { inherit pkgs; };
    in
    {
      packages = forEach (pkgs: rec {
        mkimage = import ./nix/package.nix { inherit pkgs; };
        default = mkimage;
      });

      apps = forEach (pkgs: {
        default = {
          type = "app";
          program = "${mkimage pkgs}/bin/mkimage";
          meta.description = "Build an image";
        };
      });

      lib = import ./nix/lib.nix;

      nixosModules.default = import ./nix/module.nix;

      overlays.default = final: _prev: { mkimage = mkimage final; };

      devShells = forEach (pkgs: {
        default = pkgs.mkShell {
          packages = [
            pkgs.nodejs_24
            pkgs.gnumake
          ]
          ++ import ./nix/tools.nix pkgs;
        };
      });

      templates = rec {
        host = {
          path = ./nix/templates/host;
          description = "A host with an image";
        };
        fleet = {
          path = ./nix/templates/fleet;
          description = "Hosts with an image each, and jobs for Hydra";
        };
        default = host;
      };

      checks = forEach (pkgs: {
        package = mkimage pkgs;
        build = import ./nix/check.nix { inherit pkgs; mkimage = mkimage pkgs; };
      });

      hydraJobs.mkimage = forEach mkimage;
    };
}
