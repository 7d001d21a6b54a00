// SPDX-License-Identifier: GPL-2.0
/*
 * Fault campaign: connections between two network namespaces of this kernel,
 * joined by simulated RDMA adapters (smcsim), while allocations fail one by
 * one and adapters fail in every way they can. Whatever is injected, a program
 * gets its data or a correct error, in time, and nothing is left behind.
 *
 * The number of faults is what the kernel reports, not what was asked for.
 * Output ends in one line of "key=value" pairs; the exit code is 0 only if
 * nothing was wrong.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "campaign.h"

#define MOST_REPORTS	40	/* lines about what was wrong */
#define CASE_SECONDS	600	/* a case that takes longer has hung */

struct camp_total camp_total;

static bool verbose;
static char case_text[160] = "start";
static long long began_ms;

static void report(const char *what, const char *fmt, va_list ap)
{
	static unsigned int reports;

	if (reports++ >= MOST_REPORTS)
		return;
	printf("%s: %s: ", what, case_text);
	vprintf(fmt, ap);
	printf("\n");
	fflush(stdout);
}

/**
 * camp_case() - say what is being tried from now on
 * @fmt: printf format
 */
void camp_case(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(case_text, sizeof(case_text), fmt, ap);
	va_end(ap);
	alarm(CASE_SECONDS);
	camp_say("%lld ms: %s", now_ms() - began_ms, case_text);
}

/**
 * camp_say() - print a line, if details are wanted
 * @fmt: printf format
 */
