// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data: MSG_OOB out of line and in line, the mark, SIGURG, POLLPRI.
 *
 * A sender may have to wait after an urgent byte until the peer has read up
 * to it (SMC), so no test lets the reader wait for bytes behind one.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "harness.h"

static int at_mark(int fd)
{
	int n = -1;

	ASSERT_EQ(ioctl(fd, SIOCATMARK, &n), 0);
	return n;
}

/* "abc", urgent "X", "def" once the reader has come that far, "end". */
static void urgent_sender(struct test *t)
{
	int fd = t_pair(t);

	send_all(fd, "abc", 3);
	ctl_expect(t, "FIRST");
	ASSERT_EQ(send(fd, "X", 1, MSG_OOB | MSG_NOSIGNAL), 1);
	send_all(fd, "def", 3);
	ctl_expect(t, "LAST");
	send_all(fd, "end", 3);
	expect_eof(fd);
	close(fd);
}

static void read_end(struct test *t, int fd)
{
	char buf[4] = {};

	ctl_send(t, "LAST");
	recv_all(fd, buf, 3);
	ASSERT_EQ(memcmp(buf, "end", 3), 0);
	close(fd);
}

static void urgent_normal_s(struct test *t)
{
	int fd = t_pair(t);
	char buf[16] = {};

	ASSERT_ERRNO(recv(fd, buf, 1, MSG_OOB), EINVAL);
	ASSERT_EQ(at_mark(fd), 0);
	wait_inq(fd, 3);
	ASSERT_EQ(poll_now(fd, POLLPRI), 0);
	ctl_send(t, "FIRST");
	ASSERT_EQ(wait_poll(fd, POLLPRI), POLLPRI);
	ASSERT_EQ(recv(fd, buf, 1, MSG_OOB | MSG_PEEK), 1);
	ASSERT_EQ(buf[0], 'X');
	buf[0] = 0;
	ASSERT_EQ(recv(fd, buf, 1, MSG_OOB), 1);
	ASSERT_EQ(buf[0], 'X');
	ASSERT_ERRNO(recv(fd, buf, 1, MSG_OOB), EINVAL);
	ASSERT_EQ(at_mark(fd), 0);
	/* A read never crosses the mark */
	ASSERT_EQ(recv(fd, buf, 16, 0), 3);
	ASSERT_EQ(memcmp(buf, "abc", 3), 0);
	ASSERT_EQ(at_mark(fd), 1);
	recv_all(fd, buf, 3);
	ASSERT_EQ(memcmp(buf, "def", 3), 0);
	ASSERT_EQ(at_mark(fd), 0);
	read_end(t, fd);
}

/* The ordinary bytes first, the urgent one afterwards; nothing stalls. */
static void urgent_late_s(struct test *t)
{
	int fd = t_pair(t);
	char buf[16] = {};

	wait_inq(fd, 3);
	ctl_send(t, "FIRST");
	wait_poll(fd, POLLPRI);
	recv_all(fd, buf, 3);
	ASSERT_EQ(at_mark(fd), 1);
	ASSERT_EQ(recv(fd, buf, 1, MSG_OOB), 1);
	ASSERT_EQ(buf[0], 'X');
	ASSERT_EQ(at_mark(fd), 1);
	recv_all(fd, buf, 3);
	ASSERT_EQ(memcmp(buf, "def", 3), 0);
	read_end(t, fd);
}

/* Never asked for, the urgent byte is simply not in the stream. */
static void urgent_ignored_s(struct test *t)
{
	int fd = t_pair(t);
	char buf[16] = {};

	wait_inq(fd, 3);
	ctl_send(t, "FIRST");
	wait_poll(fd, POLLPRI);
	recv_all(fd, buf, 3);
	recv_all(fd, buf, 3);
	ASSERT_EQ(memcmp(buf, "def", 3), 0);
	ASSERT_ERRNO(recv(fd, buf, 1, MSG_OOB), EINVAL);
	read_end(t, fd);
}

