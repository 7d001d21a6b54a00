// SPDX-License-Identifier: GPL-2.0
/*
 * Output. An object prints its keys and values once, through out_u64() and
 * its kin; here they become a line of text,
 *
 *	state ACTIVE mode SMCR reason_text "no SMC device found"
 *
 * or an element of a JSON array. A key inside a nest is "nest.key" in text.
 */

#include <stdio.h>
#include <string.h>

#include "smc.h"

static struct {
	unsigned int	depth;		/* open braces and brackets */
	bool		comma;		/* something precedes at this depth */
	const char	*nest;		/* key of the open nest, if any */
} out;

static void out_indent(void)
{
	if (smc_options.pretty)
		printf("\n%*s", (int)out.depth * 4, "");
}

/* Begins an element of the current object or array. */
static void out_separate(void)
{
	if (out.comma)
		putchar(smc_options.json ? ',' : ' ');
	out.comma = true;
	if (smc_options.json && out.depth)
		out_indent();
}

static void out_bracket(char bracket)
{
	putchar(bracket);
	out.depth++;
	out.comma = false;
}

static void out_unbracket(char bracket)
{
	bool empty = !out.comma;

	out.depth--;
	if (!empty)
		out_indent();
	putchar(bracket);
	out.comma = true;
}

/* A string in double quotes: JSON's rules, which are good enough for text. */
static void out_quoted(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			printf("\\u%04x", (unsigned char)*s);
		else
			putchar(*s);
	}
	putchar('"');
}

static void out_key(const char *key)
{
	out_separate();
	if (smc_options.json) {
		out_quoted(key);
		fputs(smc_options.pretty ? ": " : ":", stdout);
		return;
	}
	if (out.nest)
		printf("%s.", out.nest);
	printf("%s ", key);
}

/**
 * out_close() - end the output of a command that succeeded
 *
 * In JSON a command without objects has printed []. A command that failed
 * does not come here, so what it printed cannot be taken for a whole answer.
 */
void out_close(void)
{
	if (!smc_options.json)
		return;
	if (!out.depth)
		out_bracket('[');
	out_unbracket(']');
	putchar('\n');
}

/**
 * out_object_begin() - begin an object: a line, or an element of the array
 */
void out_object_begin(void)
{
	if (!smc_options.json) {
		out.comma = false;
		return;
	}
	if (!out.depth)
		out_bracket('[');
	out_separate();
	out_bracket('{');
}

/**
 * out_object_end() - end an object
 */
void out_object_end(void)
{
	if (smc_options.json)
		out_unbracket('}');
	else
		putchar('\n');
}

/**
 * out_nest_begin() - begin values that belong together
 * @key: their common key, a literal
 *
 * Nests do not contain nests.
 */
void out_nest_begin(const char *key)
{
	if (!smc_options.json) {
		out.nest = key;
		return;
	}
	out_key(key);
	out_bracket('{');
}

/**
 * out_nest_end() - end a nest
 */
void out_nest_end(void)
{
	out.nest = NULL;
	if (smc_options.json)
		out_unbracket('}');
}

/**
 * out_u64() - print a number
 * @key: its key
 * @value: the number
 */
void out_u64(const char *key, uint64_t value)
{
	out_key(key);
	printf("%llu", (unsigned long long)value);
}

/**
 * out_hex() - print a number which people know in hexadecimal
 * @key: its key
 * @value: the number; JSON has no hexadecimal, and prints it in decimal
 */
void out_hex(const char *key, uint32_t value)
{
	out_key(key);
	printf(smc_options.json ? "%u" : "0x%08x", value);
}

/**
 * out_str() - print a string
 * @key: its key
 * @value: the string; quoted in text, too, unless it is one plain word
 */
void out_str(const char *key, const char *value)
{
	bool plain = *value && !strpbrk(value, " \t\n\r\"\\");

	out_key(key);
	if (plain && !smc_options.json)
		fputs(value, stdout);
	else
		out_quoted(value);
}
