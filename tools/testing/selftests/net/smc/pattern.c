// SPDX-License-Identifier: GPL-2.0
/*
 * Streams of bytes that show where they come from: byte n of a stream is
 * entry (start + n) of a random table whose length is a prime, so that data
 * shifted by any buffer or ring size differ at almost every byte, and a run
 * of bytes compares with one memcmp().
 */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "common.h"

#define TABLE	1000003

static __u8 table[TABLE];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

/**
 * rnd() - small deterministic generator (xorshift)
 * @state: state, not 0
 *
 * Return: the next number.
 */
__u32 rnd(__u32 *state)
{
	__u32 x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

/**
 * now_ms() - monotonic clock
 *
 * Return: milliseconds.
 */
long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void table_init(void)
{
	__u32 state = 0x5eed5eed;
	unsigned int i;

	for (i = 0; i < TABLE; i++)
		table[i] = rnd(&state) >> 11;
}

/* Longest run of the stream from @off that is contiguous in the table. */
static const __u8 *run_at(__u32 seed, __u64 off, size_t *len)
{
	size_t pos;

	pthread_once(&table_once, table_init);
	pos = (off + seed * 7919ULL) % TABLE;
	if (*len > TABLE - pos)
		*len = TABLE - pos;
	return table + pos;
}

/**
 * pat_fill() - fill a buffer with a piece of the stream of a seed
 * @buf: buffer
 * @len: its length
 * @seed: which stream
 * @off: position of the first byte in the stream
 */
void pat_fill(__u8 *buf, size_t len, __u32 seed, __u64 off)
{
	while (len) {
		size_t n = len;
		const __u8 *src = run_at(seed, off, &n);

		memcpy(buf, src, n);
		buf += n;
		off += n;
		len -= n;
	}
}

/**
 * pat_diff() - compare a buffer with the stream
 * @buf: buffer
 * @len: its length
 * @seed: which stream
 * @off: position of the first byte in the stream
 *
 * Return: stream position of the first difference, -1 if there is none.
 */
long long pat_diff(const __u8 *buf, size_t len, __u32 seed, __u64 off)
{
	while (len) {
		size_t n = len, i;
		const __u8 *src = run_at(seed, off, &n);

		if (memcmp(buf, src, n)) {
			for (i = 0; buf[i] == src[i]; i++)
				;
			return off + i;
		}
		buf += n;
		off += n;
		len -= n;
	}
	return -1;
}
