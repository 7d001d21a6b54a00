/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the smc command share. The command is one process for one
 * request: options are global, memory is left to exit().
 */
#ifndef TOOLS_SMC_H
#define TOOLS_SMC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/netlink.h>

struct mnl_socket;

/* Exit codes of the command. */
enum smc_exit {
	SMC_EXIT_OK = 0,
	SMC_EXIT_USAGE = 1,	/* we did not understand the user */
	SMC_EXIT_KERNEL = 2,	/* the kernel said no */
};

/**
 * struct smc_options - options before the object
 * @json: print JSON
 * @pretty: with @json: one value per line
 * @details: print everything that is known
 */
struct smc_options {
	bool	json;
	bool	pretty;
	bool	details;
};

extern struct smc_options smc_options;

/**
 * struct smc_command - a word of the command line and what it does
 * @word: the word
 * @run: called with the words after it; NULL ends a table
 */
struct smc_command {
	const char	*word;
	int		(*run)(int argc, char **argv);
};

/* Say what is wrong, as with printf(); the value is the exit code for it. */
#define smc_complain(code, fmt, ...) \
	(fprintf(stderr, "smc: " fmt "\n", ##__VA_ARGS__), (code))
#define smc_usage_error(fmt, ...) \
	smc_complain(SMC_EXIT_USAGE, fmt, ##__VA_ARGS__)
#define smc_kernel_error(fmt, ...) \
	smc_complain(SMC_EXIT_KERNEL, fmt, ##__VA_ARGS__)

/* main.c: words */
bool smc_word_is(const char *given, const char *word);
int smc_dispatch(const struct smc_command *table, const char *what,
		 int argc, char **argv);
bool smc_parse_u32(const char *word, uint32_t max, uint32_t *value);

/* The objects. */
int smc_connection_main(int argc, char **argv);
int smc_eid_main(int argc, char **argv);
int smc_mute_main(int argc, char **argv);
int smc_pnet_main(int argc, char **argv);
int smc_stats_main(int argc, char **argv);

/* names.c: numbers of the protocol in words */
const char *smc_state_name(unsigned int state);
const char *smc_mode_name(unsigned int mode);
const char *smc_reason_name(uint32_t reason);
bool smc_state_number(const char *name, unsigned int *state);
bool smc_mode_number(const char *name, unsigned int *mode);

/* out.c: the table that text and JSON are printed from */
void out_close(void);
void out_object_begin(void);
void out_object_end(void);
void out_nest_begin(const char *key);
void out_nest_end(void);
void out_u64(const char *key, uint64_t value);
void out_hex(const char *key, uint32_t value);
void out_str(const char *key, const char *value);

/**
 * struct nl_message - room for a request
 * @nlh: its header
 * @payload: the rest of it
 */
struct nl_message {
	struct nlmsghdr	nlh;
	char		payload[512];
};

/* nl.c: netlink requests with the kernel's own words about a refusal */
typedef int (*nl_handler_t)(const struct nlmsghdr *nlh, void *data);

struct mnl_socket *nl_open(int protocol);
int nl_request(struct mnl_socket *nl, struct nlmsghdr *nlh,
	       nl_handler_t handler, void *data);
int nl_genl_family(struct mnl_socket *nl, const char *name, uint16_t *id);
const char *nl_error_text(void);

/**
 * struct genl_request - a request to a generic netlink family
 * @family: its name
 * @version: of the family
 * @cmd: command
 * @flags: NLM_F_DUMP or NLM_F_ACK
 * @fill: puts the attributes into the request; NULL: none
 * @fill_data: handed to @fill
 * @handler: called for each message of the answer; NULL: none is expected
 * @data: handed to @handler
 * @what: the command in a word, for complaints
 * @missing: complaint if there is no such family
 */
struct genl_request {
	const char	*family;
	uint8_t		version;
	uint8_t		cmd;
	uint16_t	flags;
	void		(*fill)(struct nlmsghdr *nlh, const void *data);
	const void	*fill_data;
	nl_handler_t	handler;
	void		*data;
	const char	*what;
	const char	*missing;
};

/* genl.c */
int genl_request(const struct genl_request *request);

#endif /* TOOLS_SMC_H */
