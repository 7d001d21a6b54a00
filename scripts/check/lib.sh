# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What the checks share. Each check is a program of its own: it prints what it
# finds, one finding a line, and exits non-zero if there is any.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
here=$PWD
checks=$here/scripts/check
out=$here/build/check

die() {
	echo "scripts/check/${0##*/}: $*" >&2
	exit 1
}

need() {
	command -v "$1" > /dev/null || die "needs $1: scripts/deps check"
}

# Prints the files of the repository, those not yet added as well, that match
# any of some patterns. An archive without .git has nothing but our files.
files() {
	if [ -e .git ]; then
		git ls-files --cached --others --exclude-standard -- "$@" |
			while read -r file; do
				[ ! -f "$file" ] || echo "$file"
			done | sort -u
	else
		local pattern file

		find . -path ./build -prune -o -type f -printf '%P\n' | sort |
			while read -r file; do
				for pattern; do
					# shellcheck disable=SC2053
					if [[ $file == $pattern ]]; then
						echo "$file"
						break
					fi
				done
			done
	fi
}

# Prints the files whose first line names an interpreter that matches $1, or
# whose name matches $2.
scripts() {
	local file line

	files '*' | while read -r file; do
		line=
		case $file in
		*/corpus/*) continue ;;
		esac
		# shellcheck disable=SC2053
		[[ $file == $2 ]] || {
			IFS= read -r line < "$file"
			[[ $line =~ ^#!.*$1 ]]
		} 2>/dev/null && echo "$file"
	done
}

# Prints the directory with the kernel's own checkers and generators. They are
# taken from the package linux-source-6.12, once for each version of it.
kernel_tools() {
	local tarball=/usr/src/linux-source-6.12.tar.xz top=linux-source-6.12
	local cache=${HOME:?}/.cache/af-smc key dir new
	local members=(
		scripts/checkpatch.pl
		scripts/spelling.txt
		scripts/const_structs.checkpatch
		scripts/kernel-doc
		tools/net/ynl/ynl-gen-c.py
		tools/net/ynl/lib
		Documentation/netlink/genetlink-legacy.yaml
	)

	[ -r $tarball ] || die "needs linux-source-6.12: scripts/deps check"
	key=$({
		dpkg-query -W linux-source-6.12
		echo "${members[@]}"
	} | sha256sum | cut -c -16)
	dir=$cache/tools-$key
	if [ ! -d "$dir" ]; then
		mkdir -p "$cache"
		new=$(mktemp -d "$cache/tools-new-XXXXXX") || exit 1
		tar -xJf $tarball -C "$new" --strip-components=1 \
			"${members[@]/#/$top/}" || {
			rm -rf "$new"
			die "$tarball is not as expected"
		}
		# Another run may have been faster.
		mv -T "$new" "$dir" 2>/dev/null || rm -rf "$new"
	fi
	[ -d "$dir" ] || die "cannot write $dir"
	echo "$dir"
}
