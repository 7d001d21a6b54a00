// SPDX-License-Identifier: GPL-2.0
/*
 * smc - show and configure the SMC sockets of this host
 *
 * smc [OPTIONS] OBJECT COMMAND: options and objects are handled here, each
 * object's commands in a file of its own.
 */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "smc.h"

#define NETNS_DIR	"/run/netns"

struct smc_options smc_options;

static const char usage[] =
	"Usage: smc [OPTIONS] OBJECT COMMAND [ARGUMENTS]\n"
	"       smc [OPTIONS] OBJECT help\n"
	"\n"
	"OBJECT:   connection | eid | mute | pnet | stats\n"
	"OPTIONS:  -j, --json           print JSON\n"
	"          -p, --pretty         with -j: one value per line\n"
	"          -d, --details        print everything that is known\n"
	"          -n, --netns NETNS    act in this network namespace\n"
	"          -V, --version        print the version\n"
	"          -h, --help           print this\n"
	"\n"
	"Exit status: 0, 1 wrong usage, 2 the kernel refused.\n";

/**
 * smc_word_is() - whether a given word means a word of the command line
 * @given: what the user typed
 * @word: the full word
 *
 * Return: whether @given is @word or the beginning of it.
 */
bool smc_word_is(const char *given, const char *word)
{
	return *given && !strncmp(given, word, strlen(given));
}

/**
 * smc_parse_u32() - read a number
 * @word: decimal, 0x hexadecimal or 0 octal
 * @max: the largest that is allowed
 * @value: filled on success
 *
 * Return: whether @word is a number and nothing else.
 */
bool smc_parse_u32(const char *word, uint32_t max, uint32_t *value)
{
	unsigned long long number;
	char *end;

	/* strtoull() would accept a sign and blanks. */
	if (*word < '0' || *word > '9')
		return false;
	errno = 0;
	number = strtoull(word, &end, 0);
	if (errno || *end || number > max)
		return false;
	*value = number;
	return true;
}

/**
 * smc_dispatch() - run the command that a word means
 * @table: words and functions; the first that matches is taken
 * @what: what the word stands for, for complaints
 * @argc: number of words
 * @argv: the words, the first of them to be looked up
 *
 * Return: the exit code.
 */
int smc_dispatch(const struct smc_command *table, const char *what,
		 int argc, char **argv)
{
	if (argc < 1)
		return smc_usage_error("%s missing, try 'help'", what);
	for (; table->run; table++)
		if (smc_word_is(argv[0], table->word))
			return table->run(argc - 1, argv + 1);
	return smc_usage_error("%s '%s' is unknown, try 'help'", what,
			       argv[0]);
}

static int enter_netns(const char *name)
{
	char path[PATH_MAX];
	int fd, rc;

	if (strchr(name, '/'))
		snprintf(path, sizeof(path), "%s", name);
	else
		snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return smc_kernel_error("network namespace '%s': %s", name,
					strerror(errno));
	rc = SMC_EXIT_OK;
	if (setns(fd, CLONE_NEWNET))
		rc = smc_kernel_error("network namespace '%s': %s", name,
				      strerror(errno));
	close(fd);
	return rc;
}

static int help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fputs(usage, stdout);
	return SMC_EXIT_OK;
}

static int run_object(int argc, char **argv)
{
	static const struct smc_command objects[] = {
		{ "connection",	smc_connection_main },
		{ "eid",	smc_eid_main },
		{ "mute",	smc_mute_main },
		{ "pnet",	smc_pnet_main },
		{ "stats",	smc_stats_main },
		{ "help",	help },
		{ NULL,		NULL }
	};

	return smc_dispatch(objects, "object", argc, argv);
}

/* Output that could not be written is no success. */
static int finish(int rc)
{
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "smc: standard output: %s\n",
			strerror(errno));
		return rc ?: SMC_EXIT_KERNEL;
	}
	return rc;
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "json",	no_argument,		NULL, 'j' },
		{ "pretty",	no_argument,		NULL, 'p' },
		{ "details",	no_argument,		NULL, 'd' },
		{ "netns",	required_argument,	NULL, 'n' },
		{ "version",	no_argument,		NULL, 'V' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL,		0,			NULL, 0 }
	};
	const char *netns = NULL;
	int opt;

	/* "+": what follows the object belongs to the object. */
	while ((opt = getopt_long(argc, argv, "+jpdn:Vh", long_options,
				  NULL)) != -1) {
		switch (opt) {
		case 'j':
			smc_options.json = true;
			break;
		case 'p':
			smc_options.pretty = true;
			break;
		case 'd':
			smc_options.details = true;
			break;
		case 'n':
			netns = optarg;
			break;
		case 'V':
			puts("smc " SMC_VERSION);
			return finish(SMC_EXIT_OK);
		case 'h':
			return finish(help(0, NULL));
		default:
			fputs(usage, stderr);
			return SMC_EXIT_USAGE;
		}
	}
	/* Text is never indented. */
	smc_options.pretty &= smc_options.json;
	if (netns && enter_netns(netns))
		return SMC_EXIT_KERNEL;
	return finish(run_object(argc - optind, argv + optind));
}
