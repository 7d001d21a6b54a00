// SPDX-License-Identifier: GPL-2.0
/*
 * PNET IDs, the names of physical networks: the form that can be compared.
 */
#include "pnetid.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Letters and digits are ASCII, whatever the caller's language. */
static char to_pnetid_char(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 'A';
	if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return c;
	return 0;
}

/**
 * smc_pnetid_normalize() - bring a PNET ID into the form in which it is kept
 * @text: as a user wrote it, ended by NUL
 * @pnetid: filled: upper case, no blanks, padded with NULs; not valid on
 *	failure
 *
 * Context: Any.
 * Return: Whether @text is valid: 1 to 16 letters and digits, perhaps with
 * blanks before and after.
 */
bool smc_pnetid_normalize(const char *text, char pnetid[SMC_PNETID_LEN + 1])
{
	unsigned int len = 0;

	memset(pnetid, 0, SMC_PNETID_LEN + 1);
	while (is_blank(*text))
		text++;
	for (; to_pnetid_char(*text); text++) {
		if (len == SMC_PNETID_LEN)
			return false;
		pnetid[len++] = to_pnetid_char(*text);
	}
	while (is_blank(*text))
		text++;
	return len && !*text;
}
