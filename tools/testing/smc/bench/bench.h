/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the benchmark program share. */
#ifndef _SMC_BENCH_H
#define _SMC_BENCH_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/netlink.h>
#include <linux/types.h>

#ifndef AF_SMC
#define AF_SMC		43
#endif
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define __printf(a, b)	__attribute__((format(printf, a, b)))

#define BENCH_HOSTS	2
#define BENCH_CLNT	0
#define BENCH_SRV	1

#define COUNTERS_MAX	512
#define COUNTER_NAME	48

enum bench_subject {
	SUBJECT_TCP,
	SUBJECT_STOCK,
	SUBJECT_OURS,
};

/* What a row's connections are when the subject is an SMC module. */
enum bench_use {
	USE_NATIVE,	/* SMC on both sides, over RDMA */
	USE_FALLBACK,	/* SMC sockets on both sides, which fell back to TCP */
	USE_TCP_PEER,	/* TCP clients of an SMC listener */
};

struct bench_run;

/**
 * struct bench_row - one row of the table
 * @name:	how it is called everywhere
 * @what:	what it does, for people
 * @serve:	the server's process; never returns
 * @drive:	the client's process
 * @use:	kind of connections
 * @conns:	connections at the same time
 * @request:	bytes from the client
 * @response:	bytes from the server
 * @ops:	operations measured
 * @warm:	operations before that, all connections together
 */
struct bench_row {
	const char *name;
	const char *what;
	void (*serve)(struct bench_run *run);
	void (*drive)(struct bench_run *run);
	enum bench_use use;
	unsigned int conns;
	size_t request;
	size_t response;
	unsigned int ops;
	unsigned int warm;
};

struct counter {
	char name[COUNTER_NAME];
	__u64 value;
};

/**
 * struct counters - everything that counts, at one time
 * @num:	entries in @c
 * @c:		"sim.NAME" of the devices, "stat.NAME" of the module, "kernel.NAME"
 */
struct counters {
	unsigned int num;
	struct counter c[COUNTERS_MAX];
};

/**
 * struct bench_result - what the client leaves for who started it
 * @begin:	clock at the first operation, ns
 * @end:	clock after the last one, ns
 * @before:	counters at @begin
 * @after:	counters at @end
 * @complete:	all of it was written
 */
struct bench_result {
	__u64 begin;
	__u64 end;
	struct counters before;
	struct counters after;
	bool complete;
};

/**
 * struct bench_run - one run of a row
 * @row:	which
 * @subject:	over what
 * @addr:	of the listener
 * @family:	address family of the sockets, by host
 * @mode:	what sock_diag must say about them, by host: SMC_DIAG_MODE_* or
 *		-1 if nothing
 * @ready:	pipe; the server writes a byte when it listens
 * @result:	memory shared with who started it
 * @lat:	time of each measured operation, ns; shared, too
 */
struct bench_run {
	const struct bench_row *row;
	enum bench_subject subject;
	struct sockaddr_in addr;
	int family[BENCH_HOSTS];
	int mode[BENCH_HOSTS];
	int ready[2];
	struct bench_result *result;
	__u64 *lat;
};

/* main.c */
void die(const char *fmt, ...) __printf(1, 2) __attribute__((noreturn));

/* host.c: the two network namespaces */
extern int host_ns[BENCH_HOSTS];
extern const char * const host_sim[BENCH_HOSTS];
void host_enter(int ns);
void host_setup(bool rdma, bool pnet);
in_addr_t host_addr(enum bench_use use);

/* nl.c: netlink messages, made and answered */
struct nl_msg {
	struct nlmsghdr nlh;
	char body[1000];
};

int nl_open(int protocol);
void nl_begin(struct nl_msg *m, int type, int flags, const void *head,
	      size_t len);
void nl_attr(struct nl_msg *m, int type, const void *data, size_t len);
void nl_attr_str(struct nl_msg *m, int type, const char *str);
size_t nl_nest(struct nl_msg *m, int type);
void nl_nest_end(struct nl_msg *m, size_t nest);
void nl_talk(int fd, struct nl_msg *m, const char *what);
int nl_genl_family(int fd, const char *name);

/* mode.c: what sock_diag says */
struct smc_seen {
	__u16 lport;
	__u16 rport;
	__u8 mode;
};

unsigned int smc_sockets(struct smc_seen *seen, unsigned int max);
void check_modes(const struct bench_run *run, int host, const int *fds,
		 unsigned int num);
unsigned int sockets_left(void);

/* count.c */
void count_open(enum bench_subject subject, bool rdma);
void count_read(struct counters *now);
void count_settle(void);
__u64 count_delta(const struct bench_result *result, const char *name);

/* conn.c: sockets and exchanges */
__u64 now_ns(void);
int listen_on(struct bench_run *run);
int accept_one(int listener);
int connect_one(const struct bench_run *run);
void set_nonblocking(int fd);
void send_all(int fd, const void *buf, size_t len);
bool recv_all(int fd, void *buf, size_t len);
void stamp(unsigned char *buf, size_t len, unsigned int n);
void check_stamp(const unsigned char *buf, size_t len, unsigned int n);
void *buffer(size_t len);
void measure_begin(struct bench_run *run);
void measure_end(struct bench_run *run);
void start_threads(unsigned int num, void *(*fn)(void *arg), void *args,
		   size_t arg_size);

/* the workloads */
void echo_serve(struct bench_run *run);
void echo_drive(struct bench_run *run);
void stream_serve(struct bench_run *run);
void stream_drive(struct bench_run *run);
void events_serve(struct bench_run *run);
void events_drive(struct bench_run *run);
void connect_serve(struct bench_run *run);
void connect_drive(struct bench_run *run);

#endif
