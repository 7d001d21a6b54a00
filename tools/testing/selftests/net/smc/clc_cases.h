/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of attacks on the handshake, made by rules from right messages,
 * and what a receiver has to make of each.
 */
#ifndef _SMC_SELFTEST_CLC_CASES_H
#define _SMC_SELFTEST_CLC_CASES_H

#include "hostile.h"

/* How far the handshake goes properly before the attack. */
enum clc_stage {
	CLC_NO_OPTION,	/* no SMC option, user data at once */
	CLC_FIRST,	/* instead of Proposal or Accept */
	CLC_SECOND,	/* instead of Confirm; attacks on servers only */
	CLC_SECOND_V2,	/* the same, where version 2 was agreed on */
};

/* What follows the bytes of the attack. */
enum clc_end {
	CLC_WAIT,	/* nothing */
	CLC_FIN,
	CLC_RST,
	CLC_ENOUGH,	/* RST once the receiver has answered properly */
};

/**
 * enum clc_outcome - what the receiver makes of it
 * @CLC_O_NONE:		it was ended by the attack itself
 * @CLC_O_PLAIN:	not SMC: user data of a TCP connection
 * @CLC_O_MUTE:		no SMC either: a client connects anew without the option
 * @CLC_O_SERVED:	the Decline is taken: TCP, served
 * @CLC_O_GARBLED:	the same, but what follows the Decline is no request
 * @CLC_O_DECLINED:	it sends a Decline: TCP, served
 * @CLC_O_NO_LINK:	all messages are right, but the link does not come up
 * @CLC_O_TIMEOUT:	ended as the rest does not come; this and the following
 *			leave nothing of the connection
 * @CLC_O_CUT:		ended as the attacker ended it
 * @CLC_O_BAD_HEADER:	ended as this is no CLC header
 * @CLC_O_UNEXPECTED:	ended as this is not the message that is due
 * @CLC_O_BAD_PROPOSAL:	ended for the contents of a Proposal
 * @CLC_O_BAD_ACCEPT:	ended for the contents of an Accept or Confirm
 * @CLC_O_BAD_DECLINE:	ended for the contents of a Decline
 * @CLC_OUTCOMES:	their number
 */
enum clc_outcome {
	CLC_O_NONE,
	CLC_O_PLAIN,
	CLC_O_MUTE,
	CLC_O_SERVED,
	CLC_O_GARBLED,
	CLC_O_DECLINED,
	CLC_O_NO_LINK,
	CLC_O_TIMEOUT,
	CLC_O_CUT,
	CLC_O_BAD_HEADER,
	CLC_O_UNEXPECTED,
	CLC_O_BAD_PROPOSAL,
	CLC_O_BAD_ACCEPT,
	CLC_O_BAD_DECLINE,
	CLC_OUTCOMES
};

/**
 * struct clc_verdict - what has to come of an attack
 * @outcome:	see above
 * @diagnosis:	with CLC_O_DECLINED: of the Decline
 * @accepts:	version of the Accept that the receiver answers with before that,
 *		0 for none
 */
struct clc_verdict {
	enum clc_outcome outcome;
	__u32 diagnosis;
	__u8 accepts;
};

/* A field. @mask selects the bits of one that has but one byte. */
struct clc_field {
	const char *name;
	__u16 off;
	__u8 width;
	__u8 mask;
};

#define CLC_WIDEST	32	/* of all fields */

/* A byte that gets a value. */
struct clc_edit {
	const char *name;
	__u16 off;
	__u8 value;
};

/**
 * struct clc_base - a right message to start from
 * @name:	its name
 * @stage:	when it is due
 * @make:	makes it
 * @cut:	send but the first bytes, for each number of them
 * @sizes:	make it shorter, and say so, by each number of bytes
 * @fields:	give each of these values that it should not have
 * @edits:	and do each of these
 */
struct clc_base {
	const char *name;
	enum clc_stage stage;
	size_t (*make)(__u8 *b, const struct hostile *h, unsigned int tag);
	bool cut;
	bool sizes;
	const struct clc_field *fields[5];
	const struct clc_edit *edits;
};

/**
 * struct clc_case - one attack
 * @group:	kind of attack
 * @name:	the attack
 * @stage:	when
 * @bytes:	what is sent
 * @len:	number of bytes
 * @trickle:	each byte in a segment of its own
 * @gap_ms:	with @trickle: time between them
 * @end:	what follows
 * @want:	what has to come of it
 */
struct clc_case {
	const char *group;
	char name[64];
	enum clc_stage stage;
	__u8 *bytes;
	size_t len;
	bool trickle;
	int gap_ms;
	enum clc_end end;
	struct clc_verdict want;
};

/**
 * struct clc_table - the attacks on one role
 * @h:		hostile host
 * @server:	they are made on a server
 * @cases:	the attacks
 * @num:	their number
 * @room:	entries allocated
 */
struct clc_table {
	const struct hostile *h;
	bool server;
	struct clc_case *cases;
	unsigned int num;
	unsigned int room;
};

/* clc_bases.c */
const struct clc_base *clc_bases(bool server, bool v2);

/* clc_cases.c */
void clc_cases_make(struct clc_table *t, const struct hostile *h, bool server);
void clc_cases_expect(const struct clc_table *t, const bool *done);
void clc_attack(const struct clc_case *a, struct mt_conn *c);

/* clc_rules.c */
struct clc_verdict clc_judge(const struct clc_table *t,
			     const struct clc_case *a, unsigned int tag);
const char *clc_outcome_name(enum clc_outcome o);

#endif
