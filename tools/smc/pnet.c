// SPDX-License-Identifier: GPL-2.0
/*
 * smc pnet: the table that names the physical network of network devices and
 * RDMA ports, through the generic netlink family SMC_PNETID.
 *
 * An entry is about an Ethernet device or an RDMA port. The kernel's messages
 * carry the attributes of both kinds, and fill those of the other one with
 * a placeholder, which is not shown.
 */

#include <string.h>
#include <strings.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include <linux/smc.h>

#include "smc.h"

/* Placeholder of the kernel for the name that an entry does not have. */
#define NO_NAME		"n/a"

/* The longest names that fit in an attribute, without NUL. */
#define NAME_LEN	16
#define ETHNAME_LEN	15
#define IBNAME_LEN	63

static const char usage[] =
	"Usage: smc [OPTIONS] pnet [show [NAME]]\n"
	"       smc pnet add NAME [eth DEVICE] [ib DEVICE [port PORT]]\n"
	"       smc pnet del NAME\n"
	"       smc pnet flush\n"
	"       smc pnet help\n"
	"\n"
	"NAME:    PNET ID, 1 to 16 letters and digits\n"
	"DEVICE:  network device after 'eth', RDMA or its PCI device after 'ib'\n"
	"PORT:    1 (default) or 2\n";

/* What to put into a request; NULL and 0 are left out. */
struct pnet_entry {
	const char	*name;
	const char	*ethname;
	const char	*ibname;
	uint8_t		ibport;
};

static void fill_request(struct nlmsghdr *nlh, const void *data)
{
	const struct pnet_entry *entry = data;

	if (entry->name)
		mnl_attr_put_strz(nlh, SMC_PNETID_NAME, entry->name);
	if (entry->ethname)
		mnl_attr_put_strz(nlh, SMC_PNETID_ETHNAME, entry->ethname);
	if (entry->ibname)
		mnl_attr_put_strz(nlh, SMC_PNETID_IBNAME, entry->ibname);
	if (entry->ibport)
		mnl_attr_put_u8(nlh, SMC_PNETID_IBPORT, entry->ibport);
}

static int pnet_request(uint8_t cmd, uint16_t flags,
			const struct pnet_entry *entry, nl_handler_t handler,
			void *data, const char *what)
{
	const struct genl_request request = {
		.family = SMCR_GENL_FAMILY_NAME,
		.version = SMCR_GENL_FAMILY_VERSION,
		.cmd = cmd,
		.flags = flags,
		.fill = fill_request,
		.fill_data = entry,
		.handler = handler,
		.data = data,
		.what = what,
		.missing = "no PNET table: module smc is not loaded",
	};

	return genl_request(&request);
}

/* Keeps well-formed attributes; entry points into the message. */
static void parse_entry(const struct nlmsghdr *nlh, struct pnet_entry *entry)
{
	const struct nlattr *attr;
	const char **string;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case SMC_PNETID_NAME:
			string = &entry->name;
			break;
		case SMC_PNETID_ETHNAME:
			string = &entry->ethname;
			break;
		case SMC_PNETID_IBNAME:
			string = &entry->ibname;
			break;
		case SMC_PNETID_IBPORT:
			if (!mnl_attr_validate(attr, MNL_TYPE_U8))
				entry->ibport = mnl_attr_get_u8(attr);
			continue;
		default:
			continue;
		}
		if (!mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
			*string = mnl_attr_get_str(attr);
	}
}

static int print_entry(const struct nlmsghdr *nlh, void *data)
{
	struct pnet_entry entry = {};
	const char *wanted = data;

	parse_entry(nlh, &entry);
	if (!entry.name || (wanted && strcasecmp(wanted, entry.name)))
		return MNL_CB_OK;
	out_object_begin();
	out_str("name", entry.name);
	if (entry.ethname && strcmp(entry.ethname, NO_NAME))
		out_str("ethname", entry.ethname);
	if (entry.ibname && strcmp(entry.ibname, NO_NAME)) {
		out_str("ibname", entry.ibname);
		out_u64("ibport", entry.ibport);
	}
	out_object_end();
	return MNL_CB_OK;
}

