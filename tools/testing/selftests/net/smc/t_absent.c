// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options whose values are in pages that the program has not used yet,
 * or that take their time to come.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/userfaultfd.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "harness.h"

#ifndef IPV6_FLOWLABEL_MGR
#define IPV6_FLOWLABEL_MGR	32
#endif

/* The end of a page that is not there before it is used; nothing follows. */
static void *absent(const void *content, size_t len)
{
	size_t page = sysconf(_SC_PAGESIZE);
	int fd = memfd_create("page", 0);
	char *room;

	room = mmap(NULL, 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	ASSERT(room != MAP_FAILED);
	ASSERT_EQ(pwrite(fd, content, len, page - len), len);
	ASSERT(mmap(room, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		    fd, 0) == room);
	close(fd);
	return room + page - len;
}

/* As in the kernel's in6.h, which does not go with the C library's. */
struct flow_label {
	struct in6_addr dst;
	__u32 label;
	__u8 action;
	__u8 share;
	__u16 flags;
	__u16 expires;
	__u16 linger;
	__u32 pad;
};

/* A value of setsockopt() that is answered. */
static void check_flow_label(int fd)
{
	struct flow_label want = {
		.dst = IN6ADDR_LOOPBACK_INIT, .share = 1, .flags = 1,
	};
	struct flow_label *got = absent(&want, sizeof(want));

	ASSERT_EQ(setsockopt(fd, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, got,
			     sizeof(*got)), 0);
	ASSERT(got->label);
}

/* Values are where the program has never been, or end before they should. */
static void absent_values(struct test *t)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0x40000);
	struct sock_fprog prog = { .len = 1 };
	bool v6 = t->family == AF_INET6;
	int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP, tos = 0x10;
	int name = v6 ? IPV6_TCLASS : IP_TOS;
	struct tcp_info info = {};
	socklen_t len = sizeof(info);
	int fd = t_pair(t);
	socklen_t *p;

	ASSERT_EQ(setsockopt(fd, level, name, absent(&tos, sizeof(tos)),
			     sizeof(tos)), 0);
	ASSERT_EQ(get_int_opt(fd, level, name), tos);
	ASSERT_EQ(setsockopt(fd, level, name, absent(&tos, sizeof(tos)), 64),
		  0);
	if (v6)
		check_flow_label(fd);
	prog.filter = absent(&all, sizeof(all));
	ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER,
			     absent(&prog, sizeof(prog)), sizeof(prog)), 0);
	p = absent(&len, sizeof(len));
	ASSERT_EQ(getsockopt(fd, IPPROTO_TCP, TCP_INFO,
			     absent(&info, sizeof(info)), p), 0);
	ASSERT_EQ(*p, sizeof(info));

	ASSERT_ERRNO(setsockopt(fd, level, name, (void *)8, sizeof(tos)),
		     EFAULT);
	prog.filter = (void *)8;
	ASSERT_ERRNO(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
				sizeof(prog)), EFAULT);
	ASSERT_ERRNO(getsockopt(fd, IPPROTO_TCP, TCP_INFO, (void *)8, &len),
		     EFAULT);
	exchange_byte(t, fd);
	close(fd);
}

/**
 * struct late_call - setsockopt() or getsockopt() by a thread
 * @fd: socket
 * @level: level of the option
 * @name: name of the option
 * @get: getsockopt()
 * @val: its value
 * @len: length of @val
 * @err: what it ended with, positive; 0 if well
 */
struct late_call {
	int fd;
	int level;
	int name;
	bool get;
	void *val;
	socklen_t len;
	int err;
};

static void *make_late_call(void *arg)
{
	struct late_call *call = arg;
	int ret;

	if (call->get)
		ret = getsockopt(call->fd, call->level, call->name, call->val,
				 &call->len);
	else
		ret = setsockopt(call->fd, call->level, call->name, call->val,
				 call->len);
	call->err = ret ? errno : 0;
	return NULL;
}

