// SPDX-License-Identifier: GPL-2.0
/*
 * Runner of the two-host socket tests. The client side drives: it asks the
 * server side over the session connection to start its half of a test, runs
 * its own half, and collects both verdicts into one KTAP line.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "harness.h"
#include "runner.h"

#define MSG_SIZE	512

/* Written by the forked child of a test, read by the runner. */
struct verdict {
	int proved;
	char msg[MSG_SIZE];
};

static struct verdict *verdict;

static const struct test_case *const tables[] = {
	connect_tests, accept_tests, data_tests, buffer_tests, poll_tests,
	urgent_tests, close_tests, splice_tests, option_tests, absent_tests,
	process_tests,
};

static const struct variant variants[] = {
	{ "tcp",	KIND_TCP,	KIND_TCP },
	{ "fallback-clnt", KIND_SMC,	KIND_TCP },
	{ "fallback-srv", KIND_TCP,	KIND_SMC },
	{ "smc",	KIND_SMC,	KIND_SMC },
	{ "inet-smc",	KIND_INET_SMC,	KIND_INET_SMC },
};

/**
 * test_fail() - end the running test as failed
 * @file: source file of the failed check
 * @line: its line
 * @fmt: printf format of what was wrong
 */
void test_fail(const char *file, int line, const char *fmt, ...)
{
	const char *base = strrchr(file, '/');
	va_list ap;
	int n;

	n = snprintf(verdict->msg, MSG_SIZE, "%s:%d: ", base ? base + 1 : file,
		     line);
	va_start(ap, fmt);
	vsnprintf(verdict->msg + n, MSG_SIZE - n, fmt, ap);
	va_end(ap);
	_exit(1);
}

/**
 * harness_mark_proved() - note that a connection was seen in its variant's mode
 */
void harness_mark_proved(void)
{
	verdict->proved++;
}

/**
 * harness_init() - memory shared between the runner and the tests it forks
 *
 * Return: 0 or -1.
 */
int harness_init(void)
{
	verdict = mmap(NULL, sizeof(*verdict), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return verdict == MAP_FAILED ? -1 : 0;
}

/**
 * test_at() - the test with a number
 * @idx: number, from 0
 *
 * Return: the test, NULL beyond the last one.
 */
const struct test_case *test_at(unsigned int idx)
{
	const struct test_case *tc;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (tc = tables[i]; tc->name; tc++)
			if (!idx--)
				return tc;
	return NULL;
}

/**
 * variant_at() - the variant with a number
 * @idx: number, from 0
 *
 * Return: the variant, NULL beyond the last one.
 */
const struct variant *variant_at(unsigned int idx)
{
	return idx < ARRAY_SIZE(variants) ?
	       &variants[idx] : NULL;
}

/* Fork one side of a test. @ctl_fd: listener (server) or -1 (client dials). */
static pid_t start_side(const struct test_case *tc, struct test *t,
			int (*get_ctl)(void *arg), void *arg)
{
	pid_t pid;

	memset(verdict, 0, sizeof(*verdict));
	fflush(stdout);
	pid = fork();
	if (pid)
		return pid;
	setpgid(0, 0);
	t->ctl = -1;
	if (tc->server) {
		t->ctl = get_ctl(arg);
		if (t->ctl < 0)
			test_fail(__FILE__, __LINE__, "no control connection");
	}
	if (t->client)
		tc->client(t);
	else
		tc->server(t);
	if (!(tc->flags & T_NO_CONN) && !verdict->proved)
		test_fail(__FILE__, __LINE__, "mode of no connection proved");
	exit(0);
}

/* Wait for a side; kill it and what it forked when it takes too long. */
static int end_side(pid_t pid, int timeout_ms)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0), status = 0;
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	bool late = poll(&p, 1, timeout_ms) != 1;

	close(pidfd);
	if (late)
		kill(pid, SIGKILL);
	kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (!verdict->msg[0] && late)
		snprintf(verdict->msg, MSG_SIZE, "hangs");
	else if (!verdict->msg[0] && status)
		snprintf(verdict->msg, MSG_SIZE, "ended with status 0x%x",
			 status);
	return late || status ? -1 : 0;
}

struct server_ctl {
	int lfd;
	unsigned int seq;
};

