{
  description = "A host, and an image of it: nix build, or mkimage build .#web";

  inputs = {
    nixpkgs.url = "nixpkgs";
    # As `nix registry add mkimage path:…` calls it; or where you have it.
    mkimage.url = "mkimage";
    mkimage.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    {
      self,
      nixpkgs,
      mkimage,
    }:
    {
      nixosConfigurations.web = nixpkgs.lib.nixosSystem {
        modules = [
          mkimage.nixosModules.default
          ./configuration.nix
        ];
      };

      packages.x86_64-linux.default = self.nixosConfigurations.web.config.system.build.mkimage;
    };
}