static int pnet_show(int argc, char **argv)
{
	static const struct pnet_entry all;
	int rc;

	if (argc > 1)
		return smc_usage_error("'%s' is one word too many", argv[1]);
	rc = pnet_request(SMC_PNETID_GET, NLM_F_DUMP, &all, print_entry,
			  argc ? argv[0] : NULL, "show");
	if (!rc)
		out_close();
	return rc;
}

static int parse_add(int argc, char **argv, struct pnet_entry *entry)
{
	uint32_t port;
	int i;

	for (i = 0; i + 1 < argc; i += 2) {
		const char *value = argv[i + 1];

		if (!strcmp(argv[i], "eth") || !strcmp(argv[i], "dev")) {
			if (strlen(value) > ETHNAME_LEN)
				return smc_usage_error("'%s' is too long for a network device",
						       value);
			entry->ethname = value;
		} else if (!strcmp(argv[i], "ib")) {
			if (strlen(value) > IBNAME_LEN)
				return smc_usage_error("'%s' is too long for an RDMA device",
						       value);
			entry->ibname = value;
		} else if (!strcmp(argv[i], "port")) {
			if (!smc_parse_u32(value, UINT8_MAX, &port) || !port)
				return smc_usage_error("'%s' is no port",
						       value);
			entry->ibport = port;
		} else {
			break;
		}
	}
	if (i < argc)
		return smc_usage_error("'%s' is unknown or lacks a value",
				       argv[i]);
	return SMC_EXIT_OK;
}

/* The name itself is for the kernel to judge, if it fits in a request. */
static int parse_name(int argc, char **argv, struct pnet_entry *entry)
{
	if (argc < 1)
		return smc_usage_error("PNET ID missing, try 'help'");
	if (strlen(argv[0]) > NAME_LEN)
		return smc_usage_error("'%s' is too long for a PNET ID",
				       argv[0]);
	entry->name = argv[0];
	return SMC_EXIT_OK;
}

static int pnet_add(int argc, char **argv)
{
	struct pnet_entry entry = {};
	int rc;

	rc = parse_name(argc, argv, &entry);
	if (!rc)
		rc = parse_add(argc - 1, argv + 1, &entry);
	if (rc)
		return rc;
	if (!entry.ethname && !entry.ibname)
		return smc_usage_error("'eth' or 'ib' missing, try 'help'");
	if (entry.ibport && !entry.ibname)
		return smc_usage_error("'port' without 'ib'");
	return pnet_request(SMC_PNETID_ADD, NLM_F_ACK, &entry, NULL, NULL,
			    "add");
}

static int pnet_del(int argc, char **argv)
{
	struct pnet_entry entry = {};
	int rc;

	rc = parse_name(argc, argv, &entry);
	if (rc)
		return rc;
	if (argc > 1)
		return smc_usage_error("'%s' is one word too many", argv[1]);
	return pnet_request(SMC_PNETID_DEL, NLM_F_ACK, &entry, NULL, NULL,
			    "del");
}

static int pnet_flush(int argc, char **argv)
{
	static const struct pnet_entry all;

	if (argc)
		return smc_usage_error("'%s' is one word too many", argv[0]);
	return pnet_request(SMC_PNETID_FLUSH, NLM_F_ACK, &all, NULL, NULL,
			    "flush");
}

static int pnet_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fputs(usage, stdout);
	return SMC_EXIT_OK;
}

/**
 * smc_pnet_main() - the object "pnet"
 * @argc: number of words after it
 * @argv: the words
 *
 * Return: the exit code.
 */
int smc_pnet_main(int argc, char **argv)
{
	static const struct smc_command commands[] = {
		{ "show",	pnet_show },
		{ "add",	pnet_add },
		{ "del",	pnet_del },
		{ "flush",	pnet_flush },
		{ "help",	pnet_help },
		{ NULL,		NULL }
	};

	if (!argc)
		return pnet_show(argc, argv);
	return smc_dispatch(commands, "command", argc, argv);
}
