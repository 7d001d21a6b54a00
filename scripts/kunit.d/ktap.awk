# SPDX-License-Identifier: GPL-2.0
#
# Makes one KTAP document of the console of a kernel that loaded the module, or
# of what debugfs has of a suite:
#
#	awk -v suites="smc_a smc_b" -v code=0 -f ktap.awk CONSOLE
#	awk -v suites=smc_a -f ktap.awk /sys/kernel/debug/kunit/smc_a/results
#
# The plan of the suites is the list given, whatever the kernel thinks it found.
# KUnit does not plan the parameters of a case; the plan added here is what
# came: if some are missing, their case is, too.
# The last result is that of scripts/uml, if its exit code is given. Exit code 1
# if anything failed, was skipped or is missing.

function fail(why)
{
	bad = 1
	print "# " why
}

# One depth is over: was all there that was planned?
function close_suite(name)
{
	if (!(name in wanted))
		fail("suite " name " is not one of: " suites)
	if (planned == "" || planned != cases)
		fail(name ": " cases + 0 " results of " \
		     (planned == "" ? "no plan" : planned " planned"))
	planned = ""
	cases = 0
	seen[name] = 1
}

BEGIN {
	n = split(suites, list, " ")
	for (i = 1; i <= n; i++)
		wanted[list[i]] = 1
	print "KTAP version 1"
	print "1.." n + (code != "")
}

{ sub(/\r$/, "") }

# Parameters.
/^        1\.\./ { param_plan = 1 }
/^        (not )?ok [0-9]/ { params++ }

# Cases.
/^    (not )?ok [0-9]/ {
	if (params && !param_plan)
		print "        1.." params
	params = param_plan = 0
	cases++
}
/^    1\.\./ { planned = substr($1, 4) }

# Suites.
/^(not )?ok [0-9]/ {
	name = $NF
	close_suite(name)
}

/^ *not ok / { bad = 1 }
/^ *(not )?ok .*# *(SKIP|TODO)/ { fail("skipped is not passed") }
# What is not indented is the kernel's talk, or its own idea of a plan.
/^(    |(not )?ok [0-9]|# smc_)/ { print }

END {
	for (i = 1; i <= n; i++)
		if (!(list[i] in seen)) {
			bad = 1
			print "not ok " i " " list[i] " did not end"
		}
	if (code == "")
		exit bad
	if (code != 0)
		print "# scripts/uml ended with code " code
	print (code != 0 ? "not ok " : "ok ") n + 1 " no_report_of_kernel"
	exit bad || code != 0
}
