// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the attacks on the messages of a link, one after the other. With the
 * connection that is attacked there is another one of the same link group, a
 * witness: it shows whether the group has survived.
 */
#include <errno.h>
#include <fnmatch.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/sockios.h>

#include "hostile.h"
#include "rdma_peer.h"

#define DECL_BY_PEER	0x05000000

#define GREETING	100
#define EFFECT_MS	6000	/* longest wait for what an attack does */
#define HEAL_MS		10000	/* longest time for hosts to agree again */
#define KEPT		64

/* DELETE LINK of all links, behind a CDC message. */
#define END_V1	\
	"once type=0xfe keep inject=1 set=0:8:0x042c006000000300 set=8:8:0"
#define END_V2	\
	"once type=0xfe keep inject=1 set=0:8:0x24002c6000000300 set=8:8:0"

/**
 * struct world - what the attacks are made on
 * @hosts:	client and server
 * @lfd:	listener
 * @port:	its port
 * @v2:		links are of version 2
 * @victim:	connection
 * @witness:	another one of the same group
 * @kept:	more of them, which keep their buffers
 * @num_kept:	their number
 * @alive:	@victim and @witness are connected
 * @ended:	groups that had ended by then, on each host
 * @made:	made() before the attack
 * @declines:	first contacts that a client has spoilt
 * @too_late:	those of them where TCP had ended before the server declined
 */
struct world {
	struct rdma_host hosts[2];
	int lfd;
	__u16 port;
	bool v2;
	struct rdma_pair victim;
	struct rdma_pair witness;
	struct rdma_pair kept[KEPT];
	unsigned int num_kept;
	bool alive;
	__u64 ended[2];
	__u64 made;
	unsigned int declines;
	unsigned int too_late;
};

static void close_all(struct world *w)
{
	rdma_close(&w->victim);
	rdma_close(&w->witness);
	while (w->num_kept)
		rdma_close(&w->kept[--w->num_kept]);
	w->alive = false;
}

static bool native_pair(const struct world *w, const struct rdma_pair *p)
{
	__u32 reason;

	return rdma_native(w->hosts, p, END_CLIENT, &reason) &&
	       rdma_native(w->hosts, p, END_SERVER, &reason);
}

static bool connect_native(struct world *w, struct rdma_pair *p)
{
	return rdma_connect(p, w->hosts, w->lfd, w->port) && native_pair(w, p);
}

/* The connection to be attacked, new: its history is known. */
static bool fresh_victim(struct world *w, enum rdma_end attacker)
{
	rdma_close(&w->victim);
	return connect_native(w, &w->victim) &&
	       rdma_exchange(&w->victim, attacker, GREETING);
}

static __u64 groups_ended(const struct world *w, enum rdma_end end)
{
	struct rdma_stats now;

	rdma_stats(&w->hosts[end], &now);
	return now.v[ST_LGR_ENDED];
}

/*
 * Two connections of one group. A host that thinks that the last group still
 * exists finds out that it does not, and the connections that tell it are TCP.
 */
static bool ready(struct world *w, enum rdma_end attacker, bool fresh)
{
	long long end = now_ms() + HEAL_MS;

	if (w->alive && w->victim.fd[0] >= 0 && !fresh)
		return true;
	if (w->alive)
		return fresh_victim(w, attacker);
	do {
		close_all(w);
		w->alive = fresh_victim(w, attacker) &&
			   connect_native(w, &w->witness) &&
			   rdma_exchange(&w->witness, END_CLIENT, GREETING);
	} while (!w->alive && now_ms() < end);
	w->ended[END_CLIENT] = groups_ended(w, END_CLIENT);
	w->ended[END_SERVER] = groups_ended(w, END_SERVER);
	return w->alive;
}

static __u64 buffers_reused(const struct world *w)
{
	struct rdma_stats client, server;

	rdma_stats(&w->hosts[END_CLIENT], &client);
	rdma_stats(&w->hosts[END_SERVER], &server);
	return client.v[ST_RMB_REUSE] + server.v[ST_RMB_REUSE];
}

/*
 * Have the next connection announce new buffers, on both hosts: those of others
 * that were not made, or have ended, are used again.
 */
static bool use_up_buffers(struct world *w)
{
	__u64 reused;

	do {
		reused = buffers_reused(w);
		if (w->num_kept == KEPT ||
		    !connect_native(w, &w->kept[w->num_kept++]))
			return false;
	} while (buffers_reused(w) != reused);
	return true;
}

static bool gone(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP));
}

static bool pair_gone(const struct rdma_pair *p)
{
	return gone(p->fd[0]) && gone(p->fd[1]);
}

