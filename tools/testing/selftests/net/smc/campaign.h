/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of the fault campaign. One thread plays both hosts: it enters the
 * network namespace of the one or the other before it makes a socket there.
 */
#ifndef _SMC_SELFTEST_CAMPAIGN_H
#define _SMC_SELFTEST_CAMPAIGN_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "common.h"

#ifndef __aligned
#define __aligned(n)	__attribute__((aligned(n)))
#endif
#ifndef __noreturn
#define __noreturn	__attribute__((noreturn))
#endif

#define CAMP_WAIT_MS	90000	/* no call and no transfer may take longer */
#define CAMP_SETTLE_MS	90000	/* what is closed must be gone by then */
/*
 * What may not be noticed takes no longer. A wake-up that was lost is made up
 * for by the test of the link, after 30 s without a message.
 */
#define CAMP_CALM_MS	20000

enum camp_host { CAMP_CLIENT, CAMP_SERVER, CAMP_HOSTS };

/* What the campaign waits for. */
enum camp_span {
	CAMP_CALM,	/* lives of connections, without a fault to be noticed */
	CAMP_LIFE,	/* with one */
	CAMP_END,	/* what was closed to be gone */
	CAMP_SPANS
};

/* Which of the two ends speak SMC. */
enum camp_kind {
	CAMP_NATIVE,
	CAMP_TCP_SERVER,	/* so the client falls back */
	CAMP_TCP_CLIENT,	/* so the server falls back */
	CAMP_KINDS
};

/**
 * struct camp_host_cfg - one of the two hosts
 * @netns: path of its network namespace
 * @netns_fd: the same, open
 * @ndev: its network device
 * @rdma: its RDMA device, of smcsim
 * @gid: the GID of its address, as sysfs has it
 */
struct camp_host_cfg {
	const char *netns;
	int netns_fd;
	const char *ndev;
	const char *rdma;
	char gid[40];
};

/**
 * struct camp_total - results of the whole run
 * @cases: connections' lives with a fault armed
 * @clean: lives without one, to see that all works again
 * @allocations: allocations failed one at a time, as the kernel told; none of
 *	them are kmemleak's own
 * @faults: faults injected by smcsim, as its counters told
 * @hidden: more of them, which an adapter hides from its users
 * @native: connections that ran over SMC-R
 * @fallbacks: connections that fell back to TCP, with a reason
 * @splits: connections of which one end fell back; they end in errors
 * @errors: ends of connections that got an error, of the right kind
 * @survived: calls that failed and succeeded when repeated
 * @bytes: bytes checked
 * @wrong: bytes, errors or results that must not be
 * @hangs: waits that did not end in time
 * @leaks: things that were left behind
 */
struct camp_total {
	unsigned int cases;
	unsigned int clean;
	unsigned int allocations;
	unsigned long long faults;
	unsigned long long hidden;
	unsigned int native;
	unsigned int fallbacks;
	unsigned int splits;
	unsigned int errors;
	unsigned int survived;
	unsigned long long bytes;
	unsigned int wrong;
	unsigned int hangs;
	unsigned int leaks;
};

extern struct camp_host_cfg camp_hosts[CAMP_HOSTS];
extern struct camp_total camp_total;

/* smc_campaign.c */
void camp_case(const char *fmt, ...) __printf(1, 2);
void camp_wrong(const char *fmt, ...) __printf(1, 2);
void camp_say(const char *fmt, ...) __printf(1, 2);
void camp_said(const char *fmt, ...) __printf(1, 2);
void camp_hang(const char *fmt, ...) __printf(1, 2);
void camp_leak(const char *fmt, ...) __printf(1, 2);
void __noreturn camp_die(const char *fmt, ...) __printf(1, 2);
void camp_saw_error(const char *where, int err);
void camp_took(enum camp_span span, long long began_ms);

/* campaign_host.c */
void camp_hosts_init(const char *client, const char *server);
void camp_enter(enum camp_host host);
int camp_socket(enum camp_host host, bool smc);
int camp_port(int fd);
int camp_bind(int fd, enum camp_host host);
int camp_connect(int fd, int port);
int camp_accept(int fd, int *port);

/* campaign_inject.c */
enum inject_kind { INJECT_SLAB, INJECT_PAGE, INJECT_KINDS };

void inject_init(void);
void inject_nth_arm(unsigned int nth);
bool inject_nth_disarm(void);
void inject_module_arm(enum inject_kind kind, unsigned int nth);
bool inject_module_disarm(enum inject_kind kind);
void inject_module_rate(enum inject_kind kind, unsigned int interval,
			unsigned int times);
