// SPDX-License-Identifier: GPL-2.0
/*
 * EIDs: which texts are some, and which two are the same. There are no
 * wildcards and no folding of case: all 32 bytes count.
 */
#include "eid.h"

/*
 * The EID of hosts with this implementation, for those on one subnet: proposed
 * behind the operators' EIDs, and taken if client and server are neighbours by
 * the rules of version 1. So nobody reaches a host by it whom version 1 would
 * have kept out, and RoCEv2 GIDs need no configuration.
 */
const struct smc_eid smc_eid_subnet = {
	.name = "AF-SMC.SAME-SUBNET              ",
};

/* Letters and digits are ASCII, whatever the caller's language. */
static bool is_upper_or_digit(u8 c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/**
 * smc_eid_valid() - can these bytes be an EID of a user?
 * @eid: any bytes
 *
 * Context: any.
 * Return: true for an upper-case letter or a digit, followed by such, dots and
 * hyphens, followed by nothing but blanks.
 */
bool smc_eid_valid(const struct smc_eid *eid)
{
	unsigned int i = 1;

	if (!is_upper_or_digit(eid->name[0]))
		return false;
	while (i < SMC_EID_LEN && (is_upper_or_digit(eid->name[i]) ||
				   eid->name[i] == '.' || eid->name[i] == '-'))
		i++;
	while (i < SMC_EID_LEN && eid->name[i] == ' ')
		i++;
	return i == SMC_EID_LEN;
}

/**
 * smc_eid_parse() - read an EID that a user wrote
 * @text: ended by NUL, with or without the blanks at its end
 * @eid: where to put it; all zero if it is none
 *
 * Context: any.
 * Return: true if @text has at most SMC_EID_LEN characters and is valid in the
 * sense of smc_eid_valid().
 */
bool smc_eid_parse(const char *text, struct smc_eid *eid)
{
	unsigned int len;

	memset(eid, ' ', sizeof(*eid));
	for (len = 0; len < SMC_EID_LEN && text[len]; len++)
		eid->name[len] = (u8)text[len];
	if (!text[len] && smc_eid_valid(eid))
		return true;
	memset(eid, 0, sizeof(*eid));
	return false;
}

/**
 * smc_eid_equal() - are these the same?
 * @a: an EID
 * @b: another one
 *
 * Context: any.
 * Return: true if all bytes are equal.
 */
bool smc_eid_equal(const struct smc_eid *a, const struct smc_eid *b)
{
	return !memcmp(a->name, b->name, sizeof(a->name));
}

/**
 * smc_eid_match() - find what client and server have in common
 * @offered: EIDs of the client, in its order
 * @num_offered: their number
 * @own: EIDs of the server
 * @num_own: their number
 *
 * Context: any; whoever can change @own must be kept from it.
 * Return: the first of @offered that is in @own, or NULL.
 */
const struct smc_eid *smc_eid_match(const struct smc_eid *offered,
				    unsigned int num_offered,
				    const struct smc_eid *own,
				    unsigned int num_own)
{
	unsigned int i, k;

	for (i = 0; i < num_offered; i++)
		for (k = 0; k < num_own; k++)
			if (smc_eid_equal(&offered[i], &own[k]))
				return &offered[i];
	return NULL;
}
