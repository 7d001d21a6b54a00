#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# smc, smc_run and the kernel's answers, on one host with the modules smc and
# smc_diag. In a network namespace of its own:
#
#	socket_farm --- lo --- socket_farm     smc connection|mute|pnet|stats
#
# No RDMA device can carry lo, so that every connection here falls back, with
# reasons that are known. Exit status 4: not possible here.
#
# usage: kernel.sh BUILD_DIR

set -u
src=$(dirname "$(readlink -f "$0")")
build=$(readlink -f "${1:?usage: kernel.sh BUILD_DIR}")
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC1091
. "$src/lib.sh"

smc=$build/smc
farm=$build/socket_farm

# What a connection over lo falls back with, on the side of the client.
NO_DEVICE=0x03030000
PEER_DECLINED=0x05000000

# Seconds until something that must happen has not happened.
DEADLINE=20

not_possible()
{
	echo "1..0 # SKIP $*"
	[ "${SMC_EXPECT_ALL:-0}" = 1 ] && exit 1
	exit 4
}

if [ -z "${SMC_TEST_NETNS:-}" ]; then
	[ "$(id -u)" -eq 0 ] || not_possible 'must be root'
	export SMC_TEST_NETNS=1
	exec unshare -n "$0" "$@"
fi

[ -x "$farm" ] || not_possible "$farm is missing: make -C tools/smc tests"
ip link set lo up
modprobe smc_diag 2>/dev/null
"$smc" connection >/dev/null 2>&1 || not_possible 'no smc_diag in the kernel'

tmp=$(mktemp -d)
farm_pid=''
trap 'farm_stop; rm -rf "$tmp"' EXIT

# farm_start [WRAPPER] DOMAIN PROTOCOL 4|6 PORT CONNECTIONS
farm_start()
{
	local wrapper='' line=''

	[ $# -eq 6 ] && { wrapper=$1; shift; }
	mkfifo "$tmp/in" "$tmp/out"
	# shellcheck disable=SC2086 # no wrapper is no word
	$wrapper "$farm" "$@" <"$tmp/in" >"$tmp/out" 2>"$tmp/err" &
	farm_pid=$!
	exec 8>"$tmp/in" 9<"$tmp/out"
	rm "$tmp/in" "$tmp/out"
	read -r -t "$DEADLINE" line <&9
	tap_is "socket_farm ${wrapper:+with smc_run }$*" \
		"$line$(cat "$tmp/err")" ready
}

farm_stop()
{
	[ -n "$farm_pid" ] || return 0
	exec 8>&- 9<&-
	wait "$farm_pid"
	farm_pid=''
}

# show WORDS... - number of sockets that smc connection shows
show()
{
	"$smc" connection show "$@" | grep -c .
}

# keys KEY - the values of a key in text from standard input, sorted, once each
keys()
{
	grep -o " $1 [^ ]*" | sort -u | cut -d' ' -f3 | paste -sd' '
}

no_sockets_left()
{
	local end=$((SECONDS + DEADLINE))

	while [ "$(show)" -ne 0 ]; do
		[ "$SECONDS" -lt "$end" ] || return 1
	done
}

# ---- connections
tap_is 'no socket, as text' "$("$smc" connection; echo $?)" 0
tap_is 'no socket, as JSON' "$("$smc" -j connection; echo $?)" '[]
0'

# One socket each of the client, the server, and the listener.
check_family()
{
	local text="$1" domain=$2 protocol=$3 version=$4 addr=$5 any=$6 out

	farm_start "$domain" "$protocol" "$version" 5000 3
	tap_is "$text: sockets" "$(show)" 7
	tap_is "$text: listener" "$(show state listen sport 5000)" 1
	tap_is "$text: on the server's side" \
		"$(show mode tcp state active sport 5000)" 3
	tap_is "$text: on the client's side" \
		"$(show mode tcp state active dport 5000)" 3
	tap_is "$text: no data over RDMA" "$(show mode SMCR state ACTIVE)" 0
	out=$("$smc" connection show dport 5000)
	tap_is "$text: reason of the client" \
		"$(echo "$out" | keys reason)" "$NO_DEVICE"
	tap_match "$text: reason in words" "$out" \
		'reason_text "no SMC device found"'
	out=$("$smc" connection show sport 5000 state ACTIVE)
	tap_is "$text: reason of the server" \
		"$(echo "$out" | keys reason)" "$PEER_DECLINED"
	tap_is "$text: diagnosis of its peer" \
		"$(echo "$out" | keys peer_diagnosis)" "$NO_DEVICE"
	tap_is "$text: filter by reason" \
		"$(show reason "$PEER_DECLINED")" 3
	[ -z "$addr" ] || tap_is "$text: address of the listener" \
		"$("$smc" connection show state LISTEN | keys '[sd]addr')" \
		"$any $addr"
	[ -z "$addr" ] || tap_is "$text: filter by address" \
		"$(show saddr "$addr" daddr "$addr")" 6
	farm_stop
	no_sockets_left
	tap_is "$text: all sockets gone" $? 0
}

check_family 'AF_SMC, IPv4' 43 0 4 127.0.0.1 0.0.0.0
check_family 'AF_SMC, IPv6' 43 1 6 ::1 ::
check_family 'IPPROTO_SMC, IPv4' 2 256 4 '' ''
check_family 'IPPROTO_SMC, IPv6' 10 256 6 '' ''

farm_start "$build/smc_run" 2 6 4 5000 1
tap_is 'smc_run makes AF_SMC sockets of TCP ones' "$(show sport 5000)" 2
tap_is 'filter by inode' "$(show inode \
	"$("$smc" connection show state LISTEN | keys inode)")" 1
tap_is 'JSON has the keys and values of the text' \
	"$("$smc" -j connection show state LISTEN |
		sed 's/^\[{"//; s/}\]$//; s/":"*/ /g; s/"*,"/ /g')" \
	"$("$smc" connection show state LISTEN)"
