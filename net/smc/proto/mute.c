// SPDX-License-Identifier: GPL-2.0
/*
 * A bounded memory of servers, see mute.h. What was learnt holds for some
 * time; a line stays after that, so that a server which is found silent again
 * is left alone for longer.
 */
#include "mute.h"

static unsigned int smc_mute_set(const struct smc_mute_table *table,
				 const struct smc_mute_name *name)
{
	u32 hash = table->seed ^ name->dev ^ (u32)name->port << 16;
	unsigned int i;

	for (i = 0; i < sizeof(name->addr); i++)
		hash = (hash ^ name->addr[i]) * 0x01000193u;
	return (hash ^ hash >> 16) & (SMC_MUTE_SETS - 1);
}

static bool smc_mute_is(const struct smc_mute *mute,
			const struct smc_mute_name *name)
{
	return mute->state != SMC_MUTE_UNKNOWN &&
	       mute->name.port == name->port && mute->name.dev == name->dev &&
	       !memcmp(mute->name.addr, name->addr, sizeof(name->addr));
}

/**
 * smc_mute_left() - how long will a line hold?
 * @mute: line of a table
 * @now: the time, seconds
 *
 * Context: any; whoever can change @mute must be kept from it.
 * Return: Seconds, 0 if it does not hold any more.
 */
u64 smc_mute_left(const struct smc_mute *mute, u64 now)
{
	u64 end = mute->since, hold;

	switch (mute->state) {
	case SMC_MUTE_TALKS:
		end += SMC_MUTE_TRUST;
		break;
	case SMC_MUTE_DOUBTED:
		end += SMC_MUTE_DOUBT;
		break;
	case SMC_MUTE_SILENT:
		hold = (u64)mute->first << (mute->times - 1);
		end += hold < SMC_MUTE_MOST ? hold : SMC_MUTE_MOST;
		break;
	}
	return end > now ? end - now : 0;
}

/*
 * The less, the sooner it may be replaced. To forget that a server is silent
 * costs a wait; that one talks is learnt again by the way.
 */
static unsigned int smc_mute_worth(const struct smc_mute *mute, u64 now)
{
	if (mute->state == SMC_MUTE_UNKNOWN)
		return 0;
	if (!smc_mute_left(mute, now))
		return 1;
	return mute->state == SMC_MUTE_SILENT ? 3 : 2;
}

/* The server's line, or the one to be used for it. */
static struct smc_mute *smc_mute_place(struct smc_mute_table *table,
				       const struct smc_mute_name *name,
				       u64 now)
{
	struct smc_mute *set = table->line[smc_mute_set(table, name)];
	unsigned int least = ~0U, worth, i;
	struct smc_mute *place = set;

	for (i = 0; i < SMC_MUTE_WAYS; i++) {
		if (smc_mute_is(&set[i], name))
			return &set[i];
		worth = smc_mute_worth(&set[i], now);
		if (worth < least ||
		    (worth == least && set[i].since < place->since)) {
			least = worth;
			place = &set[i];
		}
	}
	place->state = SMC_MUTE_UNKNOWN;
	return place;
}

/**
 * smc_mute_look() - what is known of a server?
 * @table: the memory
 * @name: the server
 * @now: the time, seconds
 *
 * Context: any; whoever can change @table must be kept from it.
 * Return: What was learnt, if that still holds, else SMC_MUTE_UNKNOWN.
 */
enum smc_mute_state smc_mute_look(const struct smc_mute_table *table,
				  const struct smc_mute_name *name, u64 now)
{
	const struct smc_mute *set = table->line[smc_mute_set(table, name)];
	unsigned int i;

	for (i = 0; i < SMC_MUTE_WAYS; i++)
		if (smc_mute_is(&set[i], name) &&
		    set[i].state != SMC_MUTE_DOUBTED &&
		    smc_mute_left(&set[i], now))
			return set[i].state;
	return SMC_MUTE_UNKNOWN;
}

/**
 * smc_mute_heard() - a server has answered
 * @table: the memory
 * @name: the server
 * @now: the time, seconds
 *
 * Context: any; the caller has @table for itself.
 */
void smc_mute_heard(struct smc_mute_table *table,
		    const struct smc_mute_name *name, u64 now)
{
	struct smc_mute *mute = smc_mute_place(table, name, now);

	mute->name = *name;
	mute->state = SMC_MUTE_TALKS;
	mute->times = 0;
	mute->since = now;
}

/**
 * smc_mute_not_heard() - a server that sent the option has not answered
 * @table: the memory
 * @name: the server
 * @proof: what it did instead
 * @now: the time, seconds
 *
 * Of one that has answered lately this only ends the trust, however many
 * connections find it out at about the same time.
 *
 * Context: any; the caller has @table for itself.
 */
void smc_mute_not_heard(struct smc_mute_table *table,
			const struct smc_mute_name *name,
			enum smc_mute_proof proof, u64 now)
{
	struct smc_mute *mute;
	u64 left;

	if (proof == SMC_MUTE_NO_PROOF)
		return;
	mute = smc_mute_place(table, name, now);
	left = smc_mute_left(mute, now);
	if (mute->state == SMC_MUTE_TALKS && left) {
		mute->state = SMC_MUTE_DOUBTED;
		mute->since = now;
		return;
	}
	if (left)
		return;		/* found by several connections at once */
	if (mute->state != SMC_MUTE_SILENT)
		mute->times = 0;
	mute->name = *name;
	mute->state = SMC_MUTE_SILENT;
	mute->first = proof == SMC_MUTE_SAID_ELSE ? SMC_MUTE_FIRST_STRANGE :
						    SMC_MUTE_FIRST_SILENT;
	if (mute->times < SMC_MUTE_TIMES_MAX)
		mute->times++;
	mute->since = now;
}

/**
 * smc_mute_forget() - forget all servers
 * @table: the memory
 *
 * Context: any; the caller has @table for itself.
 */
void smc_mute_forget(struct smc_mute_table *table)
{
	memset(table->line, 0, sizeof(table->line));
}
