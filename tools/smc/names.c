// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers of the SMC protocol and its sock_diag interface in words.
 */

#include <strings.h>

#include <linux/smc_diag.h>

#include "smc.h"

struct name {
	uint32_t	number;
	const char	*name;
};

/* The numbers are ABI: smc_diag_msg::diag_state. */
static const struct name states[] = {
	{  1, "ACTIVE" },
	{  2, "INIT" },
	{  7, "CLOSED" },
	{ 10, "LISTEN" },
	{ 20, "PEERCLOSEWAIT1" },
	{ 21, "PEERCLOSEWAIT2" },
	{ 22, "APPCLOSEWAIT1" },
	{ 23, "APPCLOSEWAIT2" },
	{ 24, "APPFINCLOSEWAIT" },
	{ 25, "PEERFINCLOSEWAIT" },
	{ 26, "PEERABORTWAIT" },
	{ 27, "PROCESSABORT" },
	{  0, NULL }
};

static const struct name modes[] = {
	{ SMC_DIAG_MODE_SMCR,		"SMCR" },
	{ SMC_DIAG_MODE_FALLBACK_TCP,	"TCP" },
	{ SMC_DIAG_MODE_SMCD,		"SMCD" },
	{ 0, NULL }
};

/* Diagnosis codes of the CLC Decline message, also local fallback reasons. */
static const struct name reasons[] = {
	{ 0x00000000, "none" },
	{ 0x01010000, "no memory" },
	{ 0x02010000, "timeout waiting for CONFIRM LINK" },
	{ 0x02020000, "timeout waiting for ADD LINK" },
	{ 0x03000000, "configuration error" },
	{ 0x03010000, "peer did not indicate SMC" },
	{ 0x03010001, "peer indicated SMC and does not speak it" },
	{ 0x03020000, "connection uses IPsec" },
	{ 0x03030000, "no SMC device found" },
	{ 0x03030001, "no SMC-D device found" },
	{ 0x03030002, "no SMC-R device found" },
	{ 0x03030003, "no ISMv2 hardware" },
	{ 0x03030004, "peer sent no v2 extension" },
	{ 0x03030005, "peer sent no SMC-Dv2 extension" },
	{ 0x03030006, "no SEID" },
	{ 0x03030007, "no SMC-Dv2 device found" },
	{ 0x03030008, "peer sent no UEID" },
	{ 0x03030009, "release negotiation failed" },
	{ 0x0303000a, "max connections negotiation failed" },
	{ 0x0303000b, "max links negotiation failed" },
	{ 0x03040000, "mode not supported" },
	{ 0x03050000, "peer uses RMBE eyecatchers" },
	{ 0x03060000, "socket option not supported" },
	{ 0x03070000, "different IP prefix" },
	{ 0x03080000, "VLAN lookup failed" },
	{ 0x03090000, "ISM VLAN registration failed" },
	{ 0x030a0000, "no active link in link group" },
	{ 0x030b0000, "server's link not found" },
	{ 0x030c0000, "SMC version mismatch" },
	{ 0x030d0000, "SMC-D DMB limit reached" },
	{ 0x030e0000, "no route to peer" },
	{ 0x030f0000, "route is direct on one side only" },
	{ 0x04000000, "link group out of sync" },
	{ 0x05000000, "peer declined" },
	{ 0x09990000, "internal error" },
	{ 0x09990001, "no room for the peer's rtoken" },
	{ 0x09990002, "link could not be made ready" },
	{ 0x09990003, "buffers could not be registered" },
	{ 0, NULL }
};

static const char *find_name(const struct name *table, uint32_t number)
{
	for (; table->name; table++)
		if (table->number == number)
			return table->name;
	return NULL;
}

static bool find_number(const struct name *table, const char *name,
			unsigned int *number)
{
	for (; table->name; table++)
		if (!strcasecmp(table->name, name)) {
			*number = table->number;
			return true;
		}
	return false;
}

/**
 * smc_state_name() - word for a connection state
 * @state: number as in smc_diag_msg::diag_state
 *
 * Return: the word, or NULL if the number is not known.
 */
const char *smc_state_name(unsigned int state)
{
	return find_name(states, state);
}

/**
 * smc_mode_name() - word for the mode of a connection
 * @mode: SMC_DIAG_MODE_...
 *
 * Return: the word, or NULL if the number is not known.
 */
const char *smc_mode_name(unsigned int mode)
{
	return find_name(modes, mode);
}

/**
 * smc_reason_name() - words for a fallback reason or peer diagnosis
 * @reason: the code
 *
 * Return: the words; peers may send codes of their own, which are "unknown".
 */
const char *smc_reason_name(uint32_t reason)
{
	return find_name(reasons, reason) ?: "unknown";
}

/**
 * smc_state_number() - connection state for a word, in any case of letters
 * @name: the word
 * @state: filled on success
 *
 * Return: whether there is such a state.
 */
bool smc_state_number(const char *name, unsigned int *state)
{
	return find_number(states, name, state);
}

/**
 * smc_mode_number() - connection mode for a word, in any case of letters
 * @name: the word
 * @mode: filled on success
 *
 * Return: whether there is such a mode.
 */
bool smc_mode_number(const char *name, unsigned int *mode)
{
	return find_number(modes, name, mode);
}