unsigned int inject_module_stop(enum inject_kind kind, unsigned int times);

/* campaign_pump.c */

/**
 * struct pump_end - one end of a connection on which data are exchanged
 * @fd: socket; closed and -1 after an error
 * @host: where it is
 * @peer: the other end
 * @alone: there is no other end that sends or receives
 * @unended: its end of stream may never come
 * @tx_seed: stream sent
 * @rx_seed: stream that must be received
 * @tx_off: bytes sent
 * @tx_len: bytes to send
 * @rx_off: bytes received and checked
 * @rx_len: bytes to receive
 * @chunk: most bytes a call
 * @shut: all was sent, and shutdown() followed
 * @eof: the peer's end of stream was seen
 * @err: errno that ended it, 0 for none
 */
struct pump_end {
	int fd;
	enum camp_host host;
	struct pump_end *peer;
	bool alone;
	bool unended;
	__u32 tx_seed;
	__u32 rx_seed;
	__u64 tx_off;
	__u64 tx_len;
	__u64 rx_off;
	__u64 rx_len;
	__u32 chunk;
	bool shut;
	bool eof;
	int err;
};

void pump_pair(struct pump_end *c, int cfd, struct pump_end *s, int sfd,
	       __u32 seed, __u64 bytes, __u32 chunk);
void pump_run(struct pump_end *ends, unsigned int num);

/* campaign_cycle.c */

/**
 * struct cycle - one life of a connection
 * @kind: who speaks SMC
 * @aim: step whose system call shall fail, -1 for none
 * @nth: which of its allocations
 * @bytes: bytes exchanged in bulk each way, 0 to leave that out
 * @armed: a fault other than that of @aim is armed: calls may fail
 * @hit: result: the allocation was failed
 * @over: result: the call succeeded all the same, or was repeated; then nothing
 *	may fail any more
 * @done: result: all went as without faults
 * @native: result: it ran over SMC-R
 * @made: result: both ends had their sockets
 * @early: result: faults of adapters injected by then
 * @split: result: the last message of the handshake was lost, and one end
 *	fell back while the other did not; neither may then get any data
 * @reason: result: why it fell back, as sock_diag says of the client
 * @err: result: errno that ended it
 * @where: result: name of the step that ended it
 */
struct cycle {
	enum camp_kind kind;
	int aim;
	unsigned int nth;
	__u64 bytes;
	bool armed;
	bool hit;
	bool over;
	bool done;
	bool native;
	bool made;
	unsigned long long early;
	bool split;
	__u32 reason;
	int err;
	const char *where;
};

unsigned int cycle_steps(void);
const char *cycle_step_name(unsigned int step);
bool cycle_step_is_for(unsigned int step, enum camp_kind kind);
void cycle_run(struct cycle *cy);
void cycle_clean(enum camp_kind kind);
int camp_keep_alive(int fd);

/* campaign_left.c */
void left_init(void);
void left_sockets(void);
void left_groups(void);
void left_tcp(void);

/* campaign_rdma.c */

/* What the RDMA core counts on a device. */
struct rdma_counts {
	unsigned int pd;
	unsigned int cq;
	unsigned int qp;
	unsigned int mr;
};

int rdma_count(const char *device, struct rdma_counts *counts);
int rdma_add_link(const char *device, const char *netdev);

/* campaign_sim.c */
void sim_init(void);
unsigned int sim_num_faults(void);
const char *sim_fault_name(unsigned int fault);
bool sim_is_soft(unsigned int fault);
bool sim_is_setup(unsigned int fault);
bool sim_is_early(unsigned int fault, enum camp_host host);
unsigned int sim_statuses(unsigned int fault);
unsigned int sim_tries(unsigned int fault);
bool sim_has_spare(unsigned int fault);
bool sim_is_slow(unsigned int fault);
bool sim_is_lethal(unsigned int fault);
void sim_arm(enum camp_host host, unsigned int fault, const char *schedule,
	     unsigned int pick);
unsigned long long sim_hits(enum camp_host host);
unsigned long long sim_hits_yet(void);
void sim_disarm(void);
void sim_ports(bool up);
void sim_restore(void);

/* campaign_admin.c */
void admin_run(void);

/* The parts. */
void part_calls(void);
void part_module(void);
void part_faults(bool every, unsigned int slice, unsigned int slices);
void part_random(__u32 seed, unsigned int rounds);
void part_storm(__u32 seed, unsigned int rounds, unsigned long long faults);

#endif
