# mkimage: `make` builds it, `make demo` shows it, `make test` proves it.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build
.DELETE_ON_ERROR:

# The Node that runs here before npm's, which does not run on NixOS: npm's programs look for one in PATH.
export PATH := $(CURDIR)/dist:$(CURDIR)/node_modules/.bin:$(PATH)

# What mkimage calls; what the demo system and the tests need besides; who else judges and makes images in tests.
PACKAGES := qemu-system-x86 qemu-utils ovmf nix-bin git busybox-static util-linux mount fdisk gdisk parted e2fsprogs
PACKAGES += tar gzip bzip2 xz-utils zstd btrfs-progs xfsprogs f2fs-tools
PACKAGES += cryptsetup-bin dmsetup lvm2 mdadm thin-provisioning-tools udev
PACKAGES += patchelf cpio kmod grub-pc-bin grub-efi-amd64-bin grub2-common systemd-boot extlinux syslinux-common
PACKAGES += wabt xxhash bmap-tools libxml2-utils openssh-client openssh-server dropbear-bin sudo tcsh kexec-tools efibootmgr iproute2 diffutils
PACKAGES += shellcheck time procps acl attr sqlite3 dosfstools mtools genimage genext2fs faketime chromium bash zsh fish groff

.PHONY: help build packages sources check types lint format rooms shellcheck test test-unit test-tools test-fuzz test-real test-all test-zfs demo docs bench bench-quick clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: dist/mkimage.cjs.compiled dist/inspect-page.js dist/koffi.node ## build dist/, so that bin/mkimage runs

# Not `npm ci`: the lock file names only the optional binaries that there were for the machine it was made on. Twice, since
# npm leaves out optional packages that are not for the Node that it runs on, and the first time brings a newer one.
node_modules/.installed: package.json package-lock.json
	npm install --no-save --no-audit --no-fund --loglevel=error
	npm install --no-save --no-audit --no-fund --loglevel=error
	touch $@

# The link's own age says nothing, since make looks at what it leads to.
dist/node: | node_modules/.installed
	@mkdir -p dist
	@ln -sfn "$$(for node in $$(type -ap node); do \
	  if "$$node" -e 'process.exit(process.versions.node.split(".")[0] < 24 ? 1 : 0)' 2>/dev/null; \
	  then readlink -f "$$node"; exit; fi; done; echo 'no Node 24 or newer was found' >&2; exit 1)" $@

# What calls the C library: of the machines that Koffi has it for, it finds this one's itself. Moved into place, since programs
# that run have the old one mapped.
dist/koffi.node: node_modules/.installed | dist/node
	@cp "$$(dist/node -p 'require("koffi"); Object.keys(require.cache).find((path) => path.endsWith(".node"))')" $@.new
	@mv $@.new $@

dist/mkimage.cjs: $(shell find src -name '*.ts') tools/bundle package.json node_modules/.installed | dist/node
	@tools/bundle program dist

# Of a run that passes through what most runs do. Whatever it did not come to, where a tool is missing, is compiled when it
# is called.
dist/mkimage.cjs.compiled: dist/mkimage.cjs dist/koffi.node bin/mkimage
	@folder="$$(mktemp -d)"; trap 'rm -rf "$$folder"' EXIT; \
	  MKIMAGE_KEEP_COMPILED="$$folder/compiled" bin/mkimage build --root vm --partition none --format raw \
	    --out "$$folder/image" >"$$folder/log" 2>&1 || true; \
	  cp "$$folder/compiled" $@

dist/inspect-page.js: dist/node tools/bundle $(wildcard src/web/*) src/inspect/page-data.ts src/base/units.ts
	tools/bundle page dist

packages: ## install the Debian packages that are missing (as root, or with sudo)
	@missing="$$(for package in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done)"; \
	if [ -n "$$missing" ]; then \
	  as_root=''; [ "$$(id -u)" = 0 ] || as_root=sudo; \
	  $$as_root apt-get update -q; \
	  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -y -q --no-install-recommends $$missing; \
	fi

sources: packages ## download what the demo system is made of, and the other Nix that tests ask
	fixtures/fetch >/dev/null
	fixtures/other-tools trixie nix >/dev/null

check: types lint format rooms shellcheck ## types, lint, format, arrows between rooms, exports, shell scripts

types: node_modules/.installed
	tsc -p .
	tsc -p src/web --noEmit
	tsc -p test/real/page --noEmit

lint: node_modules/.installed
	oxlint --type-aware --quiet

format: node_modules/.installed
	oxfmt --check $$(git ls-files '*.ts') >/dev/null || { oxfmt --list-different $$(git ls-files '*.ts'); exit 1; }

rooms: dist/node
	dist/node tools/check-rooms.ts
	dist/node tools/check-exports.ts
	dist/node tools/check-comments.ts

shellcheck:
	shellcheck bin/mkimage tools/bundle .ci/run fixtures/build fixtures/fetch fixtures/suite.sh fixtures/kernel fixtures/zfs fixtures/other-tools fixtures/target fixtures/nixpkgs/make fixtures/system/scripts/*.sh fixtures/system/build/*.sh
	shellcheck test/real/disk-guest.sh test/real/store-root.sh test/real/change-guest.sh test/real/change-killed.sh test/real/disko-cycle.sh test/real/disko-read.sh test/real/disko-script.sh test/real/foreign-content.sh test/real/incomplete-groups.sh test/zfs/scenes.sh
	shellcheck --shell=dash fixtures/targets/initrd-init fixtures/targets/busybox/files/etc/init.d/rcS fixtures/targets/busybox/files/etc/udhcpc/default.script
	shellcheck --shell=dash vm/* test/real/container-judge.sh

# What is downloaded comes while what is here is built and checked.
test: packages ## everything that CI runs
	$(MAKE) --jobs=2 --output-sync=target sources build check
	ava --config together.config.js

test-unit: build ## decisions, readers and writers: no machine, no root, no program but a shell's
	ava --config together.config.js 'build/together/*.test.ts'

test-tools: packages sources build ## the same beside other programs: mke2fs, qemu-img, tar, shellcheck, Nix
	ava --config together.config.js 'build/together/tools/*.test.ts'

test-fuzz: build ## damaged images: what readers find in them, beside other programs
	ava 'test/fuzz/**/*.test.ts'

test-real: packages sources build ## the tests that boot machines and judge images with other programs
	ava 'test/real/{*,page/*}.test.ts'

test-all: packages sources build check ## everything, with the long variants, and test-zfs
	MKIMAGE_LONG=1 ava --config together.config.js
	ava --config zfs.config.js

test-zfs: packages sources build ## pools and images with pools in guests; builds ZFS for their kernel, once
	ava --config zfs.config.js

# What ZFS is built with, and its programs load.
test-all test-zfs: PACKAGES += build-essential libtirpc3

demo: packages sources build ## build the demo system, make a qcow2 image of it, and boot that
	dist/node fixtures/demo.ts

docs: dist/node ## write what the schemas generate into the manual and the Nix files
	dist/node tools/generate-docs.ts

bench: build ## measure against tar, mke2fs and qemu-img: TREE=DIR, ROUNDS=5, GROWTH=1
	dist/node bench/run.ts

bench-quick: build ## the same at a tenth of the size, in less than two minutes
	QUICK=1 dist/node bench/run.ts

clean: ## remove what was built here
	rm -rf dist build