/* A page that is there when page_comes() says so; who needs it waits. */
static void *late_page(int *uffd)
{
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	size_t page = sysconf(_SC_PAGESIZE);
	void *at;

	at = mmap(NULL, page, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT(at != MAP_FAILED);
	*uffd = syscall(__NR_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	ASSERT_GE(*uffd, 0);
	ASSERT_EQ(ioctl(*uffd, UFFDIO_API, &api), 0);
	range.range.start = (uintptr_t)at;
	range.range.len = page;
	ASSERT_EQ(ioctl(*uffd, UFFDIO_REGISTER, &range), 0);
	return at;
}

static void page_comes(int uffd, void *at, const void *content, size_t len)
{
	size_t page = sysconf(_SC_PAGESIZE);
	struct uffdio_copy copy = { .dst = (uintptr_t)at, .len = page };
	char *buf = calloc(1, page);

	ASSERT(buf);
	memcpy(buf, content, len);
	copy.src = (uintptr_t)buf;
	ASSERT_EQ(ioctl(uffd, UFFDIO_COPY, &copy), 0);
	free(buf);
}

/*
 * Make a call that needs a page at @at, which has @content in the end. While it
 * waits for the page another call that needs all locks gets through, unless
 * the socket is TCP's, which waits with its lock held.
 */
static void late_option(struct test *t, struct late_call *call, int uffd,
			void *at, const void *content, size_t len)
{
	struct uffd_msg msg;
	pthread_t thread;

	ASSERT_EQ(pthread_create(&thread, NULL, make_late_call, call), 0);
	ASSERT_EQ(wait_poll(uffd, POLLIN), POLLIN);
	ASSERT_EQ(read(uffd, &msg, sizeof(msg)), sizeof(msg));
	ASSERT_EQ(msg.event, UFFD_EVENT_PAGEFAULT);
	if (t_is_smc(t))
		set_int_opt(call->fd, IPPROTO_TCP, TCP_NODELAY, 1);
	page_comes(uffd, at, content, len);
	ASSERT_EQ(pthread_join(thread, NULL), 0);
	close(uffd);
}

/* An option whose value TCP copies with its lock held, and does not like. */
static void late_for_tcp(struct test *t, int fd)
{
	struct tcp_md5sig sig = {};
	struct late_call call = {
		.fd = fd, .level = IPPROTO_TCP, .name = TCP_MD5SIG,
		.len = sizeof(sig),
	};
	int uffd;

	call.val = late_page(&uffd);
	late_option(t, &call, uffd, call.val, &sig, sizeof(sig));
	ASSERT_EQ(call.err, EINVAL);
}

/* What the value leads to is late. */
static void late_filter(struct test *t, int fd)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, 0x40000);
	struct sock_fprog prog = { .len = 1 };
	struct late_call call = {
		.fd = fd, .level = SOL_SOCKET, .name = SO_ATTACH_FILTER,
		.val = &prog, .len = sizeof(prog),
	};
	int uffd;

	prog.filter = late_page(&uffd);
	late_option(t, &call, uffd, prog.filter, &all, sizeof(all));
	ASSERT_EQ(call.err, 0);
}

static void late_flow_label(struct test *t, int fd)
{
	struct flow_label want = {
		.dst = IN6ADDR_LOOPBACK_INIT, .share = 1, .flags = 1,
	};
	struct late_call call = {
		.fd = fd, .level = IPPROTO_IPV6, .name = IPV6_FLOWLABEL_MGR,
		.len = sizeof(want),
	};
	struct flow_label *got;
	int uffd;

	got = late_page(&uffd);
	call.val = got;
	late_option(t, &call, uffd, got, &want, sizeof(want));
	ASSERT_EQ(call.err, 0);
	ASSERT(got->label);
}

/* An answer that TCP writes with its lock held. */
static void late_answer(struct test *t, int fd)
{
	struct late_call call = {
		.fd = fd, .level = IPPROTO_TCP, .name = TCP_SAVED_SYN,
		.get = true, .len = 512,
	};
	unsigned char *got;
	int uffd;

	got = late_page(&uffd);
	call.val = got;
	late_option(t, &call, uffd, got, "", 1);
	ASSERT_EQ(call.err, 0);
	ASSERT_EQ(got[0] >> 4, t->family == AF_INET6 ? 6 : 4);
}

static void late_c(struct test *t)
{
	int fd = t_pair(t);

	late_for_tcp(t, fd);
	late_filter(t, fd);
	if (t->family == AF_INET6)
		late_flow_label(t, fd);
	exchange_byte(t, fd);
	close(fd);
}

static void late_s(struct test *t)
{
	int lfd = t_socket(t), fd;

	set_int_opt(lfd, IPPROTO_TCP, TCP_SAVE_SYN, 1);
	t_listen_fd(t, lfd, 4);
	fd = t_accept(t, lfd);
	late_answer(t, fd);
	exchange_byte(t, fd);
	close(fd);
	close(lfd);
}

const struct test_case absent_tests[] = {
	{ "option_absent", absent_values, absent_values },
	{ "option_late", late_c, late_s },
	{}
};
