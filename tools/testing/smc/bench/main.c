// SPDX-License-Identifier: GPL-2.0
/*
 * Measures sockets between two network namespaces:
 *
 *	smc_bench --subject tcp|stock|ours [--no-rdma] [ROW...]
 *	smc_bench --list
 *
 * Prints a line of JSON for each row, {"end":"complete"} as the last one, and
 * what went wrong to stderr. Made to be run by scripts/bench in a virtual
 * machine that does nothing else; it needs root, a loaded module (or none for
 * tcp), and an smcsim that knows "rdma link add".
 */
#include <linux/smc_diag.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define PORT		5000	/* of the first row */
#define ROW_SECONDS	120	/* of the machine's time, for one row */
#define KIB		1024

static const struct bench_row rows[] = {
	{ "pingpong-1", "ping-pong of 1 B", echo_serve, echo_drive,
	  USE_NATIVE, 1, 1, 1, 2000, 200 },
	{ "pingpong-16k", "ping-pong of 16 KiB", echo_serve, echo_drive,
	  USE_NATIVE, 1, 16 * KIB, 16 * KIB, 1000, 100 },
	{ "pingpong-16k-10", "10 connections at 16 KiB", echo_serve,
	  echo_drive, USE_NATIVE, 10, 16 * KIB, 16 * KIB, 1000, 100 },
	{ "stream", "one stream, writes of 64 KiB", stream_serve,
	  stream_drive, USE_NATIVE, 1, 64 * KIB, 0, 1000, 100 },
	{ "rr-1", "request/response, 1 connection", events_serve,
	  events_drive, USE_NATIVE, 1, 128, KIB, 2000, 200 },
	{ "rr-16", "request/response, 16 connections", events_serve,
	  events_drive, USE_NATIVE, 16, 128, KIB, 4000, 400 },
	{ "rr-64", "request/response, 64 connections", events_serve,
	  events_drive, USE_NATIVE, 64, 128, KIB, 4096, 448 },
	{ "connect-1", "connect/exchange/close, 1 thread", connect_serve,
	  connect_drive, USE_NATIVE, 1, 128, KIB, 600, 60 },
	{ "connect-16", "connect/exchange/close, 16 threads", connect_serve,
	  connect_drive, USE_NATIVE, 16, 128, KIB, 800, 160 },
	{ "accept-tcp", "accept of TCP peers, 1 thread", connect_serve,
	  connect_drive, USE_TCP_PEER, 1, 128, KIB, 600, 60 },
	{ "accept-tcp-16", "accept of TCP peers, 16 threads", connect_serve,
	  connect_drive, USE_TCP_PEER, 16, 128, KIB, 800, 160 },
	{ "fallback-1", "in fallback: ping-pong of 1 B", echo_serve,
	  echo_drive, USE_FALLBACK, 1, 1, 1, 2000, 200 },
	{ "fallback-16k", "in fallback: ping-pong of 16 KiB", echo_serve,
	  echo_drive, USE_FALLBACK, 1, 16 * KIB, 16 * KIB, 1000, 100 },
	{ "fallback-stream", "in fallback: one stream, 64 KiB", stream_serve,
	  stream_drive, USE_FALLBACK, 1, 64 * KIB, 0, 1000, 100 },
	{ "fallback-rr-16", "in fallback: request/response, 16 connections",
	  events_serve, events_drive, USE_FALLBACK, 16, 128, KIB, 4000, 400 },
};

static const char * const subject_names[] = {
	[SUBJECT_TCP] = "tcp",
	[SUBJECT_STOCK] = "stock",
	[SUBJECT_OURS] = "ours",
};

/**
 * die() - say why and end the process
 * @fmt: as for printf(), without a line end
 */
void die(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "smc_bench: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	_exit(1);
}

static void *shared(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		die("mmap: %m");
	return p;
}

static void set_families(struct bench_run *run)
{
	bool smc = run->subject != SUBJECT_TCP;
	bool clnt = smc && run->row->use != USE_TCP_PEER;
	int mode = run->row->use == USE_NATIVE ? SMC_DIAG_MODE_SMCR :
		   SMC_DIAG_MODE_FALLBACK_TCP;

	run->family[BENCH_CLNT] = clnt ? AF_SMC : AF_INET;
	run->family[BENCH_SRV] = smc ? AF_SMC : AF_INET;
	run->mode[BENCH_CLNT] = clnt ? mode : -1;
	run->mode[BENCH_SRV] = smc ? mode : -1;
}

static pid_t start(struct bench_run *run, int host)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %m");
	if (pid)
		return pid;
	host_enter(host_ns[host]);
	if (host == BENCH_SRV)
		run->row->serve(run);
	else
		run->row->drive(run);
	exit(0);
}

/* Waits until @pid has ended, with a deadline. True if it ended well. */
static bool finished(pid_t pid, const char *row)
{
	struct timespec ts = { .tv_sec = ROW_SECONDS };
	sigset_t chld;
	int status;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (sigtimedwait(&chld, NULL, &ts) < 0 && errno == EAGAIN) {
			fprintf(stderr, "smc_bench: %s: hangs\n", row);
			return false;
		}
	}
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

