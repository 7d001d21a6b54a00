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
static __u32 seed;
static unsigned int rounds = 20;
/* What of --part faults is wanted: each of @slices kinds, from @slice on ... */
static unsigned int slice, slices = 1;
static bool every;	/* ... at every point */
/* What of --part storm is wanted, at least. */
static unsigned long long faults;
static char case_text[160] = "start";
/* What took longest in this part of the campaign, and in which case. */
static struct {
	long long ms;
	char text[sizeof(case_text)];
} longest[CAMP_SPANS];
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

/**
 * camp_took() - note how long something took
 * @span: what
 * @began_ms: when it began, as now_ms() told
 */
void camp_took(enum camp_span span, long long began_ms)
{
	long long ms = now_ms() - began_ms;

	if (span == CAMP_CALM && ms > CAMP_CALM_MS)
		camp_hang("%lld ms, and nothing that explains it", ms);
	if (ms < longest[span].ms)
		return;
	longest[span].ms = ms;
	memcpy(longest[span].text, case_text, sizeof(case_text));
}

static void say_longest(const char *part)
{
	static const char *const name[CAMP_SPANS] = {
		[CAMP_CALM] = "life that is not disturbed",
		[CAMP_LIFE] = "life with a fault",
		[CAMP_END] = "end",
	};
	enum camp_span span;

	for (span = 0; span < CAMP_SPANS; span++)
		if (longest[span].text[0])
			camp_said("%s: longest %s: %lld ms (%s)", part,
				  name[span], longest[span].ms,
				  longest[span].text);
	memset(longest, 0, sizeof(longest));
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

static int summary(void)
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

static void run_faults(void)
{
	part_faults(every, slice, slices);
}

static void run_random(void)
{
	part_random(seed, rounds);
}

static void run_storm(void)
{
	part_storm(seed, rounds, faults);
}

static void run(const char *part)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = {
		{ "calls", part_calls },
		{ "module", part_module },
		{ "faults", run_faults },
		{ "random", run_random },
		{ "storm", run_storm },
	};
	unsigned int i;

	inject_init();
	sim_init();
	left_init();
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (*part && strcmp(part, parts[i].name))
			continue;
		parts[i].run();
		say_longest(parts[i].name);
	}
}

int main(int argc, char **argv)
{
	const char *part = "", *client = "10.0.0.1", *server = "10.0.0.2";
	int opt;

	seed = time(NULL);
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
	run(part);
	return summary();
}
