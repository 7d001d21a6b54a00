// SPDX-License-Identifier: GPL-2.0
/*
 * smc eid: the table of user-defined Enterprise IDs (UEIDs), through the
 * generic netlink family SMC_GEN_NETLINK.
 *
 * In the kernel and on the wire a UEID has 32 characters with blanks at the
 * end, which users neither type nor see.
 */

#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include <linux/smc.h>

#include "smc.h"

static const char usage[] =
	"Usage: smc [OPTIONS] eid [show]\n"
	"       smc eid add NAME\n"
	"       smc eid del NAME\n"
	"       smc eid flush\n"
	"       smc eid help\n"
	"\n"
	"NAME:    1 to 32 of A-Z, 0-9, '.' and '-', a letter or digit first\n";

static void fill_name(struct nlmsghdr *nlh, const void *data)
{
	char eid[SMC_MAX_EID_LEN + 1];
	const char *name = data;

	if (!name)
		return;
	snprintf(eid, sizeof(eid), "%-*s", SMC_MAX_EID_LEN, name);
	mnl_attr_put_strz(nlh, SMC_NLA_EID_TABLE_ENTRY, eid);
}

static int eid_request(uint8_t cmd, uint16_t flags, const char *name,
		       nl_handler_t handler, const char *what)
{
	const struct genl_request request = {
		.family = SMC_GENL_FAMILY_NAME,
		.version = SMC_GENL_FAMILY_VERSION,
		.cmd = cmd,
		.flags = flags,
		.fill = fill_name,
		.fill_data = name,
		.handler = handler,
		.what = what,
		.missing = "no EID table: module smc is not loaded",
	};

	return genl_request(&request);
}

static int print_eid(const struct nlmsghdr *nlh, void *data)
{
	char eid[SMC_MAX_EID_LEN + 1];
	const struct nlattr *attr;
	size_t len;

	(void)data;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) != SMC_NLA_EID_TABLE_ENTRY ||
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
			continue;
		snprintf(eid, sizeof(eid), "%s", mnl_attr_get_str(attr));
		len = strlen(eid);
		while (len && eid[len - 1] == ' ')
			eid[--len] = '\0';
		out_object_begin();
		out_str("name", eid);
		out_object_end();
	}
	return MNL_CB_OK;
}

static int eid_show(int argc, char **argv)
{
	int rc;

	if (argc)
		return smc_usage_error("'%s' is one word too many", argv[0]);
	rc = eid_request(SMC_NETLINK_DUMP_UEID, NLM_F_DUMP, NULL, print_eid,
			 "show");
	if (!rc)
		out_close();
	return rc;
}

/* What the name may look like is for the kernel to judge. */
static int eid_change(uint8_t cmd, const char *what, int argc, char **argv)
{
	if (argc < 1)
		return smc_usage_error("UEID missing, try 'help'");
	if (argc > 1)
		return smc_usage_error("'%s' is one word too many", argv[1]);
	if (strlen(argv[0]) > SMC_MAX_EID_LEN)
		return smc_usage_error("'%s' is too long for a UEID", argv[0]);
	return eid_request(cmd, NLM_F_ACK, argv[0], NULL, what);
}

static int eid_add(int argc, char **argv)
{
	return eid_change(SMC_NETLINK_ADD_UEID, "add", argc, argv);
}

static int eid_del(int argc, char **argv)
{
	return eid_change(SMC_NETLINK_REMOVE_UEID, "del", argc, argv);
}

static int eid_flush(int argc, char **argv)
{
	if (argc)
		return smc_usage_error("'%s' is one word too many", argv[0]);
	return eid_request(SMC_NETLINK_FLUSH_UEID, NLM_F_ACK, NULL, NULL,
			   "flush");
}

static int eid_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fputs(usage, stdout);
	return SMC_EXIT_OK;
}

/**
 * smc_eid_main() - the object "eid"
 * @argc: number of words after it
 * @argv: the words
 *
 * Return: the exit code.
 */
int smc_eid_main(int argc, char **argv)
{
	static const struct smc_command commands[] = {
		{ "show",	eid_show },
		{ "add",	eid_add },
		{ "del",	eid_del },
		{ "flush",	eid_flush },
		{ "help",	eid_help },
		{ NULL,		NULL }
	};

	if (!argc)
		return eid_show(argc, argv);
	return smc_dispatch(commands, "command", argc, argv);
}
