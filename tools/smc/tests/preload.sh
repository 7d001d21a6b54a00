#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What libsmc-preload.so and smc_run make of calls of socket(). Needs no SMC:
#
#	socket_caller -> libsmc-preload.so -> socket_recorder.so
#
# usage: preload.sh BUILD_DIR

set -u
src=$(dirname "$(readlink -f "$0")")
build=$(readlink -f "${1:?usage: preload.sh BUILD_DIR}")
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC1091
. "$src/lib.sh"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

${CC:-cc} -Wall -Wextra -Werror -shared -fPIC -o "$tmp/recorder.so" \
	"$src/socket_recorder.c" || exit 1
${CC:-cc} -Wall -Wextra -Werror -o "$tmp/caller" "$src/socket_caller.c" ||
	exit 1

export RECORD="$tmp/record"
STREAM=1 DGRAM=2 NONBLOCK_CLOEXEC=526336
INET=2 INET6=10 UNIX=1 SMC=43 TCP=6

# call [VARIABLE=VALUE ...] -- ARGUMENTS of socket_caller
call()
{
	env_words=''
	while [ "$1" != -- ]; do
		env_words="$env_words $1"
		shift
	done
	shift
	: > "$RECORD"
	# shellcheck disable=SC2086 # words, not one
	env $env_words LD_PRELOAD="$build/libsmc-preload.so:$tmp/recorder.so" \
		"$tmp/caller" "$@" 2>"$tmp/stderr"
}

recorded()
{
	paste -sd, "$RECORD"
}

call -- $INET $STREAM 0 $INET $STREAM $TCP >/dev/null
tap_is 'TCP over IPv4 becomes AF_SMC protocol 0' "$(recorded)" \
	"$SMC $STREAM 0,$SMC $STREAM 0"

call -- $INET6 $STREAM 0 $INET6 $STREAM $TCP >/dev/null
tap_is 'TCP over IPv6 becomes AF_SMC protocol 1' "$(recorded)" \
	"$SMC $STREAM 1,$SMC $STREAM 1"

call -- $INET $((STREAM + NONBLOCK_CLOEXEC)) 0 >/dev/null
tap_is 'flags of the type are kept' "$(recorded)" \
	"$SMC $((STREAM + NONBLOCK_CLOEXEC)) 0"

call -- $INET $DGRAM 0 $UNIX $STREAM 0 $INET $STREAM 132 $INET $STREAM 262 \
	>/dev/null
tap_is 'UDP, UNIX, SCTP and MPTCP stay as they are' "$(recorded)" \
	"$INET $DGRAM 0,$UNIX $STREAM 0,$INET $STREAM 132,$INET $STREAM 262"

out=$(call REFUSE=97 -- $INET $STREAM $TCP)
tap_is 'without AF_SMC the call is repeated as it was' "$(recorded)" \
	"$SMC $STREAM 0,$INET $STREAM $TCP"
tap_is 'and succeeds with errno untouched' "$out" 'ok 77'

call REFUSE=97 -- $INET $STREAM 0 $INET6 $STREAM 0 >/dev/null
tap_is 'a missing AF_SMC is asked for once' "$(recorded)" \
	"$SMC $STREAM 0,$INET $STREAM 0,$INET6 $STREAM 0"

call REFUSE=12 -- $INET $STREAM 0 $INET $STREAM 0 >/dev/null
tap_is 'a refused AF_SMC is asked for again' "$(recorded)" \
	"$SMC $STREAM 0,$INET $STREAM 0,$SMC $STREAM 0,$INET $STREAM 0"

call -- $INET $STREAM 0 >/dev/null
tap_is 'nothing is printed' "$(cat "$tmp/stderr")" ''

call SMC_DEBUG=1 -- $INET $STREAM 0 >/dev/null
tap_match 'SMC_DEBUG=1 prints a line' "$(cat "$tmp/stderr")" \
	'^libsmc-preload: fd [0-9]+ is SMC$'

tap_is 'socket is the only symbol exported' \
	"$(nm -D --defined-only "$build/libsmc-preload.so" |
		awk '{ print $3 }' | paste -sd' ')" 'socket'

# smc_run: the library finds its way into the program, codes find theirs out
: > "$RECORD"
LD_PRELOAD="$tmp/recorder.so" "$build/smc_run" "$tmp/caller" \
	$INET $STREAM 0 >/dev/null 2>&1
tap_is 'smc_run preloads the library before others' "$(recorded)" \
	"$SMC $STREAM 0"

"$build/smc_run" sh -c 'exit 7' 2>/dev/null
tap_is "smc_run exits with the program's code" $? 7

# shellcheck disable=SC2016 # for the inner shell
"$build/smc_run" sh -c 'kill -TERM $$' 2>/dev/null
tap_is "smc_run dies by the program's signal" $? 143

"$build/smc_run" "$tmp/nosuch" 2>/dev/null
tap_is 'smc_run exits with 127 if there is no program' $? 127

"$build/smc_run" "$RECORD" 2>/dev/null
tap_is 'smc_run exits with 126 if it is none' $? 126

"$build/smc_run" 2>/dev/null
tap_is 'smc_run without a program exits with 125' $? 125

"$build/smc_run" -t 12Q true 2>/dev/null
tap_is 'smc_run refuses a wrong size' $? 125

# shellcheck disable=SC2016
tap_is 'smc_run hands sizes over in bytes' \
	"$("$build/smc_run" -d -t 64K -r 1M \
		sh -c 'echo $SMC_DEBUG $SMC_SNDBUF $SMC_RCVBUF' 2>/dev/null)" \
	'1 65536 1048576'

mkdir "$tmp/bin"
sed "s|^libdir=.*|libdir='$tmp/lib'|" "$build/smc_run" > "$tmp/bin/smc_run"
chmod +x "$tmp/bin/smc_run"
"$tmp/bin/smc_run" true 2>/dev/null
tap_is 'smc_run without its library exits with 125' $? 125

mkdir "$tmp/lib"
cp "$build/libsmc-preload.so" "$tmp/lib/"
"$tmp/bin/smc_run" true 2>/dev/null
tap_is 'smc_run finds its library in libdir' $? 0

tap_end
