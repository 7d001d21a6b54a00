// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations that fail, one at a time.
 *
 * Those of a system call are counted by the kernel for the calling thread:
 * /proc/thread-self/fail-nth. Those of work items and softirqs have no thread
 * of ours; there failslab and fail_page_alloc look for the module's text in
 * the call stack, so that every allocation on the module's behalf is counted,
 * whoever runs it. In both cases the kernel tells whether a fault was injected.
 *
 * kmemleak allocates a record of each object, which failslab would fail as
 * well. It has spare ones, so nobody feels that: these are not failed, and so
 * not counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign.h"

#define FAULT_DIR	"/sys/kernel/debug"
#define PAGE		4096
#define PIPE_PAGES	16
#define SYNC_TRIES	100000
#define KMEMLEAK	FAULT_DIR "/kmemleak"
#define RECORDS		"__alloc_object"	/* where kmemleak allocates */

static const char *const kind_dir[INJECT_KINDS] = {
	[INJECT_SLAB] = FAULT_DIR "/failslab",
	[INJECT_PAGE] = FAULT_DIR "/fail_page_alloc",
};

static int nth_fd = -1, fail_fd = -1;
static unsigned long text_start, text_end;

static void put_file(const char *dir, const char *name, const char *value)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		camp_die("%s: %s", path, strerror(errno));
	close(fd);
}

static void put(enum inject_kind kind, const char *name, const char *value)
{
	put_file(kind_dir[kind], name, value);
}

static void put_num(enum inject_kind kind, const char *name, unsigned long num)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "%lu", num);
	put(kind, name, buf);
}

static void put_range(enum inject_kind kind, const char *what,
		      unsigned long start, unsigned long end)
{
	char name[32], buf[32];

	snprintf(name, sizeof(name), "%s-start", what);
	snprintf(buf, sizeof(buf), "0x%lx", start);
	put(kind, name, buf);
	snprintf(name, sizeof(name), "%s-end", what);
	snprintf(buf, sizeof(buf), "0x%lx", end);
	put(kind, name, buf);
}

static unsigned int times_get(enum inject_kind kind)
{
	char path[PATH_MAX], buf[32] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/times", kind_dir[kind]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, buf, sizeof(buf) - 1) <= 0)
		camp_die("%s: %s", path, strerror(errno));
	close(fd);
	return strtoul(buf, NULL, 10);
}

/* The last function of the text is cut at its first page end at worst. */
static void find_text(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	unsigned long addr, last = 0;
	char line[512], type;

	if (!f)
		camp_die("/proc/kallsyms: %s", strerror(errno));
	text_start = ULONG_MAX;
	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, "\t[smc]\n") ||
		    sscanf(line, "%lx %c", &addr, &type) != 2 ||
		    (type != 't' && type != 'T'))
			continue;
		if (addr < text_start)
			text_start = addr;
		if (addr > last)
			last = addr;
	}
	fclose(f);
	if (!last)
		camp_die("no addresses of module smc in /proc/kallsyms");
	text_end = (last | (PAGE - 1)) + 1;
}

/* Is it a line of a function, and where does that begin? */
static bool is_text(const char *line, unsigned long *addr, char *name)
{
	char type;

	return sscanf(line, "%lx %c %63s", addr, &type, name) == 3 &&
	       (type == 't' || type == 'T');
}

/* The text of the one function of kmemleak that allocates. */
static bool find_records(unsigned long *start, unsigned long *end)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], name[64];
	unsigned long addr;

	if (!f)
		camp_die("/proc/kallsyms: %s", strerror(errno));
	*start = 0;
	*end = 0;
	/* The kernel's own are in the order of their addresses. */
	while (!*end && fgets(line, sizeof(line), f)) {
		if (!is_text(line, &addr, name))
			continue;
		if (*start && addr > *start)
			*end = addr;
		else if (!strcmp(name, RECORDS))
			*start = addr;
	}
	fclose(f);
	return *end;
}

/* What kmemleak allocates for itself is not to fail. */
static void spare_kmemleak(void)
{
	unsigned long start, end;
	unsigned int i;

	if (access(KMEMLEAK, F_OK))
		return;
	if (!find_records(&start, &end))
		camp_die("no function " RECORDS " in /proc/kallsyms");
	for (i = 0; i < INJECT_KINDS; i++)
		put_range(i, "reject", start, end);
}

/**
 * inject_init() - prepare the kernel's fault injection; nothing is armed yet
 */