/*
 * Wait for both ends of both connections to notice, and for the last words of
 * the host under attack, which would be counted in the next case.
 */
static bool group_gone(struct world *w, enum rdma_end attacked)
{
	long long end = now_ms() + EFFECT_MS;

	while (!pair_gone(&w->victim) || !pair_gone(&w->witness) ||
	       groups_ended(w, attacked) == w->ended[attacked]) {
		if (now_ms() > end)
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

/* End the group, on both sides: the server echoes what a client ends. */
static bool end_group(struct world *w, enum rdma_end attacked)
{
	bool ok;

	if (!ready(w, END_CLIENT, false))
		return false;
	ok = rdma_rule(&w->hosts[END_CLIENT], w->v2 ? END_V2 : END_V1) &&
	     send(w->victim.fd[END_CLIENT], "", 1, MSG_NOSIGNAL) == 1 &&
	     group_gone(w, attacked);
	close_all(w);
	return ok;
}

static bool counted(const struct rdma_case *a, const struct rdma_stats *before,
		    const struct rdma_stats *now)
{
	int i;

	for (i = 0; i < ST_REJECTIONS; i++)
		if (now->v[i] - before->v[i] < a->stat[i])
			return false;
	return true;
}

/*
 * What may be counted while a group or a connection ends: which side's link is
 * down first is not for certain, and the peer may still send.
 */
static bool aftermath(const struct rdma_case *a, enum rdma_stat stat)
{
	switch (stat) {
	case ST_LINK_DOWN:
		return !a->stat[stat];
	case ST_CDC_UNKNOWN_TOKEN:	/* also of who took a TCP for SMC-R */
		return a->want == R_RESET || a->want == R_TCP ||
		       a->want == R_GROUP_LOST;
	case ST_LLC_IGNORED:
	case ST_LLC_UNEXPECTED:
		return a->want == R_GROUP_LOST;
	default:
		return false;
	}
}

/* Exactly what was told, and nothing else. */
static bool counted_right(const struct rdma_case *a,
			  const struct rdma_stats *before,
			  const struct rdma_stats *now)
{
	int i;

	for (i = 0; i < ST_REJECTIONS; i++)
		if (now->v[i] - before->v[i] != a->stat[i] && !aftermath(a, i))
			return false;
	return true;
}

static int readable(int fd)
{
	int n = -1;

	ioctl(fd, SIOCINQ, &n);
	return n;
}

/* Does the rule add a message to those that it leaves alone? */
static bool adds(const struct rdma_case *a)
{
	return strstr(a->rule, " inject=") || strstr(a->rule, " dup");
}

/* Messages that rules of the attacker have changed, or added, so far. */
static __u64 made(const struct world *w, const struct rdma_case *a)
{
	const struct rdma_host *h = &w->hosts[a->attacker];

	if (adds(a))
		return rdma_counter(h, "mutate_inject");
	return rdma_counter(h, "mutate_") - rdma_counter(h, "mutate_drop");
}

/* One that is added may arrive a good deal after its model. */
static bool was_made(const struct world *w, const struct rdma_case *a)
{
	long long end = now_ms() + EFFECT_MS;

	while (made(w, a) == w->made) {
		if (now_ms() > end)
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

/* Has the message been handled, as far as that shows? */
static bool effect(const struct world *w, const struct rdma_case *a,
		   const struct rdma_stats *before,
		   const struct rdma_stats *now)
{
	__u64 seen = now->v[ST_LLC_RX] - before->v[ST_LLC_RX] +
		     now->v[ST_CDC_RX] - before->v[ST_CDC_RX] +
		     now->v[ST_CDC_UNKNOWN_TOKEN] -
		     before->v[ST_CDC_UNKNOWN_TOKEN];

	if (!counted(a, before, now))
		return false;
	switch (a->want) {
	case R_GROUP_LOST:
	case R_CONN_LOST:
		return gone(w->victim.fd[!a->attacker]);
	case R_EXTRA:
		/* Messages of other connections are counted, too */
		return readable(w->victim.fd[!a->attacker]) ==
		       (int)a->extra + 1;
	default:
		return seen >= 2 && made(w, a) != w->made;
	}
}

static void await_effect(const struct world *w, const struct rdma_case *a,
			 const struct rdma_stats *before,
			 struct rdma_stats *now)
{
	long long end = now_ms() + EFFECT_MS;

	do {
		rdma_stats(&w->hosts[!a->attacker], now);
	} while (!effect(w, a, before, now) && now_ms() < end &&
		 poll(NULL, 0, 1) >= 0);
}

/* What the victim must find in its stream, and what must still work. */
static const char *check_left(struct world *w, const struct rdma_case *a)
{
	int fd = w->victim.fd[!a->attacker];
	char byte = 0;

	switch (a->want) {
	case R_GROUP_LOST:
		if (!group_gone(w, !a->attacker))
			return "the group lives on";
		w->alive = false;
		return NULL;
	case R_CONN_LOST:
		rdma_close(&w->victim);
		return rdma_exchange(&w->witness, END_CLIENT, GREETING) ?
		       NULL : "the group is lost, too";
	case R_EXTRA:
		if (readable(fd) != (int)a->extra + 1)
			return "not that many bytes to read";
		return rdma_exchange(&w->witness, END_CLIENT, GREETING) ?
		       NULL : "the group is lost";
	default:
		break;
	}
	if (recv(fd, &byte, 1, 0) != 1 || byte != 'x')
		return "the byte that was sent is not there";
	if (a->want == R_EOF)
		return recv(fd, &byte, 1, 0) ? "not the end of the stream" :
					       NULL;
	if (a->want == R_MUTE) {
		send(w->victim.fd[a->attacker], "y", 1, MSG_NOSIGNAL);
		if (recv(fd, &byte, 1, MSG_DONTWAIT) != -1)
			return "an old message counts";
	} else if (!rdma_exchange(&w->victim, a->attacker, 64)) {
		return "the connection is lost";
	}
	return rdma_exchange(&w->witness, END_CLIENT, GREETING) ?
	       NULL : "the group is lost";
}

/* Attack a connection that stands. */
static const char *attack_data(struct world *w, const struct rdma_case *a)
{
	const struct rdma_host *other = &w->hosts[!a->attacker];
	struct rdma_stats before, now = {};
	const char *problem;
	__u64 viol;

	viol = rdma_counter(other, "viol_");
	if (!rdma_stats(other, &before))
		return "no counters";
	if (!rdma_rule(&w->hosts[a->attacker], a->rule))
		return "the rule is refused";
	if (send(w->victim.fd[a->attacker], "x", 1, MSG_NOSIGNAL) != 1)
		return "nothing to attack with";
	await_effect(w, a, &before, &now);
	problem = check_left(w, a);
	if (problem)
		return problem;
	/* An effect may be counted twice only now */
	rdma_stats(other, &now);
	if (a->want != R_MUTE && !counted_right(a, &before, &now))
		return "not counted as it has to be";
	if (a->sim_viol && rdma_counter(other, "viol_") == viol)
		return "the device let it pass";
	return NULL;
}

/* Does one end of a connection notice within some time? */
static bool ends(int fd)
{
	long long end = now_ms() + EFFECT_MS;

	while (fd >= 0 && !gone(fd)) {
		if (now_ms() > end)
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

/* Attack the making of a connection. */
static const char *attack_setup(struct world *w, const struct rdma_case *a)
{
	const struct rdma_host *other = &w->hosts[!a->attacker];
	struct rdma_stats before, now;
	struct rdma_pair p;
	bool native, both;
	__u32 reason;

	rdma_stats(other, &before);
	if (!rdma_rule(&w->hosts[a->attacker], a->rule))
		return "the rule is refused";
	both = rdma_connect(&p, w->hosts, w->lfd, w->port);
	if (w->num_kept == KEPT)
		rdma_close(&w->kept[--w->num_kept]);
	w->kept[w->num_kept++] = p;
	/* A client done with its part ends when its link does, with its TCP */
	if (a->when == AT_FIRST && a->want == R_TCP &&
	    a->attacker == END_CLIENT) {
		w->declines++;
		if (p.fd[!a->attacker] < 0) {
			w->too_late++;
			goto out_count;
		}
	}
	if (a->want == R_RESET) {
		if (p.fd[!a->attacker] >= 0)
			return "a connection in spite of it";
		if (!ends(p.fd[a->attacker]))
			return "the attacker still has a connection";
		rdma_stats(other, &now);
		if (now.v[ST_HS_SRV_ERR] != before.v[ST_HS_SRV_ERR] + 1)
			return "it was not the server that ended it";
		goto out_witness;
	}
	if (p.fd[!a->attacker] < 0)
		return "no connection, not even TCP";
	native = rdma_native(w->hosts, &p, !a->attacker, &reason);
	if (native ? a->want != R_FINE : a->want == R_FINE)
		return native ? "SMC-R in spite of it" : "not SMC-R";
	/* The attacker may see that its link is down and decline first */
	if (a->reason && reason != a->reason && reason != DECL_BY_PEER) {
		printf("problem %s: reason 0x%08x\n", a->name, reason);
		return "another reason";
	}
	/* As above, and it hears of no Decline: his problem */
	if (a->when == AT_FIRST && a->want == R_TCP &&
	    a->attacker == END_CLIENT)
		goto out_count;
	if (both && rdma_native(w->hosts, &p, a->attacker, &reason) == native &&
	    (!rdma_exchange(&p, END_CLIENT, GREETING) ||
	     !rdma_exchange(&p, END_SERVER, GREETING)))
		return "the connection does not work";
out_witness:
	if (a->when == AT_JOIN &&
	    !rdma_exchange(&w->witness, END_CLIENT, GREETING))
		return "the group is lost";

out_count:
	rdma_stats(other, &now);
	return counted_right(a, &before, &now) ? NULL :
						 "not counted as it has to be";
}

static void explain(const struct world *w, const struct rdma_case *a,
		    const char *problem, const struct rdma_stats *before)
{
	struct rdma_stats now;
	int i;

	rdma_stats(&w->hosts[!a->attacker], &now);
	printf("problem %s: %s, rule \"%s\";", a->name, problem, a->rule);
	for (i = 0; i < ST_STATS; i++)
		if (now.v[i] - before->v[i] ||
		    (i < ST_REJECTIONS && a->stat[i]))
			printf(" %s=%lld", rdma_stat_name(i),
			       (long long)(now.v[i] - before->v[i]));
	printf("\n");
	fflush(stdout);
}

/* What the attack begins with. */
static const char *prepare(struct world *w, const struct rdma_case *a)
{
	if (a->when == AT_FIRST)
		return end_group(w, !a->attacker) ? NULL : "no end of the group";
	if (!ready(w, a->attacker, a->history))
		return "no connection to attack";
	if (a->when == AT_JOIN && !use_up_buffers(w))
		return "no connections that take the buffers";
	return NULL;
}

static bool run(struct world *w, const struct rdma_case *a)
{
	struct rdma_stats before;
	const char *problem;

	rdma_stats(&w->hosts[!a->attacker], &before);
	problem = prepare(w, a);
	w->made = made(w, a);
	if (!problem)
		problem = a->when == AT_DATA ? attack_data(w, a) :
					       attack_setup(w, a);
	if (!problem && !was_made(w, a))
		problem = "the attack was not made";
	rdma_rule(&w->hosts[a->attacker], "off");
	if (problem) {
		explain(w, a, problem, &before);
		/* Do not let the next suffer from it */
		close_all(w);
	}
	return !problem;
}

static void report(const struct rdma_case *last, unsigned int n,
		   unsigned int bad, long long ms)
{
	printf("group %s.by_%s cases=%u bad=%u ms=%lld\n", last->group,
	       last->attacker == END_SERVER ? "server" : "client", n, bad, ms);
	fflush(stdout);
}

/* The attacks of the table, those whose names match. */
static unsigned int run_table(struct world *w, const char *only,
			      unsigned int *total)
{
	unsigned int i, n = 0, bad = 0, all_bad = 0;
	const struct rdma_case *last = NULL;
	long long since = now_ms();
	struct rdma_table t;

	rdma_cases_make(&t, w->v2);
	for (i = 0; i < t.num; i++) {
		const struct rdma_case *a = &t.cases[i];

		if (only && fnmatch(only, a->name, 0))
			continue;
		if (last && strcmp(last->group, a->group)) {
			report(last, n, bad, now_ms() - since);
			since = now_ms();
			n = 0;
			bad = 0;
		}
		last = a;
		n++;
		++*total;
		if (!run(w, a)) {
			bad++;
			all_bad++;
		}
	}
	if (last)
		report(last, n, bad, now_ms() - since);
	printf("too late to decline: %u of %u\n", w->too_late, w->declines);
	return all_bad;
}

/**
 * rdma_attacks() - attack the links between two hosts
 * @hosts: client and server
 * @h: port, version, and the attacks to make
 * @messages: number of messages to flood with, about
 *
 * Return: exit code.
 */
int rdma_attacks(const struct rdma_host *hosts, const struct hostile *h,
		 __u64 messages)
{
	struct world w = {
		.hosts = { hosts[0], hosts[1] },
		.port = h->port,
		.v2 = h->v2,
		.victim.fd = { -1, -1 },
		.witness.fd = { -1, -1 },
	};
	unsigned int cases = 0, bad;

	w.lfd = rdma_listen(&w.hosts[END_SERVER], w.port);
	if (w.lfd < 0) {
		perror("listen");
		return 1;
	}
	bad = run_table(&w, h->only, &cases);
	close_all(&w);
	if (messages && !rdma_floods(w.hosts, w.lfd, w.port, w.v2, messages))
		bad++;
	close(w.lfd);
	printf("rdma cases=%u bad=%u\n", cases, bad);
	return bad || !cases;
}
