// SPDX-License-Identifier: GPL-2.0
/* What is remembered of servers, for how long, and of how many. */
#include "vectors.h"
#include "../proto/mute.h"

#define NOW	1000000

static struct smc_mute_name server(unsigned int n)
{
	struct smc_mute_name name = { .port = 80 };

	name.addr[15] = (u8)n;
	name.addr[14] = (u8)(n >> 8);
	return name;
}

static struct smc_mute_table *new_table(struct kunit *test)
{
	struct smc_mute_table *table;

	table = kunit_kmalloc(test, sizeof(*table), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, table);
	memset(table, 0, sizeof(*table));
	table->seed = 0x5eed;
	return table;
}

static void silent(struct smc_mute_table *table,
		   const struct smc_mute_name *name, u64 now)
{
	smc_mute_not_heard(table, name, SMC_MUTE_SAID_NOTHING, now);
}

static void nobody_is_known_at_first(struct kunit *test)
{
	struct smc_mute_table *table = new_table(test);
	struct smc_mute_name name = {};

	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name, 0),
			SMC_MUTE_UNKNOWN);
	name = server(1);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name, NOW),
			SMC_MUTE_UNKNOWN);
}

/* Each time it is found so again it is left alone for longer. */
static void holds_longer(struct kunit *test, enum smc_mute_proof proof,
			 const unsigned int *hold, unsigned int num)
{
	struct smc_mute_table *table = new_table(test);
	struct smc_mute_name name = server(1);
	unsigned int i;
	u64 now = NOW;

	for (i = 0; i < num; i++) {
		smc_mute_not_heard(table, &name, proof, now);
		KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name, now),
				SMC_MUTE_SILENT);
		KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name,
						    now + hold[i] - 1),
				SMC_MUTE_SILENT);
		now += hold[i];
		KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name, now),
				SMC_MUTE_UNKNOWN);
	}
}

static void silence_holds_longer_each_time(struct kunit *test)
{
	static const unsigned int hold[] = { 10, 20, 40, 80, 160, 320, 640,
					     960, 960 };

	holds_longer(test, SMC_MUTE_SAID_NOTHING, hold, ARRAY_SIZE(hold));
}

/* What is not SMC is a better proof than nothing. */
static void other_words_hold_longer(struct kunit *test)
{
	static const unsigned int hold[] = { 60, 120, 240, 480, 960, 960 };

	holds_longer(test, SMC_MUTE_SAID_ELSE, hold, ARRAY_SIZE(hold));
}

static void no_proof_is_none(struct kunit *test)
{
	struct smc_mute_table *table = new_table(test);
	struct smc_mute_name name = server(1);

	smc_mute_not_heard(table, &name, SMC_MUTE_NO_PROOF, NOW);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name, NOW),
			SMC_MUTE_UNKNOWN);
	smc_mute_heard(table, &name, NOW);
	smc_mute_not_heard(table, &name, SMC_MUTE_NO_PROOF, NOW);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name, NOW),
			SMC_MUTE_TALKS);
}

static void silence_counts_once_while_it_holds(struct kunit *test)
{
	struct smc_mute_table *table = new_table(test);
	struct smc_mute_name name = server(1);

	silent(table, &name, NOW);
	silent(table, &name, NOW + 1);
	silent(table, &name, NOW + SMC_MUTE_FIRST_SILENT - 1);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name,
					    NOW + SMC_MUTE_FIRST_SILENT),
			SMC_MUTE_UNKNOWN);
}

static void an_answer_ends_silence(struct kunit *test)
{
	struct smc_mute_table *table = new_table(test);
	struct smc_mute_name name = server(1);

	silent(table, &name, NOW);
	silent(table, &name, NOW + SMC_MUTE_FIRST_SILENT);
	smc_mute_heard(table, &name, NOW + SMC_MUTE_FIRST_SILENT + 1);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name,
					    NOW + SMC_MUTE_FIRST_SILENT + 1),
			SMC_MUTE_TALKS);
}

/*
 * One that was busy has to be silent twice before it is left alone, and not
 * just to two connections at once.
 */
static void trust_is_lost_first(struct kunit *test)
{
	struct smc_mute_table *table = new_table(test);
	struct smc_mute_name name = server(1);
	u64 later = NOW + 1 + SMC_MUTE_DOUBT;
	unsigned int i;

	smc_mute_heard(table, &name, NOW);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name,
					    NOW + SMC_MUTE_TRUST - 1),
			SMC_MUTE_TALKS);
	for (i = 0; i < SMC_MUTE_DOUBT; i++) {
		silent(table, &name, NOW + 1 + i);
		silent(table, &name, NOW + 1 + i);
		KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name, NOW + 1 + i),
				SMC_MUTE_UNKNOWN);
	}
	silent(table, &name, later);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name, later),
			SMC_MUTE_SILENT);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name,
					    later + SMC_MUTE_FIRST_SILENT),
			SMC_MUTE_UNKNOWN);
}

static void an_answer_ends_doubt(struct kunit *test)
{
	struct smc_mute_table *table = new_table(test);
	struct smc_mute_name name = server(1);

	smc_mute_heard(table, &name, NOW);
	silent(table, &name, NOW + 1);
	smc_mute_heard(table, &name, NOW + 2);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name, NOW + 2),
			SMC_MUTE_TALKS);
}