static void urgent_inline_s(struct test *t)
{
	int fd = t_pair(t);
	char buf[16] = {};

	set_int_opt(fd, SOL_SOCKET, SO_OOBINLINE, 1);
	wait_inq(fd, 3);
	ctl_send(t, "FIRST");
	wait_poll(fd, POLLPRI);
	ASSERT_ERRNO(recv(fd, buf, 1, MSG_OOB), EINVAL);
	ASSERT_EQ(recv(fd, buf, 16, 0), 3);
	ASSERT_EQ(memcmp(buf, "abc", 3), 0);
	ASSERT_EQ(at_mark(fd), 1);
	recv_all(fd, buf, 4);
	ASSERT_EQ(memcmp(buf, "Xdef", 4), 0);
	ASSERT_EQ(at_mark(fd), 0);
	read_end(t, fd);
}

static atomic_int urgs;

static void on_sigurg(int sig)
{
	(void)sig;
	urgs++;
}

static void urgent_signal_s(struct test *t)
{
	struct sigaction sa = { .sa_handler = on_sigurg, .sa_flags = SA_RESTART };
	long long end = now_ms() + WAIT_MS;
	int fd = t_pair(t);
	char buf[16];

	ASSERT_EQ(sigaction(SIGURG, &sa, NULL), 0);
	ASSERT_EQ(fcntl(fd, F_SETOWN, getpid()), 0);
	ASSERT_EQ(fcntl(fd, F_GETOWN), getpid());
	wait_inq(fd, 3);
	ASSERT_EQ(urgs, 0);
	ctl_send(t, "FIRST");
	while (!urgs && now_ms() < end)
		usleep(1000);
	ASSERT_GE(urgs, 1);
	recv_all(fd, buf, 3);
	recv_all(fd, buf, 3);
	ASSERT_EQ(memcmp(buf, "def", 3), 0);
	read_end(t, fd);
}

/* SIGIO: the owner hears of ordinary data, too. */
static void sigio_s(struct test *t)
{
	struct sigaction sa = { .sa_handler = on_sigurg, .sa_flags = SA_RESTART };
	long long end = now_ms() + WAIT_MS;
	int fd = t_pair(t);

	ASSERT_EQ(sigaction(SIGIO, &sa, NULL), 0);
	ASSERT_EQ(fcntl(fd, F_SETOWN, getpid()), 0);
	ASSERT_EQ(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC), 0);
	ctl_send(t, "READY");
	while (!urgs && now_ms() < end)
		usleep(1000);
	ASSERT_GE(urgs, 1);
	exchange_byte(t, fd);
	close(fd);
}

static void sigio_c(struct test *t)
{
	int fd = t_pair(t);

	ctl_expect(t, "READY");
	exchange_byte(t, fd);
	close(fd);
}

/* Many rounds of urgent and ordinary bytes, the urgent one read at once. */
static void urgent_rounds(struct test *t)
{
	int fd = t_pair(t), i;
	char buf[8];

	for (i = 0; i < 50; i++) {
		if (t->client) {
			send_all(fd, "0123", 4);
			ASSERT_EQ(send(fd, &"uvwxyz"[i % 6], 1,
				       MSG_OOB | MSG_NOSIGNAL), 1);
			ctl_expect(t, "ROUND");
			continue;
		}
		wait_poll(fd, POLLPRI);
		ASSERT_EQ(recv(fd, buf, 1, MSG_OOB), 1);
		ASSERT_EQ(buf[0], "uvwxyz"[i % 6]);
		recv_all(fd, buf, 4);
		ASSERT_EQ(memcmp(buf, "0123", 4), 0);
		ctl_send(t, "ROUND");
	}
	exchange_byte(t, fd);
	close(fd);
}

const struct test_case urgent_tests[] = {
	{ "urgent_normal", urgent_sender, urgent_normal_s },
	{ "urgent_late", urgent_sender, urgent_late_s },
	{ "urgent_ignored", urgent_sender, urgent_ignored_s },
	{ "urgent_inline", urgent_sender, urgent_inline_s },
	{ "urgent_sigurg", urgent_sender, urgent_signal_s },
	{ "urgent_rounds", urgent_rounds, urgent_rounds },
	{ "async_sigio", sigio_c, sigio_s },
	{}
};