void inject_init(void)
{
	unsigned int i;

	find_text();
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	fail_fd = open("/proc/thread-self/make-it-fail", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0 || fail_fd < 0)
		camp_die("fault injection: %s", strerror(errno));
	for (i = 0; i < INJECT_KINDS; i++) {
		put(i, "times", "0");
		put(i, "verbose", "0");
		put(i, "interval", "1");
		put(i, "space", "0");
		put(i, "ignore-gfp-wait", "N");
		put(i, "stacktrace-depth", "32");
		put(i, "probability", "100");
	}
	put(INJECT_SLAB, "cache-filter", "N");
	put(INJECT_PAGE, "ignore-gfp-highmem", "N");
	put(INJECT_PAGE, "min-order", "0");
	spare_kmemleak();
}

/**
 * inject_nth_arm() - fail an allocation of what this thread does next
 * @nth: which, from 1
 */
void inject_nth_arm(unsigned int nth)
{
	char buf[16];
	int len = snprintf(buf, sizeof(buf), "%u", nth);

	if (pwrite(nth_fd, buf, len, 0) != len)
		camp_die("fail-nth: %s", strerror(errno));
}

/**
 * inject_nth_disarm() - end what inject_nth_arm() began
 *
 * Return: true if the allocation was reached, and failed.
 */
bool inject_nth_disarm(void)
{
	char buf[16] = "";

	if (pread(nth_fd, buf, sizeof(buf) - 1, 0) <= 0 ||
	    pwrite(nth_fd, "0", 1, 0) != 1)
		camp_die("fail-nth: %s", strerror(errno));
	if (strtoul(buf, NULL, 10))
		return false;
	camp_total.allocations++;
	return true;
}

static void make_it_fail(const char *value)
{
	if (pwrite(fail_fd, value, 1, 0) != 1)
		camp_die("make-it-fail: %s", strerror(errno));
}

/* Allocations of this thread, of the kind wanted. */
static void allocate_some(void)
{
	static char page[PAGE];
	unsigned int i;
	int p[2];

	if (pipe(p))
		return;
	for (i = 0; i < PIPE_PAGES; i++)
		if (write(p[1], page, sizeof(page)) < 0)
			break;
	close(p[0]);
	close(p[1]);
}

/*
 * The kernel fails one allocation in @interval, counted since it was booted.
 * Fail one of our own: then the count is a multiple of the interval, and it
 * stands still since no more failures are due.
 */
static void sync_count(enum inject_kind kind, unsigned int interval)
{
	unsigned int i;

	put(kind, "task-filter", "Y");
	put_range(kind, "require", 0, ULONG_MAX);
	put_num(kind, "interval", interval);
	put(kind, "times", "1");
	for (i = 0; times_get(kind) && i < SYNC_TRIES; i++) {
		make_it_fail("1");
		allocate_some();
		make_it_fail("0");
	}
	if (times_get(kind))
		camp_die("%s injects nothing", kind_dir[kind]);
}

/**
 * inject_module_arm() - fail one allocation on behalf of the module
 * @kind: of which kind
 * @nth: which from now, from 1
 */
void inject_module_arm(enum inject_kind kind, unsigned int nth)
{
	inject_module_rate(kind, nth, 1);
}

/**
 * inject_module_disarm() - end what inject_module_arm() began
 * @kind: of which kind
 *
 * Return: true if the allocation was reached, and failed.
 */
bool inject_module_disarm(enum inject_kind kind)
{
	return inject_module_stop(kind, 1);
}

/**
 * inject_module_rate() - fail allocations on behalf of the module now and then
 * @kind: of which kind
 * @interval: one in so many, the first is that of this number from now
 * @times: no more than so many
 */
void inject_module_rate(enum inject_kind kind, unsigned int interval,
			unsigned int times)
{
	if (interval > 1)
		sync_count(kind, interval);
	put_num(kind, "interval", interval);
	put_range(kind, "require", text_start, text_end);
	put(kind, "task-filter", "N");
	put_num(kind, "times", times);
}

/**
 * inject_module_stop() - end what inject_module_rate() began
 * @kind: of which kind
 * @times: as given there
 *
 * Return: how many were failed; they are counted.
 */
unsigned int inject_module_stop(enum inject_kind kind, unsigned int times)
{
	unsigned int hits = times - times_get(kind);

	put(kind, "times", "0");
	/* What thread-self/fail-nth fails shall not depend on the stack. */
	put_range(kind, "require", 0, ULONG_MAX);
	camp_total.allocations += hits;
	return hits;
}