static void trust_of_long_ago_is_none(struct kunit *test)
{
	struct smc_mute_table *table = new_table(test);
	struct smc_mute_name name = server(1);

	smc_mute_heard(table, &name, NOW);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name,
					    NOW + SMC_MUTE_TRUST),
			SMC_MUTE_UNKNOWN);
	silent(table, &name, NOW + SMC_MUTE_TRUST);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name,
					    NOW + SMC_MUTE_TRUST),
			SMC_MUTE_SILENT);
}

/* With so many others some are in the same set. */
static void all_of_the_name_counts(struct kunit *test)
{
	struct smc_mute_table *table = new_table(test);
	struct smc_mute_name name = server(1), other;
	unsigned int i, k;

	silent(table, &name, NOW);
	for (i = 1; i < 1000; i++) {
		for (k = 0; k < 16; k++) {
			other = name;
			other.addr[k] ^= (u8)((i & 0xff) ?: 1);
			KUNIT_ASSERT_EQ(test,
					smc_mute_look(table, &other, NOW),
					SMC_MUTE_UNKNOWN);
		}
		other = name;
		other.port += (u16)i;
		KUNIT_ASSERT_EQ(test, smc_mute_look(table, &other, NOW),
				SMC_MUTE_UNKNOWN);
		other = name;
		other.dev += i;
		KUNIT_ASSERT_EQ(test, smc_mute_look(table, &other, NOW),
				SMC_MUTE_UNKNOWN);
	}
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name, NOW),
			SMC_MUTE_SILENT);
}

/* However many there are, the latest is known, and an old one goes for it. */
static void the_oldest_is_replaced(struct kunit *test)
{
	struct smc_mute_table *table = new_table(test);
	unsigned int known = 0, late = 0, i;
	struct smc_mute_name name;

	for (i = 0; i < 2000; i++) {
		name = server(i);
		silent(table, &name, NOW + i / 250);
		KUNIT_ASSERT_EQ(test, smc_mute_look(table, &name,
						    NOW + i / 250),
				SMC_MUTE_SILENT);
	}
	for (i = 0; i < 2000; i++) {
		name = server(i);
		if (smc_mute_look(table, &name, NOW + 8) != SMC_MUTE_SILENT)
			continue;
		known++;
		late += i >= 1000;
	}
	KUNIT_EXPECT_EQ(test, known, SMC_MUTE_SETS * SMC_MUTE_WAYS);
	KUNIT_EXPECT_EQ(test, late, known);
}

/* So many that all sets are full. */
static void many_talk(struct smc_mute_table *table, u64 now)
{
	unsigned int i;

	for (i = 2; i < 2000; i++) {
		struct smc_mute_name name = server(i);

		smc_mute_heard(table, &name, now);
	}
}

/* Those that talk come by often; they may not make the silent forgotten. */
static void the_silent_stay_longest(struct kunit *test)
{
	struct smc_mute_table *table = new_table(test);
	struct smc_mute_name name = server(1);

	smc_mute_not_heard(table, &name, SMC_MUTE_SAID_ELSE, NOW);
	many_talk(table, NOW + 1);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name, NOW + 2),
			SMC_MUTE_SILENT);
	/* But those that hold no more go first. */
	many_talk(table, NOW + SMC_MUTE_FIRST_STRANGE + 1);
	smc_mute_not_heard(table, &name, SMC_MUTE_SAID_ELSE,
			   NOW + SMC_MUTE_FIRST_STRANGE + 2);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name,
					    NOW + 2 * SMC_MUTE_FIRST_STRANGE +
					    1),
			SMC_MUTE_SILENT);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &name,
					    NOW + 2 * SMC_MUTE_FIRST_STRANGE +
					    2),
			SMC_MUTE_UNKNOWN);
}

static void a_flush_forgets_all(struct kunit *test)
{
	struct smc_mute_table *table = new_table(test);
	struct smc_mute_name mute = server(1), talks = server(2);

	silent(table, &mute, NOW);
	smc_mute_heard(table, &talks, NOW);
	smc_mute_forget(table);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &mute, NOW),
			SMC_MUTE_UNKNOWN);
	KUNIT_EXPECT_EQ(test, smc_mute_look(table, &talks, NOW),
			SMC_MUTE_UNKNOWN);
}

static struct kunit_case mute_cases[] = {
	KUNIT_CASE(nobody_is_known_at_first),
	KUNIT_CASE(silence_holds_longer_each_time),
	KUNIT_CASE(other_words_hold_longer),
	KUNIT_CASE(no_proof_is_none),
	KUNIT_CASE(silence_counts_once_while_it_holds),
	KUNIT_CASE(an_answer_ends_silence),
	KUNIT_CASE(trust_is_lost_first),
	KUNIT_CASE(an_answer_ends_doubt),
	KUNIT_CASE(trust_of_long_ago_is_none),
	KUNIT_CASE(all_of_the_name_counts),
	KUNIT_CASE(the_oldest_is_replaced),
	KUNIT_CASE(the_silent_stay_longest),
	KUNIT_CASE(a_flush_forgets_all),
	{}
};

static struct kunit_suite mute_suite = {
	.name = "smc_mute",
	.test_cases = mute_cases,
};

kunit_test_suite(mute_suite);
