# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Makes and keeps the kernel of scripts/uml: sourced by it. It is made once for
# each version of the package linux-source-6.12, configuration and compiler,
# and kept under ~/.cache/af-smc. Wants $parts, this directory, $out and die().

: "${parts:?}" "${out:?}"
tarball=/usr/src/linux-source-6.12.tar.xz
cache=${HOME:?}/.cache/af-smc
build_limit=5400	# seconds, on a busy machine

# What of the tarball goes into no kernel of ours. The kernel's own net/smc
# comes without sources: only its configuration is wanted.
unpack() {
	mkdir -p "$1" &&
	tar -xJf "$tarball" -C "$1" --strip-components=1 \
		--exclude='*/net/smc/*.[ch]' --exclude='*/drivers/gpu/*.[ch]' \
		--exclude='*/drivers/media/*.[ch]' --exclude='*/sound/*.[ch]' \
		--exclude='*/drivers/infiniband/sw/*.[ch]' \
		--exclude='*/drivers/infiniband/hw/*.[ch]' \
		--exclude='*/drivers/net/ethernet/*.[ch]' \
		--exclude='*/drivers/net/wireless/*.[ch]' \
		--exclude='*.dts*' --exclude='*/Documentation/*.rst' \
		--exclude='*/Documentation/*.yaml'
}

fragments() {
	cat "$parts/base.config" "$parts/debug.config"
}

# Options that cannot be had vanish without a word.
check_config() {
	local line name bad=0

	while read -r line; do
		case $line in
		'' | '#'*)
			;;
		*=n)
			name=${line%=n}
			if grep "^$name=" "$1"; then
				echo "the kernel insists on $name"
				bad=1
			fi
			;;
		*)
			if ! grep -qxF "$line" "$1"; then
				echo "the kernel has no $line"
				bad=1
			fi
			;;
		esac
	done < <(fragments)
	return $bad
}

# Modules need the headers and scripts, the kernel's objects they do not.
prune() {
	find "$1/src" -mindepth 1 -maxdepth 1 \
		! -name arch ! -name include ! -name scripts \
		! -name Makefile ! -name Kbuild -exec rm -rf {} + &&
	find "$1/src/arch" -mindepth 1 -maxdepth 1 -type d \
		! -name um ! -name x86 -exec rm -rf {} + &&
	find "$1/build" -path "$1/build/scripts" -prune -o \
		\( -name '*.o' -o -name '*.a' -o -name 'vmlinux*' -o \
		   -name '.tmp_*' -o -name '.*.cmd' \) \
		-type f ! -name 'vmlinux.symvers' -exec rm -f {} +
}

# Of the modules of this kernel none is made: their symbols are not missed.
# KASAN and kmemleak keep a stack trace for each object. This architecture looks
# for one in each word of the stack, half of all that the processor does when
# that is checked as well. Called where "set -e" does not reach.
make_kernel() {
	local dir=$1 um=(make -s ARCH=um KASAN_SANITIZE_stacktrace.o=n
			 KASAN_SANITIZE_extable.o=n)

	rm -rf "$dir" &&
	mkdir -p "$dir/build" &&
	unpack "$dir/src" &&
	"${um[@]}" -C "$dir/src" O="$dir/build" tinyconfig &&
	fragments >> "$dir/build/.config" &&
	"${um[@]}" -C "$dir/src" O="$dir/build" olddefconfig &&
	check_config "$dir/build/.config" &&
	timeout "$build_limit" \
		"${um[@]}" -C "$dir/build" -j"$(nproc)" linux modules_prepare &&
	cp "$dir/build/vmlinux.symvers" "$dir/build/Module.symvers" &&
	prune "$dir" &&
	touch "$dir/made"
}

kernel_key() {
	{
		dpkg-query -W linux-source-6.12
		gcc --version | head -n 1
		fragments
		declare -f unpack prune make_kernel
	} | sha256sum | cut -c -16
}

# Prints the directory of the kernel, which it makes if need be. All flavours
# have the same one: they differ in how the modules are built.
kernel_dir() {
	local flavour=$1 dir tool began=$SECONDS

	for tool in gcc make flex bison bc xz timeout flock; do
		command -v "$tool" > /dev/null ||
			die "needs $tool: scripts/deps kunit"
	done
	[ -e "$tarball" ] ||
		die "needs package linux-source-6.12: scripts/deps kunit"
	mkdir -p "$cache" "$out/$flavour"
	dir=$cache/uml-debug-$(kernel_key)
	if [ ! -e "$dir/made" ]; then
		exec 9> "$cache/uml-debug.lock"
		flock -w "$build_limit" 9 ||
			die "another run makes the kernel for too long"
	fi
	if [ ! -e "$dir/made" ]; then
		echo "progress: making the kernel for User Mode Linux," \
			"some minutes, once" >&2
		make_kernel "$dir" > "$out/kernel.log" 2>&1 9>&- ||
			die "the kernel does not build," \
				"see build/uml/kernel.log"
		echo "progress: that took $((SECONDS - began)) s" >&2
	fi
	exec 9>&-
	ln -sfn "$dir" "$out/$flavour/kernel"
	echo "$dir"
}
