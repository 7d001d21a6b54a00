// SPDX-License-Identifier: GPL-2.0
/*
 * Counters: those of the simulated RDMA devices, of our module in both
 * namespaces (summed), and some of the kernel. The files are opened once;
 * /proc/net shows the namespace of who opens it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

#define SOURCES_MAX	8
#define TEXT_MAX	65536
#define QUIET_MS	100	/* the machine is quiet if it idles that long */
#define QUIET_PERCENT	98
#define QUIET_SECONDS	60

/* Takes the counters out of a file's text. */
typedef void (*count_parse)(struct counters *now, const char *text);

struct source {
	int fd;
	count_parse parse;
};

static struct source sources[SOURCES_MAX];
static unsigned int num_sources;

static void count_add(struct counters *now, const char *kind, const char *name,
		      size_t len, __u64 value)
{
	char full[COUNTER_NAME];
	unsigned int i;

	snprintf(full, sizeof(full), "%s.%.*s", kind, (int)len, name);
	for (i = 0; i < now->num; i++) {
		if (!strcmp(now->c[i].name, full)) {
			now->c[i].value += value;
			return;
		}
	}
	if (now->num == COUNTERS_MAX)
		die("more than %d counters", COUNTERS_MAX);
	memcpy(now->c[now->num].name, full, sizeof(full));
	now->c[now->num++].value = value;
}

/* Lines "name value". */
static void parse_lines(struct counters *now, const char *kind,
			const char *text)
{
	while (*text) {
		size_t name = strcspn(text, " \t\n");

		if (text[name] == ' ')
			count_add(now, kind, text, name,
				  strtoull(text + name, NULL, 10));
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

static void parse_sim(struct counters *now, const char *text)
{
	parse_lines(now, "sim", text);
}

static void parse_stat(struct counters *now, const char *text)
{
	parse_lines(now, "stat", text);
}

/* /proc/stat: context switches. */
static void parse_ctxt(struct counters *now, const char *text)
{
	const char *at = strstr(text, "\nctxt ");

	if (!at)
		die("no context switches in /proc/stat");
	count_add(now, "kernel", "switches", strlen("switches"),
		  strtoull(at + strlen("\nctxt "), NULL, 10));
}

/* /proc/timer_list: how long the CPU had nothing to do, to the ns. */
static void parse_idle(struct counters *now, const char *text)
{
	const char *at = strstr(text, ".idle_sleeptime");

	if (!at)
		die("no idle time in /proc/timer_list");
	at += strcspn(at, "0123456789");
	count_add(now, "kernel", "idle_ns", strlen("idle_ns"),
		  strtoull(at, NULL, 10));
}

static void add_source(const char *path, count_parse parse)
{
	struct source *s = &sources[num_sources++];

	s->parse = parse;
	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		die("%s: %m", path);
}

/**
 * count_open() - open all that can be counted
 * @subject: which module is loaded
 * @rdma: there are simulated RDMA devices
 *
 * Which module it is shows here: only ours has counters of its own.
 */
void count_open(enum bench_subject subject, bool rdma)
{
	bool want_stat = subject == SUBJECT_OURS;
	bool has_stat = !access("/proc/net/smc_stat", R_OK);
	char path[128];
	int host;

	if (has_stat != want_stat)
		die("this is %sour module", has_stat ? "" : "not ");
	for (host = 0; host < BENCH_HOSTS; host++) {
		host_enter(host_ns[host]);
		if (has_stat)
			add_source("/proc/net/smc_stat", parse_stat);
		if (!rdma)
			continue;
		snprintf(path, sizeof(path),
			 "/sys/kernel/debug/smcsim/%s/counters",
			 host_sim[host]);
		add_source(path, parse_sim);
	}
	add_source("/proc/stat", parse_ctxt);
	add_source("/proc/timer_list", parse_idle);
}

/**
 * count_read() - read all counters
 * @now: receives them
 */
void count_read(struct counters *now)
{
	static char text[TEXT_MAX];
	unsigned int i;

	memset(now, 0, sizeof(*now));
	for (i = 0; i < num_sources; i++) {
		size_t have = 0;
		ssize_t n;

		while ((n = pread(sources[i].fd, text + have,
				  sizeof(text) - 1 - have, have)) > 0)
			have += n;
		if (n < 0)
			die("cannot read counters: %m");
		if (have == sizeof(text) - 1)
			die("counters do not fit");
		text[have] = '\0';
		sources[i].parse(now, text);
	}
}

static __u64 count_idle(void)
{
	static struct counters now;
	unsigned int i;

	count_read(&now);
	for (i = 0; i < now.num; i++) {
		if (!strcmp(now.c[i].name, "kernel.idle_ns"))
			return now.c[i].value;
	}
	die("no idle time");
}

/**
 * count_settle() - wait until nobody else has anything to do
 *
 * What booting or the row before has left behind would be measured, too.
 */
void count_settle(void)
{
	__u64 limit = now_ns() + QUIET_SECONDS * 1000000000ULL;
	__u64 idle = count_idle(), begin = now_ns();

	while (begin < limit) {
		__u64 idle_before = idle, begin_before = begin;

		usleep(QUIET_MS * 1000);
		idle = count_idle();
		begin = now_ns();
		if ((idle - idle_before) * 100 >=
		    (begin - begin_before) * QUIET_PERCENT)
			return;
	}
	die("the machine does not come to rest");
}

/**
 * count_delta() - by how much a counter rose
 * @result: of a run
 * @name: with its kind
 *
 * Return: the difference; there must be such a counter.
 */
__u64 count_delta(const struct bench_result *result, const char *name)
{
	unsigned int i;

	for (i = 0; i < result->after.num; i++) {
		if (!strcmp(result->after.c[i].name, name))
			return result->after.c[i].value -
			       result->before.c[i].value;
	}
	die("no counter %s", name);
}
