# SPDX-License-Identifier: GPL-2.0
#
# AF_SMC out of tree: builds, checks and tests everything. See "make help".
# In a kernel tree the directories are used as they are, without this file.

# Headers of the kernel to build for: KDIR= takes another one.
KDIR ?= $(shell ls -d /usr/src/linux-headers-6.12*-amd64 2>/dev/null | \
	  sort -V | tail -n 1)
KRELEASE = $(shell sed -n 's/^.*UTS_RELEASE "\(.*\)"/\1/p' \
	     $(KDIR)/include/generated/utsrelease.h 2>/dev/null)

# All that is built goes here. The sources appear in kmod as symbolic links,
# since kbuild of 6.12 writes beside the sources.
BUILD := $(CURDIR)/build
KMOD := $(BUILD)/kmod

MODULES := smc.ko smc_diag.ko
KBUILD = $(MAKE) -C $(KDIR) M=$(KMOD)/net/smc
SIM := tools/testing/smc/smcsim

# INSTALL_MOD_PATH= and DESTDIR= (for the tools) install below other roots.
DEPMOD_BASE = $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH))

# What "make test" runs, in this order.
TESTS := scripts tools fuzz debug vm interop

all: modules tools

help:
	@echo 'make                 build/smc.ko, build/smc_diag.ko, build/tools/smc'
	@echo 'make modules         the modules only (KDIR= for other headers)'
	@echo 'make tools           smc, smc_run and libsmc-preload.so'
	@echo 'make install         install modules (updates/) and tools on this machine'
	@echo 'make uninstall       and remove them'
	@echo 'make demo            two hosts talk SMC-R (Debian 12, root)'
	@echo 'make test            the tests: $(TESTS:%=test-%)'
	@echo 'make test-PART       one of them'
	@echo 'make test-debug      most of it: in a kernel that watches (KASAN, lockdep)'
	@echo 'make test-interop    our module against those of other kernels'
	@echo 'make test-interop-long  and gigabytes to the one of 6.12 (half an hour)'
	@echo 'make test-kunit      KUnit alone, in a small kernel (test-debug has it, too)'
	@echo 'make coverage        which lines of net/smc the tests reach (long)'
	@echo 'make bench           measures TCP, the stock module and ours'
	@echo 'make check           style, documentation and layer checks'
	@echo 'make clean           remove build/'

# One at a time, and the results appear in one piece: labs may be reading them.
modules: need-headers
	@mkdir -p $(KMOD)
	+@flock $(BUILD)/.lock $(MAKE) --no-print-directory locked-modules

locked-modules:
	@cp -rs --remove-destination $(CURDIR)/include $(CURDIR)/net $(KMOD)/
	@find -L $(KMOD) -type l -delete
	+$(KBUILD) modules
	@for module in $(MODULES); do \
		cmp -s $(KMOD)/net/smc/$$module $(BUILD)/$$module && continue; \
		cp $(KMOD)/net/smc/$$module $(BUILD)/$$module.new && \
		mv $(BUILD)/$$module.new $(BUILD)/$$module || exit; \
	done

# The simulated RDMA device, as a module for the same kernel.
smcsim: need-headers
	@mkdir -p $(KMOD)/$(SIM)
	+@flock $(BUILD)/.lock $(MAKE) --no-print-directory locked-smcsim

locked-smcsim:
	@cp -rs --remove-destination $(CURDIR)/$(SIM)/. $(KMOD)/$(SIM)/
	@find -L $(KMOD)/$(SIM) -type l -delete
	+$(MAKE) -C $(KDIR) M=$(KMOD)/$(SIM) CONFIG_SMCSIM=m modules
	@cmp -s $(KMOD)/$(SIM)/smcsim.ko $(BUILD)/smcsim.ko || { \
		cp $(KMOD)/$(SIM)/smcsim.ko $(BUILD)/smcsim.ko.new && \
		mv $(BUILD)/smcsim.ko.new $(BUILD)/smcsim.ko; \
	}

