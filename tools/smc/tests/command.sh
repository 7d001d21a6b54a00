#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The command line of smc: words, complaints and exit codes. Needs no SMC.
#
# usage: command.sh BUILD_DIR

set -u
src=$(dirname "$(readlink -f "$0")")
build=$(readlink -f "${1:?usage: command.sh BUILD_DIR}")
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC1091
. "$src/lib.sh"

# run WORDS... - output of smc with stderr, then its exit code
run()
{
	"$build/smc" "$@" 2>&1
	echo "exit $?"
}

# usage_error NAME TEXT WORDS... - smc says TEXT and exits with 1
usage_error()
{
	name=$1 text=$2
	shift 2
	tap_is "$name" "$(run "$@")" "smc: $text
exit 1"
}

usage_error 'no object' "object missing, try 'help'"
usage_error 'unknown object' "object 'cookie' is unknown, try 'help'" cookie
usage_error 'unknown command' "command 'eat' is unknown, try 'help'" \
	connection eat
usage_error 'unknown filter' "filter 'colour' is unknown, try 'help'" \
	connection show colour red
usage_error 'filter without value' "'state' lacks a value" \
	connection show state
usage_error 'state that does not exist' "'HAPPY' is no state" \
	connection show state HAPPY
usage_error 'mode that does not exist' "'UDP' is no mode" \
	connection show mode UDP
usage_error 'port out of range' "'65536' is no sport" \
	connection show sport 65536
usage_error 'negative port' "'-1' is no dport" connection show dport -1
usage_error 'port with a tail' "'80x' is no dport" connection show dport 80x
usage_error 'wrong address' "'10.0.0' is no saddr" connection show saddr 10.0.0
usage_error 'PNET ID missing' "PNET ID missing, try 'help'" pnet add
usage_error 'PNET ID too long' "'A2345678901234567' is too long for a PNET ID" \
	pnet del A2345678901234567
usage_error 'network device too long' \
	"'e234567890123456' is too long for a network device" \
	pnet add NET1 eth e234567890123456
usage_error 'entry about nothing' "'eth' or 'ib' missing, try 'help'" \
	pnet add NET1
usage_error 'port of nothing' "'port' without 'ib'" \
	pnet add NET1 eth eth0 port 1
usage_error 'port that is no number' "'one' is no port" \
	pnet add NET1 ib mlx5_0 port one
usage_error 'word too many' "'now' is one word too many" pnet flush now

usage_error 'word too many for mute' "'all' is one word too many" mute flush all

tap_match 'unknown option' "$(run -x)" '^exit 1$'
tap_match 'network namespace that does not exist' \
	"$(run -n nosuchnetns connection)" \
	"^smc: network namespace 'nosuchnetns': No such file or directory$"
tap_match 'which exits with 2' "$(run -n nosuchnetns connection)" '^exit 2$'
tap_match 'version' "$(run -V)" '^smc [0-9]+\.[0-9]+$'

for object in '' connection mute pnet stats; do
	# shellcheck disable=SC2086 # no word rather than an empty one
	out=$(run $object help)
	tap_match "help ${object:-of all}" "$out" '^Usage: smc \[OPTIONS\]'
	tap_match "help ${object:-of all} exits with 0" "$out" '^exit 0$'
done

tap_is 'shortened words' "$(run conn h)" "$(run connection help)"

"$build/smc" help > /dev/full 2>/dev/null
tap_is 'output that cannot be written' $? 2

tap_end
