# SPDX-License-Identifier: GPL-2.0
#
# Prints what a kernel of scripts/uml has to report, each with what follows:
#
#	awk -f reports.awk CONSOLE
#
# Exit code 1 if there is anything. Injected faults are no reports, nor is the
# memory that the kernel says it did not get because of them.

BEGIN {
	kinds = "BUG: |BUG at |BUG [a-z]|WARNING: |KASAN|UBSAN|Oops|Kernel panic" \
		"|INFO: task |INFO: trying|INFO: rcu|rcu: INFO|INFO: lockdep" \
		"|refcount_t: |unreferenced object|ODEBUG: |[Cc]orruption" \
		"|unregister_netdevice: waiting|Objects remaining|ref_tracker: " \
		"|Attempt to release|still has locks|Thread overran stack|Modules linked in" \
		"|Kernel mode fault|general protection|Bad page|bad page" \
		"|lockup|segfault at|leftover: |checker: |kobject.*(error|init)" \
		"|DEBUG_LOCKS_WARN_ON|held lock freed|stack is corrupted" \
		"|double free|slab error|leaked|rcu_preempt.*stall" \
		"|leak detector disabled|kmemleak: Memory pool empty" \
		"|kmemleak: Cannot (insert|allocate a kmemleak_object)"
	excused = "FAULT_INJECTION|page allocation failure|vmalloc error"
	most = 60	# lines of a report
}

{
	sub(/\r$/, "")
}

# Names of tests are no reports, whatever words are in them.
/^ *((not )?ok [0-9]|# )/ {
	next
}

# An excuse is good for one trace that follows soon.
$0 ~ excused {
	excuse = NR + 12
}

/^ *Call Trace:/ {
	if (NR > excuse && !left) {
		found = 1
		left = most
	}
	excuse = 0
}

$0 ~ kinds {
	found = 1
	left = most
	if ($0 ~ /leftover: |checker: /)
		left = 1
}

/^af-smc: / {
	left = 0
}

left > 0 {
	print
	left--
}

END {
	exit found
}