need-headers:
	@if [ ! -e '$(KDIR)/Makefile' ]; then \
		echo 'no 6.12 kernel headers here: run scripts/deps build,' \
		     'or give KDIR=' >&2; \
		exit 1; \
	fi

tools:
	@$(MAKE) -C tools/smc O=$(BUILD)/tools/smc

selftests:
	@$(MAKE) -C tools/testing/selftests/net/smc OUTPUT=$(BUILD)/selftests

install: all
	$(KBUILD) INSTALL_MOD_DIR=updates modules_install
	depmod $(DEPMOD_BASE) $(KRELEASE)
	$(MAKE) -C tools/smc O=$(BUILD)/tools/smc install

uninstall: need-headers
	rm -f $(MODULES:%=$(INSTALL_MOD_PATH)/lib/modules/$(KRELEASE)/updates/%*)
	depmod $(DEPMOD_BASE) $(KRELEASE)
	$(MAKE) -C tools/smc O=$(BUILD)/tools/smc uninstall

demo:
	@scripts/demo

check:
	@scripts/deps build tools check
	@scripts/check/all

test:
	@scripts/deps build tools selftests lab kunit fuzz interop
	@scripts/test $(TESTS)

# Sums up, too; what it runs is part-PART.
$(TESTS:%=test-%) test-kunit test-interop-long: test-%:
	@scripts/test $*

part-scripts:
	@scripts/test-sum --self-test
	@tools/testing/selftests/net/smc/run_decoder_tests

part-tools:
	@scripts/deps tools
	@$(MAKE) -C tools/smc O=$(BUILD)/tools/smc check

part-fuzz:
	@scripts/deps fuzz
	@$(MAKE) -C tools/testing/smc/fuzz check

part-kunit:
	@scripts/deps kunit
	@scripts/kunit

part-vm:
	@scripts/deps build tools selftests lab
	+@$(MAKE) --no-print-directory all selftests
	@$(MAKE) -C tools/smc O=$(BUILD)/tools/smc tests
	@scripts/test-vm

part-debug:
	@scripts/deps tools selftests kunit
	+@$(MAKE) --no-print-directory tools selftests
	@scripts/test-debug

# The kernel's own module, of 6.12 and of 6.1, is the peer; the simulated
# device is built for both kernels. It takes smc for its EIDs.
part-interop:
	@scripts/deps build tools selftests lab interop
	+@$(MAKE) --no-print-directory all smcsim selftests
	+@$(MAKE) --no-print-directory smcsim BUILD=$(BUILD)/interop-6.1 \
		KDIR=$$(ls -d /usr/src/linux-headers-6.1.*-amd64 | \
			sort -V | tail -n 1)
	@tools/testing/selftests/net/smc/run_lab_tests --interop

# As long as it takes for 1 GiB each way and 500 connections, in each role.
part-interop-long:
	@scripts/deps build tools selftests lab
	+@$(MAKE) --no-print-directory all smcsim selftests
	@tools/testing/selftests/net/smc/run_lab_tests --interop-long

coverage:
	@scripts/deps tools selftests kunit coverage
	+@$(MAKE) --no-print-directory tools selftests
	@scripts/coverage

bench:
	@scripts/deps build bench
	@mkdir -p $(BUILD)
	+@$(MAKE) --no-print-directory modules smcsim > $(BUILD)/bench.log 2>&1 || \
		{ tail -n 20 $(BUILD)/bench.log; exit 1; }
	@$(MAKE) -s -C tools/testing/smc/bench O=$(BUILD)/bench
	@scripts/bench

patch:
	@echo 'make $@ is not there yet: it arrives with a later change' >&2
	@exit 1

clean:
	rm -rf $(BUILD)

.PHONY: all help modules locked-modules smcsim locked-smcsim need-headers \
	tools selftests install uninstall demo check test \
	$(TESTS:%=test-%) $(TESTS:%=part-%) test-kunit part-kunit \
	test-interop-long part-interop-long coverage \
	bench patch clean
