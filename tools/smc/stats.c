// SPDX-License-Identifier: GPL-2.0
/*
 * smc stats: the counters of a network namespace.
 *
 * The kernel prints them as lines "name value" in /proc/net/smc_stat. They
 * are shown as they come, so a counter new in the kernel needs no change here.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "smc.h"

#define STATS_FILE	"/proc/net/smc_stat"

static const char usage[] =
	"Usage: smc [OPTIONS] stats [show] [NAME ...]\n"
	"       smc stats help\n"
	"\n"
	"NAME selects counters by the beginning of their names.\n";

static bool is_wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		if (smc_word_is(argv[i], name))
			return true;
	return !argc;
}

/* JSON has one object with all counters, text one line for each. */
static void print_counter(const char *name, uint64_t value)
{
	if (!smc_options.json)
		out_object_begin();
	out_u64(name, value);
	if (!smc_options.json)
		out_object_end();
}

static int print_counters(FILE *file, int argc, char **argv)
{
	unsigned long long value;
	unsigned int number = 0;
	char line[256];
	char name[64];
	char end;

	while (fgets(line, sizeof(line), file)) {
		number++;
		if (sscanf(line, "%63s %llu %c", name, &value, &end) != 2)
			return smc_kernel_error(STATS_FILE
						": line %u is no counter",
						number);
		if (is_wanted(name, argc, argv))
			print_counter(name, value);
	}
	if (ferror(file))
		return smc_kernel_error(STATS_FILE ": %s", strerror(errno));
	return SMC_EXIT_OK;
}

static int stats_show(int argc, char **argv)
{
	FILE *file = fopen(STATS_FILE, "r");
	int rc;

	if (!file && errno == ENOENT)
		return smc_kernel_error("no " STATS_FILE ": module smc is not loaded");
	if (!file)
		return smc_kernel_error(STATS_FILE ": %s", strerror(errno));
	if (smc_options.json)
		out_object_begin();
	rc = print_counters(file, argc, argv);
	if (smc_options.json)
		out_object_end();
	if (!rc)
		out_close();
	fclose(file);
	return rc;
}

static int stats_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fputs(usage, stdout);
	return SMC_EXIT_OK;
}

/**
 * smc_stats_main() - the object "stats"
 * @argc: number of words after it
 * @argv: the words
 *
 * Return: the exit code.
 */
int smc_stats_main(int argc, char **argv)
{
	static const struct smc_command commands[] = {
		{ "show",	stats_show },
		{ "help",	stats_help },
		{ NULL,		NULL }
	};

	if (!argc)
		return stats_show(argc, argv);
	return smc_dispatch(commands, "command", argc, argv);
}