void camp_say(const char *fmt, ...)
{
	va_list ap;

	if (!verbose)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

/**
 * camp_said() - print a line about what was done
 * @fmt: printf format
 */
void camp_said(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

/**
 * camp_wrong() - report a result that must not be
 * @fmt: printf format
 */
void camp_wrong(const char *fmt, ...)
{
	va_list ap;

	camp_total.wrong++;
	va_start(ap, fmt);
	report("wrong", fmt, ap);
	va_end(ap);
}

/**
 * camp_hang() - report a wait that did not end in time
 * @fmt: printf format
 */
void camp_hang(const char *fmt, ...)
{
	va_list ap;

	camp_total.hangs++;
	va_start(ap, fmt);
	report("hang", fmt, ap);
	va_end(ap);
}

/**
 * camp_leak() - report something that was left behind
 * @fmt: printf format
 */
void camp_leak(const char *fmt, ...)
{
	va_list ap;

	camp_total.leaks++;
	va_start(ap, fmt);
	report("leak", fmt, ap);
	va_end(ap);
}

/**
 * camp_die() - the campaign cannot go on
 * @fmt: printf format
 */
void camp_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report("cannot go on", fmt, ap);
	va_end(ap);
	exit(3);
}

/* Errors that tell a program the truth about lost memory or a lost peer. */
static bool error_ok(int err)
{
	switch (err) {
	case ENOMEM:
	case ENOBUFS:
	case ENFILE:
	case EADDRINUSE:	/* TCP's words for no memory to bind ... */
	case EADDRNOTAVAIL:	/* ... and to connect */
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
	case ETIMEDOUT:
	case ENETDOWN:
		return true;
	}
	return false;
}

/**
 * camp_saw_error() - judge an error that a program got after a fault
 * @where: call that gave it
 * @err: errno
 */
void camp_saw_error(const char *where, int err)
{
	camp_total.errors++;
	if (err == EAGAIN || err == EINPROGRESS)
		camp_hang("%s: %s", where, strerror(err));
	else if (!error_ok(err))
		camp_wrong("%s: %s", where, strerror(err));
}

static void on_alarm(int sig)
{
	static const char text[] = "\nhang: the case takes for ever: ";

	(void)sig;
	if (write(1, text, sizeof(text) - 1) < 0 ||
	    write(1, case_text, strlen(case_text)) < 0 ||
	    write(1, "\n", 1) < 0)
		_exit(5);
	_exit(4);
}

static int summary(__u32 seed)
{
	const struct camp_total *t = &camp_total;

	printf("faults=%llu allocations=%u device_faults=%llu hidden=%llu ",
	       t->faults + t->allocations, t->allocations, t->faults,
	       t->hidden);
	printf("cases=%u clean=%u native=%u fallbacks=%u splits=%u ", t->cases,
	       t->clean, t->native, t->fallbacks, t->splits);
	printf("errors=%u survived=%u bytes=%llu seed=%u seconds=%.1f ",
	       t->errors, t->survived, t->bytes, seed,
	       (now_ms() - began_ms) / 1000.0);
	printf("wrong=%u hangs=%u leaks=%u\n", t->wrong, t->hangs, t->leaks);
	return t->wrong || t->hangs || t->leaks || !t->cases;
}

static const struct option options[] = {
	{ "part", required_argument, NULL, 'p' },
	{ "seed", required_argument, NULL, 's' },
	{ "rounds", required_argument, NULL, 'r' },
	{ "faults", required_argument, NULL, 'f' },
	{ "every", no_argument, NULL, 'e' },
	{ "slice", required_argument, NULL, 'l' },
	{ "client", required_argument, NULL, 'c' },
	{ "server", required_argument, NULL, 'S' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{}
};

static void print_usage(FILE *f)
{
	fputs("usage: smc_campaign [--part calls|module|faults|random|storm]\n"
	      "                    [--seed N] [--rounds N] [--faults N]\n"
	      "                    [--every] [--slice I/N] [--verbose]\n"
	      "                    [--client ADDR] [--server ADDR]\n"
	      "In a lab of network namespaces smc1 and smc2, each with eth0\n"
	      "and a simulated RDMA device, sim1 and sim2.\n", f);
}

/* What of --part faults is wanted: each of @slices kinds, from @slice on. */
static unsigned int slice, slices = 1;
/* What of --part storm is wanted, at least. */
static unsigned long long faults;

static void run(const char *part, __u32 seed, unsigned int rounds,
		bool every)
{
	bool all = !*part;

	inject_init();
	sim_init();
	left_init();
	if (all || !strcmp(part, "calls"))
		part_calls();
	if (all || !strcmp(part, "module"))
		part_module();
	if (all || !strcmp(part, "faults"))
		part_faults(every, slice, slices);
	if (all || !strcmp(part, "random"))
		part_random(seed, rounds);
	if (all || !strcmp(part, "storm"))
		part_storm(seed, rounds, faults);
}

int main(int argc, char **argv)
{
	const char *part = "", *client = "10.0.0.1", *server = "10.0.0.2";
	unsigned int rounds = 20;
	bool every = false;
	__u32 seed = time(NULL);
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (opt) {
		case 'p':
			part = optarg;
			break;
		case 's':
			seed = strtoul(optarg, NULL, 0);
			break;
		case 'r':
			rounds = strtoul(optarg, NULL, 0);
			break;
		case 'f':
			faults = strtoull(optarg, NULL, 0);
			break;
		case 'c':
			client = optarg;
			break;
		case 'S':
			server = optarg;
			break;
		case 'e':
			every = true;
			break;
		case 'l':
			if (sscanf(optarg, "%u/%u", &slice, &slices) != 2 ||
			    slice >= slices) {
				print_usage(stderr);
				return 2;
			}
			break;
		case 'v':
			verbose = true;
			break;
		case 'h':
			print_usage(stdout);
			return 0;
		default:
			print_usage(stderr);
			return 2;
		}
	}
	began_ms = now_ms();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, on_alarm);
	/* Page faults of the program are not what is to be failed. */
	mlockall(MCL_CURRENT | MCL_FUTURE);
	camp_hosts_init(client, server);
	printf("seed=%u\n", seed);
	run(part, seed, rounds, every);
	return summary(seed);
}
