# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# TAP for the tests of tools/smc.

tap_count=0
tap_failed=0

# tap_is NAME GOT WANTED - one test: both strings are the same
tap_is()
{
	tap_count=$((tap_count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $tap_count - $1"
		return
	fi
	tap_failed=$((tap_failed + 1))
	# Before the result, where scripts/test-sum looks for it.
	echo "$2" | sed 's/^/#   got:    /'
	echo "$3" | sed 's/^/#   wanted: /'
	echo "not ok $tap_count - $1"
}

# tap_match NAME GOT REGEXP - one test: a line of the string matches
tap_match()
{
	if echo "$2" | grep -Eq -- "$3"; then
		tap_is "$1" 1 1
	else
		tap_is "$1" "$2" "a line like $3"
	fi
}

# tap_skip NAME REASON - one test that cannot be done here
tap_skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# tap_end - the plan, and the script's exit status
tap_end()
{
	echo "1..$tap_count"
	[ "$tap_failed" -eq 0 ]
}
