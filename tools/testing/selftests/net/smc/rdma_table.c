// SPDX-License-Identifier: GPL-2.0
/*
 * The table of attacks on links: entries, what is counted, whole messages.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rdma_table.h"

static const char * const roles[] = { "client", "server" };

/**
 * rdma_add() - add an attack
 * @t: table
 * @group: kind of attack
 * @attacker: whose messages are changed
 * @fmt: its name within both
 *
 * Return: the entry, to be filled, valid until the next one is added.
 */
struct rdma_case *rdma_add(struct rdma_table *t, const char *group,
			   enum rdma_end attacker, const char *fmt, ...)
{
	struct rdma_case *a;
	va_list ap;
	size_t len;

	if (t->num == t->room) {
		t->room = t->room ? 2 * t->room : 512;
		t->cases = realloc(t->cases, t->room * sizeof(*t->cases));
		if (!t->cases)
			exit(1);
	}
	a = &t->cases[t->num++];
	memset(a, 0, sizeof(*a));
	a->group = group;
	a->attacker = attacker;
	len = snprintf(a->name, sizeof(a->name), "%s.by_%s.", group,
		       roles[attacker]);
	va_start(ap, fmt);
	vsnprintf(a->name + len, sizeof(a->name) - len, fmt, ap);
	va_end(ap);
	return a;
}

/**
 * rdma_bad_llc() - the attack is counted as a wrong LLC message
 * @a: attack
 * @how: and as this kind of them
 */
void rdma_bad_llc(struct rdma_case *a, enum rdma_stat how)
{
	a->stat[ST_BAD_LLC] = 1;
	a->stat[how] = 1;
}

/**
 * rdma_ignored() - the attack is counted as an LLC message that is ignored
 * @a: attack
 * @why: and under this reason
 */
void rdma_ignored(struct rdma_case *a, enum rdma_stat why)
{
	a->stat[ST_LLC_IGNORED] = 1;
	a->stat[why] = 1;
}

/**
 * rdma_bad_cdc() - the attack is counted as a wrong CDC message
 * @a: attack
 * @how: and as this kind of them
 */
void rdma_bad_cdc(struct rdma_case *a, enum rdma_stat how)
{
	a->stat[ST_BAD_CDC] = 1;
	a->stat[how] = 1;
}

/**
 * rdma_inject() - make the rule one that adds a message
 * @a: attack
 * @m: the message
 */
void rdma_inject(struct rdma_case *a, const __u8 *m)
{
	size_t len = snprintf(a->rule, sizeof(a->rule),
			      "once type=0xfe keep inject=1");
	unsigned int off, width, i;

	for (off = 0; off < MSG_LEN; off += width) {
		__u64 v = 0;

		width = MSG_LEN - off < 8 ? MSG_LEN - off : 8;
		for (i = 0; i < width; i++)
			v = v << 8 | m[off + i];
		len += snprintf(a->rule + len, sizeof(a->rule) - len,
				" set=%u:%u:%#llx", off, width,
				(unsigned long long)v);
	}
}

/**
 * rdma_value_name() - for names of attacks
 * @which: number of the value, less than %VALUES
 *
 * Return: its name.
 */
const char *rdma_value_name(unsigned int which)
{
	static const char * const names[VALUES] = {
		"zero", "one", "max", "plus", "minus", "sign",
	};

	return names[which];
}

static __u64 value_of(unsigned int which, __u64 right, unsigned int width)
{
	__u64 mask = width == 8 ? ~0ull : (1ull << 8 * width) - 1;

	switch (which) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return mask;
	case 3:
		return (right + 1) & mask;
	case 4:
		return (right - 1) & mask;
	default:
		return right ^ (mask / 2 + 1);
	}
}

static __u64 get(const __u8 *m, unsigned int width)
{
	__u64 v = 0;

	while (width--)
		v = v << 8 | *m++;
	return v;
}

static void put(__u8 *m, unsigned int width, __u64 v)
{
	while (width--) {
		m[width] = v;
		v >>= 8;
	}
}

/* Has one of the values before @which been the same? */
static bool repeated(unsigned int which, __u64 right, unsigned int width)
{
	__u64 v = value_of(which, right, width);
	unsigned int i;

	for (i = 0; i < which; i++)
		if (value_of(i, right, width) == v)
			return true;
	return v == right;
}

/**
 * rdma_put_value() - give a field another value
 * @m: the field, with its right value
 * @width: bytes
 * @which: number of the value, less than %VALUES
 *
 * Return: it is another one, and none that a smaller number gives.
 */
bool rdma_put_value(__u8 *m, unsigned int width, unsigned int which)
{
	__u64 right = get(m, width);

	if (repeated(which, right, width))
		return false;
	put(m, width, value_of(which, right, width));
	return true;
}
