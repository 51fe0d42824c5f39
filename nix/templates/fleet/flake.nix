{
  description = "Hosts, and an image of each: nix build .#web, or all of them as jobs of Hydra";

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
    let
      host =
        hostName:
        nixpkgs.lib.nixosSystem {
          modules = [
            ./configuration.nix
            { networking = { inherit hostName; }; }
          ];
        };
      hosts = [
        "web"
        "database"
      ];
    in
    {
      nixosConfigurations = nixpkgs.lib.genAttrs hosts host;

      packages.x86_64-linux = mkimage.lib.makeFleet {
        hosts = self.nixosConfigurations;
        partition = "efi";
        format = "qcow2";
      };

      # Each image is a product of its job.
      hydraJobs.images = self.packages.x86_64-linux;
    };
}