/* The server may still be busy with the end of its connections. */
static bool stop_server(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid: %m");
	return WIFSIGNALED(status) || !WEXITSTATUS(status);
}

/* The payload went through the RDMA devices, or nothing did. */
static bool check_path(const struct bench_run *run)
{
	const struct bench_row *row = run->row;
	__u64 want = (__u64)row->ops * (row->request + row->response);
	__u64 bytes = count_delta(run->result, "sim.bytes_written");
	bool native = run->mode[BENCH_CLNT] == SMC_DIAG_MODE_SMCR;

	if (native ? bytes >= want : !bytes)
		return true;
	fprintf(stderr, "smc_bench: %s: %llu bytes over RDMA, payload is %llu\n",
		row->name, bytes, want);
	return false;
}

static int compare_u64(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

static void print_row(const struct bench_run *run)
{
	const struct bench_result *r = run->result;
	unsigned int ops = run->row->ops, i;

	qsort(run->lat, ops, sizeof(*run->lat), compare_u64);
	printf("{\"row\":\"%s\",\"what\":\"%s\",\"subject\":\"%s\",\"ops\":%u,",
	       run->row->name, run->row->what, subject_names[run->subject],
	       ops);
	printf("\"bytes\":%zu,\"ns\":%llu,",
	       run->row->request + run->row->response, r->end - r->begin);
	printf("\"p50_ns\":%llu,\"p99_ns\":%llu,\"max_ns\":%llu,",
	       run->lat[ops / 2], run->lat[ops * 99ULL / 100],
	       run->lat[ops - 1]);
	printf("\"counters\":{");
	for (i = 0; i < r->after.num; i++)
		printf("%s\"%s\":%llu", i ? "," : "", r->after.c[i].name,
		       count_delta(r, r->after.c[i].name));
	printf("}}\n");
	fflush(stdout);
}

/* What was closed is gone, on both hosts. */
static bool check_left(const struct bench_row *row)
{
	unsigned int left = 0;
	int host;

	for (host = 0; host < BENCH_HOSTS; host++) {
		host_enter(host_ns[host]);
		left += sockets_left();
	}
	if (left)
		fprintf(stderr, "smc_bench: %s: %u sockets stay\n", row->name,
			left);
	return !left;
}

static bool run_row(const struct bench_row *row, enum bench_subject subject,
		    bool rdma)
{
	struct bench_run run = {
		.row = row,
		.subject = subject,
		.addr = {
			.sin_family = AF_INET,
			.sin_port = htons(PORT + (row - rows)),
			.sin_addr.s_addr = host_addr(row->use),
		},
		.result = shared(sizeof(*run.result)),
		.lat = shared(row->ops * sizeof(*run.lat)),
	};
	pid_t srv, clnt;
	char byte;
	bool ok;

	count_settle();
	set_families(&run);
	if (pipe(run.ready))
		die("pipe: %m");
	srv = start(&run, BENCH_SRV);
	close(run.ready[1]);
	ok = read(run.ready[0], &byte, 1) == 1;
	close(run.ready[0]);
	if (ok) {
		clnt = start(&run, BENCH_CLNT);
		ok = finished(clnt, row->name) && run.result->complete;
		if (!ok)
			kill(clnt, SIGKILL);
	}
	ok = stop_server(srv) && ok;
	if (subject != SUBJECT_TCP)
		ok = check_left(row) && ok;
	if (ok && rdma)
		ok = check_path(&run);
	if (ok)
		print_row(&run);
	else
		fprintf(stderr, "smc_bench: %s: failed\n", row->name);
	munmap(run.lat, row->ops * sizeof(*run.lat));
	munmap(run.result, sizeof(*run.result));
	return ok;
}

static bool wanted(const struct bench_row *row, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++) {
		if (!strcmp(*names, row->name))
			return true;
	}
	return false;
}

static int run_rows(enum bench_subject subject, bool rdma, char **names)
{
	unsigned int i, num = 0, failed = 0;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!wanted(&rows[i], names))
			continue;
		num++;
		failed += !run_row(&rows[i], subject, rdma);
	}
	if (!num)
		die("no such row");
	printf("{\"end\":\"%s\"}\n", failed ? "failed" : "complete");
	return failed ? 1 : 0;
}

static int list_rows(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		printf("%-16s %s\n", rows[i].name, rows[i].what);
	return 0;
}

static int subject_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(subject_names); i++) {
		if (!strcmp(name, subject_names[i]))
			return i;
	}
	die("no subject %s", name);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "subject", required_argument, NULL, 's' },
		{ "no-rdma", no_argument, NULL, 'n' },
		{ "list", no_argument, NULL, 'l' },
		{ }
	};
	int subject = -1, opt;
	bool rdma = true;
	sigset_t chld;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 's': subject = subject_by_name(optarg); break;
		case 'n': rdma = false; break;
		case 'l': return list_rows();
		default: return 2;
		}
	}
	if (subject < 0)
		die("say --subject");
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	host_setup(rdma, rdma && subject != SUBJECT_TCP);
	count_open(subject, rdma);
	return run_rows(subject, rdma, argv + optind);
}
