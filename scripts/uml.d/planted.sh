# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The command "planted" of scripts/uml, which sources it: are the checkers
# awake? Bugs of tools/testing/smc/planted share a kernel where a report on one
# does not put the checker of another to sleep.

: "${out:?}" "${reported:?}" "${here:?}"

# kernel, bug, and what the report says; the function is planted_BUG. What is
# said of module_in_use is our own and has the name of the module, and that
# kmemleak is off is the fault of none: it is switched off by hand.
planted_bugs='
none	none			nothing
blind	kmemleak_off		checker: kmemleak is off
leak	leak			unreferenced object
locks	lock_inversion		possible circular locking dependency
softirq	softirq_lock		inconsistent lock state
rcu	rcu_unlocked		suspicious rcu_dereference
memory	out_of_bounds		KASAN: slab-out-of-bounds
memory	stack_out_of_bounds	KASAN: stack-out-of-bounds
memory	use_after_free		KASAN: slab-use-after-free
memory	double_free		KASAN: double-free
wait	sleep_in_atomic		BUG: sleeping function called from invalid context
wait	hang			INFO: task insmod:
wait	module_in_use		leftover: module planted
values	shift			UBSAN: shift-out-of-bounds
values	array_index		UBSAN: array-index-out-of-bounds
values	refcount		refcount_t: addition on 0; use-after-free
values	list			list_add double add
values	object			ODEBUG: object
values	warning			WARNING: CPU
'

# Says in one line what is wrong with the kernel's report on a bug.
judge() {
	local name=$1 bug=$2 want=$3 log=$out/planted-$1.log code

	code=$(cat "$out/planted-$name.code" || echo 1)
	if [ "$bug" = none ]; then
		[ "$code" -eq 0 ] || echo "code $code without a bug"
	elif [ "$code" -ne "$reported" ]; then
		echo "code $code, not $reported"
	elif ! grep -qF "$want" "$log.reports"; then
		echo "no report: $want"
	elif [ "$bug" = kmemleak_off ]; then
		grep -q 'leak detector disabled' "$log.reports" ||
			echo "the kernel does not say so"
	elif [ "$bug" != module_in_use ] &&
	     ! grep -q "planted_$bug\>" "$log.reports"; then
		echo "no report names planted_$bug"
	fi
}

# One kernel and its bugs; what comes of it goes to files.
plant() {
	local kernel=$1 bugs=$2 code=0
	local file=$out/planted-$kernel impatience=/proc/sys/kernel
	local command

	impatience=$impatience/hung_task_timeout_secs
	command="echo 10 > $impatience; insmod \$AF_SMC_MOD/planted.ko bug=$bugs"
	[ "$bugs" != kmemleak_off ] ||
		command='echo off > /sys/kernel/debug/kmemleak'
	run debug --name "planted-$kernel" --timeout 180 -- \
		bash -c "$command" > "$file.txt" 2>&1 || code=$?
	echo "$code" > "$file.code"
}

# Prints the kernels, each with its bugs.
planted_kernels() {
	awk 'NF {
		bugs[$1] = bugs[$1] (bugs[$1] ? "," : "") $2
	}
	END {
		for (name in bugs)
			print name, bugs[name]
	}' <<< "$planted_bugs"
}

planted() {
	local name bug want number=0 bad=0 problem

	make_modules debug > /dev/null
	rm -rf "$out"/planted-*
	planted_kernels |
		xargs -P "$(nproc)" -L 1 "$here/scripts/uml" plant
	echo "KTAP version 1"
	echo "1..$(grep -c . <<< "$planted_bugs")"
	while read -r name bug want; do
		[ -n "$name" ] || continue
		problem=$(judge "$name" "$bug" "$want")
		number=$((number + 1))
		if [ -z "$problem" ]; then
			echo "ok $number planted_$bug"
			continue
		fi
		echo "# planted_$bug: $problem, see build/uml/planted-$name.log"
		echo "not ok $number planted_$bug"
		bad=1
	done <<< "$planted_bugs"
	return $bad
}