tap_match 'details' "$("$smc" -d connection show state LISTEN)" \
	' cookie [1-9][0-9]* shutdown [0-3]( |$)'
tap_is 'another network namespace has no sockets' \
	"$(unshare -n "$smc" -j connection)" '[]'
tap_is 'option -n enters this one' \
	"$(unshare -n "$smc" -n "/proc/$$/ns/net" connection)" \
	"$("$smc" connection)"
farm_stop

farm_start 43 0 4 5000 1000
"$smc" connection show sport 5000 > "$tmp/all"
"$smc" connection show dport 5000 >> "$tmp/all"
tap_is 'a long dump is complete' "$(grep -c . "$tmp/all")" 2001
tap_is 'and shows each socket once' \
	"$(grep -o ' inode [0-9]*' "$tmp/all" | sort -u | grep -c .)" 2001
farm_stop

# ---- pnet
pnet()
{
	"$smc" pnet "$@" 2>&1
	echo "exit $?"
}

tap_is 'empty PNET table' "$("$smc" -j pnet)" '[]'
tap_is 'add' "$(pnet add net1 eth smctest0)" 'exit 0'
tap_is 'PNET IDs are upper case' "$(pnet show)" \
	'name NET1 ethname smctest0
exit 0'
tap_is 'show one, in any case' "$(pnet show Net1)" "$(pnet show)"
tap_is 'show one that is not there' "$(pnet show NET2)" 'exit 0'
tap_is 'PNET table as JSON' "$("$smc" -j pnet)" \
	'[{"name":"NET1","ethname":"smctest0"}]'
tap_is 'the table is per network namespace' \
	"$(unshare -n "$smc" -j pnet)" '[]'
tap_match 'device that has an entry' "$(pnet add NET2 eth smctest0)" \
	'^smc: add: .*File exists'
tap_match 'which exits with 2' "$(pnet add NET2 eth smctest0)" '^exit 2$'
tap_match 'PNET ID of other characters' "$(pnet add 'N-1' eth smctest1)" \
	'^smc: add: .*Invalid argument'
tap_match 'delete what is not there' "$(pnet del NET9)" \
	'^smc: del: .*No such file or directory'
tap_is 'delete' "$(pnet del NET1)$("$smc" -j pnet)" 'exit 0[]'
pnet add NET1 eth smctest0 >/dev/null
pnet add NET1 eth smctest1 >/dev/null
tap_is 'two devices of a network' "$("$smc" pnet | grep -c '^name NET1 ')" 2
tap_is 'flush' "$(pnet flush)$("$smc" -j pnet)" 'exit 0[]'
if command -v setpriv >/dev/null; then
	tap_match 'changes need privilege' \
		"$(setpriv --reuid=65534 --clear-groups \
			"$smc" pnet flush 2>&1; echo "exit $?")" \
		'^smc: flush: Operation not permitted'
	tap_is 'looking does not' "$(setpriv --reuid=65534 --clear-groups \
		"$smc" -j pnet 2>&1)" '[]'
	tap_is 'nor at connections' "$(setpriv --reuid=65534 --clear-groups \
		"$smc" -j connection show state ACTIVE 2>&1)" '[]'
else
	tap_skip 'changes need privilege' 'no setpriv'
fi

# ---- mute
tap_is 'no mute server' "$("$smc" -j mute)" '[]'
tap_is 'flush of mute servers' "$("$smc" mute flush 2>&1; echo "exit $?")" \
	'exit 0'
if command -v setpriv >/dev/null; then
	tap_match 'which needs privilege' \
		"$(setpriv --reuid=65534 --clear-groups \
			"$smc" mute flush 2>&1; echo "exit $?")" \
		'^smc: /proc/net/smc_mute: Permission denied'
else
	tap_skip 'which needs privilege' 'no setpriv'
fi

# ---- stats
if [ -e /proc/net/smc_stat ]; then
	tap_is 'stats are those of the kernel' "$("$smc" stats)" \
		"$(sed 's/  */ /g' /proc/net/smc_stat)"
	tap_match 'stats as JSON' "$("$smc" -j stats)" \
		'^\[\{"[a-z0-9_]+":[0-9]+(,"[a-z0-9_]+":[0-9]+)*\}\]$'
	name=$(sed -n '1s/ .*//p' /proc/net/smc_stat)
	tap_match 'one of the stats' "$("$smc" stats show "$name")" \
		"^$name [0-9]+$"
else
	tap_skip 'stats' 'no /proc/net/smc_stat'
fi

tap_end
