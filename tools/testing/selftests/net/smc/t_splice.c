// SPDX-License-Identifier: GPL-2.0
/*
 * sendfile(), splice() in both directions, vmsplice().
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "harness.h"

#define FILE_LEN	(1024 * 1024)
#define PIECE		10000

static int pattern_file(__u32 seed)
{
	int fd = memfd_create("pattern", MFD_CLOEXEC);
	__u8 buf[4096];
	size_t off;

	ASSERT_GE(fd, 0);
	for (off = 0; off < FILE_LEN; off += sizeof(buf)) {
		pat_fill(buf, sizeof(buf), seed, off);
		ASSERT_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	}
	ASSERT_EQ(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void sendfile_c(struct test *t)
{
	int fd = t_pair(t), file = pattern_file(51);
	off_t off = 0;
	ssize_t n;

	while (off < FILE_LEN) {
		n = sendfile(fd, file, &off, FILE_LEN - off);
		ASSERT_GT(n, 0);
	}
	ASSERT_EQ(sendfile(fd, file, &off, 100), 0);
	off = 12345;	/* an odd piece from the middle */
	ASSERT_EQ(sendfile(fd, file, &off, 4321), 4321);
	exchange_byte(t, fd);
	close(file);
	close(fd);
}

static void sendfile_s(struct test *t)
{
	int fd = t_pair(t);

	recv_pat(fd, FILE_LEN, 51, 0, 0);
	recv_pat(fd, 4321, 51, 12345, 0);
	exchange_byte(t, fd);
	close(fd);
}

/* File into pipe, pipe into socket. */
static void splice_out_c(struct test *t)
{
	int fd = t_pair(t), file = pattern_file(52), p[2];
	size_t done = 0;
	ssize_t n, m;

	ASSERT_EQ(pipe(p), 0);
	while (done < FILE_LEN) {
		n = splice(file, NULL, p[1], NULL, PIECE, 0);
		ASSERT_GT(n, 0);
		done += n;
		while (n) {
			m = splice(p[0], NULL, fd, NULL, n,
				   done < FILE_LEN ? SPLICE_F_MORE : 0);
			ASSERT_GT(m, 0);
			n -= m;
		}
	}
	exchange_byte(t, fd);
	close(file);
	close(fd);
}

static void splice_out_s(struct test *t)
{
	int fd = t_pair(t);

	recv_pat(fd, FILE_LEN, 52, 0, 0);
	exchange_byte(t, fd);
	close(fd);
}

static void splice_in_c(struct test *t)
{
	int fd = t_pair(t);

	ctl_expect(t, "EMPTY");
	send_pat(fd, FILE_LEN, 53, 0, 0);
	ctl_expect(t, "READ");
	close(fd);
}

static void read_pipe(int fd, size_t len, __u32 seed, size_t off)
{
	__u8 buf[PIECE];
	ssize_t n;

	while (len) {
		n = read(fd, buf, len < PIECE ? len : PIECE);
		ASSERT_GT(n, 0);
		ASSERT_EQ(pat_diff(buf, n, seed, off), -1);
		off += n;
		len -= n;
	}
}

/* Socket into pipe; nothing there; the end of the stream. */
static void splice_in_s(struct test *t)
{
	int fd = t_pair(t), p[2];
	size_t done = 0;
	ssize_t n;

	ASSERT_EQ(pipe(p), 0);
	set_nonblock(fd, true);
	ASSERT_ERRNO(splice(fd, NULL, p[1], NULL, 100, 0), EAGAIN);
	set_nonblock(fd, false);
	ctl_send(t, "EMPTY");
	while (done < FILE_LEN) {
		n = splice(fd, NULL, p[1], NULL, PIECE, SPLICE_F_MOVE);
		ASSERT_GT(n, 0);
		read_pipe(p[0], n, 53, done);
		done += n;
	}
	ctl_send(t, "READ");
	ASSERT_EQ(splice(fd, NULL, p[1], NULL, PIECE, 0), 0);
	close(fd);
}

/* Pages spliced in and left in the pipe while the stream goes on over them. */
static void splice_hold_s(struct test *t)
{
	int fd = t_pair(t), p[2];
	ssize_t held;

	ASSERT_EQ(pipe(p), 0);
	ctl_send(t, "EMPTY");
	wait_poll(fd, POLLIN);
	held = splice(fd, NULL, p[1], NULL, 3000, 0);
	ASSERT_GT(held, 0);
	recv_pat(fd, FILE_LEN / 8, 53, held, 0);
	read_pipe(p[0], held, 53, 0);
	recv_pat(fd, FILE_LEN - FILE_LEN / 8 - held, 53, FILE_LEN / 8 + held,
		 0);
	ctl_send(t, "READ");
	expect_eof(fd);
	close(fd);
}

static void vmsplice_c(struct test *t)
{
	int fd = t_pair(t), p[2];
	__u8 buf[PIECE];
	struct iovec iov = { buf, sizeof(buf) };
	ssize_t n, m;

	ASSERT_EQ(pipe(p), 0);
	pat_fill(buf, sizeof(buf), 54, 0);
	while (iov.iov_len) {
		n = vmsplice(p[1], &iov, 1, 0);
		ASSERT_GT(n, 0);
		iov.iov_base = (char *)iov.iov_base + n;
		iov.iov_len -= n;
		while (n) {
			m = splice(p[0], NULL, fd, NULL, n, 0);
			ASSERT_GT(m, 0);
			n -= m;
		}
	}
	exchange_byte(t, fd);
	close(fd);
}

static void vmsplice_s(struct test *t)
{
	int fd = t_pair(t);

	recv_pat(fd, PIECE, 54, 0, 333);
	exchange_byte(t, fd);
	close(fd);
}

const struct test_case splice_tests[] = {
	{ "sendfile", sendfile_c, sendfile_s },
	{ "splice_to_socket", splice_out_c, splice_out_s },
	{ "splice_from_socket", splice_in_c, splice_in_s },
	{ "splice_held_pages", splice_in_c, splice_hold_s },
	{ "vmsplice_to_socket", vmsplice_c, vmsplice_s },
	{}
};
