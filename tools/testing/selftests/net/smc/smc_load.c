// SPDX-License-Identifier: GPL-2.0
/*
 * Load on SMC or TCP connections: many at once, every byte checked.
 *
 * Plain TCP sockets unless told otherwise, so that it can run unchanged under
 * a preloaded library. The last line of output is "key=value" pairs; the exit
 * code is 0 only if there was no error of any kind.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/smc_diag.h>

#include "load.h"

#define MAX_THREADS	512
#define MODE_CYCLE	0x100	/* rr of one round a connection, repeated */

struct job {
	struct load_config cfg;
	int mode;
	unsigned int conns;	/* connections at a time */
	__u64 count;		/* rr: rounds; bulk: bytes of all; cycle: all */
	__u32 size;
};

static struct job job = {
	.cfg = { .timeout_s = 60, .expect_mode = -1, .af = AF_INET },
	.conns = 1, .count = 1, .size = 1,
};

static atomic_uint errors, done, taken, wrong_mode, viewed;
static atomic_ullong total;
static atomic_llong begin_ms;
static atomic_llong connect_ms;	/* of the slowest connect() */
static pthread_mutex_t print_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;

static void report(unsigned int id, const struct load_error *e)
{
	if (atomic_fetch_add(&errors, 1) >= 20)
		return;
	pthread_mutex_lock(&print_lock);
	printf("conn=%u what=%s errno=%s at=%lld\n", id, e->what,
	       e->err ? load_errname(e->err) : "0", e->at);
	fflush(stdout);
	pthread_mutex_unlock(&print_lock);
}

/* What sock_diag says is printed of the first, and of the first wrong one. */
static void check_mode(int fd)
{
	struct smc_view v;
	bool wrong, first;

	if (job.cfg.expect_mode < 0)
		return;
	wrong = !load_has_mode(fd, &job.cfg, &v);
	first = !atomic_fetch_add(&viewed, 1);
	if (wrong && !atomic_fetch_add(&wrong_mode, 1))
		first = true;
	if (!first)
		return;
	pthread_mutex_lock(&print_lock);
	printf("view found=%d state=%u mode=%u reason=0x%08x peer=0x%08x ",
	       v.found, v.state, v.mode, v.reason, v.peer_diagnosis);
	printf("sndbuf=%u rmbe=%u peer_rmbe=%u\n", v.sndbuf, v.rmbe,
	       v.peer_rmbe);
	pthread_mutex_unlock(&print_lock);
}

static int open_conn(__u32 mode, __u64 count, __u32 seed,
		     struct load_error *e)
{
	struct load_request rq = {
		.magic = htonl(LOAD_MAGIC), .mode = htonl(mode),
		.size = htonl(job.size), .seed = htonl(seed),
		.count = htobe64(count),
	};
	long long start = now_ms(), slowest = connect_ms;
	int fd = load_socket(&job.cfg);