static int server_accept_ctl(void *arg)
{
	struct server_ctl *sc = arg;
	unsigned int seq;
	char line[64];
	int fd;

	for (;;) {
		struct pollfd p = { .fd = sc->lfd, .events = POLLIN };

		if (poll(&p, 1, WAIT_MS) != 1)
			return -1;
		fd = accept4(sc->lfd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			return -1;
		if (ctl_read_line(fd, line, sizeof(line), WAIT_MS) > 0 &&
		    sscanf(line, "HELLO %u", &seq) == 1 && seq == sc->seq)
			return fd;
		close(fd);
	}
}

/* One "TEST" request of the client's runner, up to its result line. */
static int server_run(int session, struct server_ctl *sc, const char *line)
{
	const struct test_case *tc;
	struct test t = { .ctl = -1 };
	unsigned int idx, var;
	char buf[64];
	pid_t pid;
	int rc;

	if (sscanf(line, "TEST %u %u %u %d", &sc->seq, &idx, &var,
		   &t.family) != 4)
		return -1;
	tc = test_at(idx);
	t.v = variant_at(var);
	if (!tc || !tc->server || !t.v)
		return -1;
	t.flags = tc->flags;
	pid = start_side(tc, &t, server_accept_ctl, sc);
	if (pid < 0 || ctl_write_line(session, "READY"))
		return -1;
	if (ctl_read_line(session, buf, sizeof(buf),
			  (TEST_SECONDS + 30) * 1000) < 0)
		snprintf(buf, sizeof(buf), "END 1");
	rc = end_side(pid, strcmp(buf, "END 0") ? 500 : WAIT_MS);
	return ctl_write_line(session, "RESULT %d %s", rc, verdict->msg);
}

/**
 * harness_server() - serve test sessions, one after the other
 * @port: control port
 * @sessions: end after so many, 0 for no end
 *
 * Return: exit code.
 */
int harness_server(int port, int sessions)
{
	struct server_ctl sc = { .lfd = ctl_listen(port) };
	char line[256];
	int session;

	if (sc.lfd < 0) {
		perror("control listener");
		return 1;
	}
	printf("# listening on port %d\n", port);
	fflush(stdout);
	for (;;) {
		session = accept4(sc.lfd, NULL, NULL, SOCK_CLOEXEC);
		if (session < 0)
			continue;
		if (ctl_read_line(session, line, sizeof(line), WAIT_MS) < 0 ||
		    strcmp(line, "SESSION")) {
			close(session);	/* a late half of an earlier test */
			continue;
		}
		while (ctl_read_line(session, line, sizeof(line), 600000) > 0)
			if (server_run(session, &sc, line))
				break;
		close(session);
		if (sessions && !--sessions)
			return 0;
	}
}

struct client_ctl {
	const struct sockaddr *sa;
	socklen_t len;
	unsigned int seq;
};

static int client_dial_ctl(void *arg)
{
	struct client_ctl *cc = arg;
	int fd = ctl_dial(cc->sa, cc->len);

	if (fd >= 0 && ctl_write_line(fd, "HELLO %u", cc->seq)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Run one test; @msg receives both sides' complaints. 0, 1 or -1 (no session) */
static int client_run(const struct plan *pl, const struct plan_item *it,
		      int session, unsigned int seq, char *msg, size_t size)
{
	struct client_ctl cc = { (const void *)&pl->ctl, pl->ctl_len, seq };
	struct test t = {
		.v = variant_at(it->variant), .family = it->family,
		.client = true, .flags = it->tc->flags, .ctl = -1,
		.peer = it->family == AF_INET6 ? pl->peer6 : pl->peer4,
	};
	char line[MSG_SIZE + 64];
	int rc, peer_rc = 0;
	pid_t pid;

	if (it->tc->server) {
		if (ctl_write_line(session, "TEST %u %u %u %d", seq, it->idx,
				   it->variant, it->family) ||
		    ctl_read_line(session, line, sizeof(line), WAIT_MS) < 0)
			return -1;
	}
	pid = start_side(it->tc, &t, client_dial_ctl, &cc);
	if (pid < 0)
		return -1;
	rc = end_side(pid, TEST_SECONDS * 1000);
	snprintf(msg, size, "%s%s", rc ? "client: " : "", verdict->msg);
	if (!it->tc->server)
		return rc ? 1 : 0;
	if (ctl_write_line(session, "END %d", rc ? 1 : 0) ||
	    ctl_read_line(session, line, sizeof(line), 2 * WAIT_MS) < 0 ||
	    sscanf(line, "RESULT %d", &peer_rc) != 1)
		return -1;
	if (peer_rc) {
		const char *peer_msg = strchr(line + 7, ' ');
		size_t n = strlen(msg);

		snprintf(msg + n, size - n, "%sserver: %s", n ? " | " : "",
			 peer_msg ? peer_msg + 1 : "failed");
	}
	return rc || peer_rc ? 1 : 0;
}

/**
 * harness_client() - run a plan against the server side and print KTAP
 * @pl: what to run, and where the server is
 *
 * Return: exit code, 0 if every test passed.
 */
int harness_client(const struct plan *pl)
{
	unsigned int pass = 0, fail = 0, i;
	int session = -1;

	printf("TAP version 13\n1..%u\n", pl->n);
	for (i = 0; i < pl->n; i++) {
		const struct plan_item *it = &pl->item[i];
		long long start = now_ms();
		char msg[2 * MSG_SIZE + 64] = "";
		int rc = -1;

		if (session < 0) {
			session = ctl_dial((const void *)&pl->ctl, pl->ctl_len);
			if (session >= 0)
				ctl_write_line(session, "SESSION");
		}
		if (session >= 0)
			rc = client_run(pl, it, session, i + 1, msg,
					sizeof(msg));
		if (rc < 0) {
			snprintf(msg, sizeof(msg), "no session with the server");
			close(session);
			session = -1;
		}
		if (msg[0])
			printf("# %s\n", msg);
		printf("%s %u %s.%s.ipv%d # time=%lldms\n", rc ? "not ok" : "ok",
		       i + 1, it->tc->name, variant_at(it->variant)->name,
		       it->family == AF_INET6 ? 6 : 4, now_ms() - start);
		fflush(stdout);
		rc ? fail++ : pass++;
	}
	printf("# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:0 error:0\n",
	       pass, fail);
	return fail || !pass;
}
