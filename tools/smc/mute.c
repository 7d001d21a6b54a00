// SPDX-License-Identifier: GPL-2.0
/*
 * smc mute: servers that send the SMC option and do not speak SMC, as the
 * kernel remembers them.
 *
 * It prints them in /proc/net/smc_mute as lines "address port device seconds
 * times", and forgets them when "flush" is written there.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "smc.h"

#define MUTE_FILE	"/proc/net/smc_mute"

static const char usage[] =
	"Usage: smc [OPTIONS] mute [show]\n"
	"       smc mute flush\n"
	"       smc mute help\n";

static int mute_open(FILE **file, const char *mode)
{
	*file = fopen(MUTE_FILE, mode);
	if (!*file && errno == ENOENT)
		return smc_kernel_error("no " MUTE_FILE
					": module smc is not loaded");
	if (!*file)
		return smc_kernel_error(MUTE_FILE ": %s", strerror(errno));
	return SMC_EXIT_OK;
}

static int print_servers(FILE *file)
{
	unsigned int port, device, seconds, times, number = 0;
	char line[256];
	char addr[64];
	char end;

	while (fgets(line, sizeof(line), file)) {
		number++;
		if (sscanf(line, "%63s %u %u %u %u %c", addr, &port, &device,
			   &seconds, &times, &end) != 5)
			return smc_kernel_error(MUTE_FILE
						": line %u is no server",
						number);
		out_object_begin();
		out_str("addr", addr);
		out_u64("port", port);
		out_u64("if", device);
		out_u64("seconds", seconds);
		out_u64("times", times);
		out_object_end();
	}
	if (ferror(file))
		return smc_kernel_error(MUTE_FILE ": %s", strerror(errno));
	out_close();
	return SMC_EXIT_OK;
}

static int mute_show(int argc, char **argv)
{
	FILE *file;
	int rc;

	if (argc)
		return smc_usage_error("'%s' is one word too many", argv[0]);
	rc = mute_open(&file, "r");
	if (rc)
		return rc;
	rc = print_servers(file);
	fclose(file);
	return rc;
}

static int mute_flush(int argc, char **argv)
{
	FILE *file;
	bool bad;
	int rc;

	if (argc)
		return smc_usage_error("'%s' is one word too many", argv[0]);
	rc = mute_open(&file, "w");
	if (rc)
		return rc;
	bad = fputs("flush", file) < 0;
	if (fclose(file) || bad)
		return smc_kernel_error("flush: %s", strerror(errno));
	return SMC_EXIT_OK;
}

static int mute_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fputs(usage, stdout);
	return SMC_EXIT_OK;
}

/**
 * smc_mute_main() - the object "mute"
 * @argc: number of words after it
 * @argv: the words
 *
 * Return: the exit code.
 */
int smc_mute_main(int argc, char **argv)
{
	static const struct smc_command commands[] = {
		{ "show",	mute_show },
		{ "flush",	mute_flush },
		{ "help",	mute_help },
		{ NULL,		NULL }
	};

	if (!argc)
		return mute_show(argc, argv);
	return smc_dispatch(commands, "command", argc, argv);
}