	if (fd < 0) {
		*e = (struct load_error){ "socket", errno, -1 };
		return -1;
	}
	if (connect(fd, (struct sockaddr *)&job.cfg.sa, job.cfg.sa_len)) {
		*e = (struct load_error){ "connect", errno, -1 };
		close(fd);
		return -1;
	}
	start = now_ms() - start;
	while (start > slowest &&
	       !atomic_compare_exchange_weak(&connect_ms, &slowest, start))
		;
	check_mode(fd);
	if (!load_send(fd, &rq, sizeof(rq), e)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* All connections are open before the first one starts its transfer. */
static void start_together(void)
{
	long long zero = 0;

	pthread_barrier_wait(&barrier);
	atomic_compare_exchange_strong(&begin_ms, &zero, now_ms());
}

static void run_rr(unsigned int id)
{
	struct load_error e = {};
	int fd = open_conn(LOAD_RR, job.count, id, &e);

	start_together();
	if (fd >= 0) {
		load_rr(fd, job.size, job.count, true, &e);
		close(fd);
	}
	if (e.what)
		report(id, &e);
	else
		atomic_fetch_add(&total, job.count);
}

static void run_bulk(unsigned int id)
{
	__u64 bytes = job.count / job.conns;
	struct load_result result = {};
	struct load_error e = {};
	int fd = open_conn(LOAD_BULK, bytes, id * 2 + 10, &e);

	start_together();
	if (fd >= 0) {
		load_bulk(fd, bytes, job.size, id * 2 + 10, id * 2 + 11, &e);
		if (!e.what && load_recv(fd, &result, sizeof(result), &e) &&
		    result.diff != ~0ULL)
			e = (struct load_error){ "difference-at-server", 0,
						 be64toh(result.diff) };
		close(fd);
	}
	if (e.what)
		report(id, &e);
	else
		atomic_fetch_add(&total, 2 * bytes);
}

static void run_cycle(unsigned int id)
{
	start_together();
	while (atomic_fetch_add(&taken, 1) < job.count) {
		struct load_error e = {};
		int fd = open_conn(LOAD_RR, 1, id, &e);

		if (fd >= 0) {
			load_rr(fd, job.size, 1, true, &e);
			close(fd);
		}
		if (e.what)
			report(id, &e);
		else
			atomic_fetch_add(&total, 1);
	}
}

/* Stays until something ends the connection; how is printed. */
static void run_hold(unsigned int id)
{
	struct load_error e = {};
	int fd = open_conn(LOAD_HOLD, 1, id, &e);
	char c;

	if (fd >= 0 && load_recv(fd, &c, 1, &e)) {
		start_together();
		if (atomic_fetch_add(&total, 1) + 1 == job.conns) {
			printf("holding\n");
			fflush(stdout);
		}
		load_recv(fd, &c, 1, &e);
	} else {
		start_together();
	}
	report(id, &e);
	close(fd);
}

static void *worker(void *arg)
{
	unsigned int id = (intptr_t)arg;

	switch (job.mode) {
	case LOAD_RR:
		run_rr(id);
		break;
	case LOAD_BULK:
		run_bulk(id);
		break;
	case LOAD_HOLD:
		run_hold(id);
		break;
	case MODE_CYCLE:
		run_cycle(id);
		break;
	}
	atomic_fetch_add(&done, 1);
	return NULL;
}

static int run_client(const char *name)
{
	pthread_t thread[MAX_THREADS];
	pthread_attr_t attr;
	double seconds;
	unsigned int i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	pthread_barrier_init(&barrier, NULL, job.conns);
	for (i = 0; i < job.conns; i++) {
		if (pthread_create(&thread[i], &attr, worker,
				   (void *)(intptr_t)i)) {
			fprintf(stderr, "smc_load: no thread %u\n", i);
			exit(1);
		}
	}
	for (i = 0; i < job.conns; i++)
		pthread_join(thread[i], NULL);
	seconds = (now_ms() - begin_ms) / 1000.0;
	if (seconds < 0.001)
		seconds = 0.001;
	printf("mode=%s conns=%u done=%u total=%llu errors=%u wrong_mode=%u ",
	       name, job.conns, done, total, errors, wrong_mode);
	printf("seconds=%.3f rate=%.1f connect_ms=%lld\n", seconds,
	       total / seconds, connect_ms);
	return errors || wrong_mode || !total;
}

static void print_usage(FILE *f)
{
	fputs("usage: smc_load --server --port P [options]\n"
	      "       smc_load --mode rr|bulk|cycle|hold --host ADDR --port P\n"
	      "                [--conns N] [--count N] [--size BYTES]\n"
	      "                [--expect smcr|tcp] [options]\n"
	      "count: rr rounds a connection, bulk bytes each way of all,\n"
	      "       cycle connections of all\n"
	      "options: --af tcp|smc|inet-smc, -4, -6, --timeout S, --nodelay,\n"
	      "         --buffer BYTES\n",
	      f);
}

static const struct option options[] = {
	{ "server", no_argument, NULL, 'S' },
	{ "mode", required_argument, NULL, 'm' },
	{ "host", required_argument, NULL, 'H' },
	{ "port", required_argument, NULL, 'p' },
	{ "conns", required_argument, NULL, 'n' },
	{ "count", required_argument, NULL, 'c' },
	{ "size", required_argument, NULL, 's' },
	{ "af", required_argument, NULL, 'a' },
	{ "timeout", required_argument, NULL, 't' },
	{ "nodelay", no_argument, NULL, 'N' },
	{ "buffer", required_argument, NULL, 'b' },
	{ "expect", required_argument, NULL, 'e' },
	{ "help", no_argument, NULL, 'h' },
	{}
};

static int parse_mode(const char *name)
{
	if (!strcmp(name, "rr"))
		return LOAD_RR;
	if (!strcmp(name, "bulk"))
		return LOAD_BULK;
	if (!strcmp(name, "hold"))
		return LOAD_HOLD;
	if (!strcmp(name, "cycle"))
		return MODE_CYCLE;
	return -1;
}

static int set_address(const char *host, int port, const char *af, bool v6)
{
	struct sockaddr_in6 *s6 = (struct sockaddr_in6 *)&job.cfg.sa;
	struct sockaddr_in *s4 = (struct sockaddr_in *)&job.cfg.sa;

	job.cfg.af = v6 ? AF_INET6 : AF_INET;
	job.cfg.sa.ss_family = job.cfg.af;
	job.cfg.sa_len = v6 ? sizeof(*s6) : sizeof(*s4);
	if (v6)
		s6->sin6_port = htons(port);
	else
		s4->sin_port = htons(port);
	if (host && inet_pton(job.cfg.af, host, v6 ? (void *)&s6->sin6_addr :
			      (void *)&s4->sin_addr) != 1)
		return -1;
	if (!strcmp(af, "tcp"))
		return 0;
	if (!strcmp(af, "inet-smc")) {
		job.cfg.protocol = IPPROTO_SMC;
		return 0;
	}
	job.cfg.af = AF_SMC;
	job.cfg.protocol = v6 ? SMCPROTO_SMC6 : SMCPROTO_SMC;
	return strcmp(af, "smc") ? -1 : 0;
}

int main(int argc, char **argv)
{
	const char *host = NULL, *af = "tcp", *mode = "";
	bool server = false, v6 = false;
	int opt, port = 0;

	while ((opt = getopt_long(argc, argv, "46h", options, NULL)) != -1) {
		switch (opt) {
		case 'S':
			server = true;
			break;
		case 'm':
			mode = optarg;
			break;
		case 'H':
			host = optarg;
			break;
		case 'p':
			port = atoi(optarg);
			break;
		case 'n':
			job.conns = strtoul(optarg, NULL, 0);
			break;
		case 'c':
			job.count = strtoull(optarg, NULL, 0);
			break;
		case 's':
			job.size = strtoul(optarg, NULL, 0);
			break;
		case 'a':
			af = optarg;
			break;
		case 't':
			job.cfg.timeout_s = atoi(optarg);
			break;
		case 'b':
			job.cfg.buffer = atoi(optarg);
			break;
		case 'N':
			job.cfg.nodelay = true;
			break;
		case 'e':
			job.cfg.expect_mode = strcmp(optarg, "tcp") ?
				SMC_DIAG_MODE_SMCR : SMC_DIAG_MODE_FALLBACK_TCP;
			break;
		case '4':
			v6 = false;
			break;
		case '6':
			v6 = true;
			break;
		case 'h':
			print_usage(stdout);
			return 0;
		default:
			print_usage(stderr);
			return 2;
		}
	}
	job.mode = parse_mode(mode);
	if (!port || set_address(host, port, af, v6) ||
	    (!server && (job.mode < 0 || !host)) || !job.size ||
	    !job.conns || job.conns > MAX_THREADS) {
		print_usage(stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	return server ? load_serve(&job.cfg) : run_client(mode);
}
