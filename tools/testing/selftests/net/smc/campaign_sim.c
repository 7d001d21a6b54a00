// SPDX-License-Identifier: GPL-2.0
/*
 * The faults of smcsim: armed through debugfs, counted by the simulator, and
 * the devices made whole again afterwards.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign.h"

#define SIM_DIR		"/sys/kernel/debug/smcsim"
#define IB_DIR		"/sys/class/infiniband"
#define GIDS		16
#define STEP_US		1000	/* between looks at a condition */

static const struct sim_fault {
	const char *file;
	const char *value;	/* NULL: an error status of a completion */
	const char *other;	/* another value, for every second use */
	bool soft;		/* a connection must not notice it */
	bool hidden;		/* the device hides it from its users */
	bool setup;		/* what is made for a connection fails */
	bool early[CAMP_HOSTS];	/* who declines, while there is time */
	unsigned int tries;	/* so often it is tried, if not once */
	bool spare;		/* or something smaller may do as well */
	bool slow;		/* it takes long to get over it */
	bool lethal;		/* the device must be made anew */
} faults[] = {
	{ "post_send",	"value=-12",	"value=-22",	.early = { true, true } },
	{ "post_recv",	"value=-12" },
	/* The second time without inline data. */
	{ "create_qp",	"value=-12",	.setup = true,	.tries = 2 },
	{ "modify_qp",	"value=-22",	.setup = true },
	{ "alloc_pd",	"value=-12",	.setup = true },
	{ "create_cq",	"value=-12",	.setup = true },
	/* A smaller ring does. */
	{ "alloc_mr",	"value=-12",	.setup = true,	.spare = true },
	{ "map_mr",	"value=-22",	.setup = true,	.spare = true },
	{ "reg_mr",	NULL,		.early = { true, true } },
	/* The message arrives, which may be all that the peer waited for. */
	{ "send_status", NULL },
	/* With its answer the client is done, whatever becomes of that. */
	{ "recv_status", NULL,		.early = { [CAMP_CLIENT] = true } },
	{ "flush",	"" },
	{ "msg_lost",	"",		.early = { [CAMP_SERVER] = true } },
	{ "msg_lost",	"value=1",	.soft = true, .slow = true },
	{ "comp_delay",	"value=300",	"value=3000",	.soft = true },
	{ "comp_reorder", "value=300",	"value=3000",	.soft = true },
	{ "msg_late",	"value=300",	"value=3000",	.soft = true },
	{ "msg_dup",	"",		.soft = true, .hidden = true },
	{ "rnr",	"value=1",	"value=3",	.soft = true },
	{ "port_down",	"value=20",	"" },
	{ "port_up",	"",		.soft = true, .slow = true,
			.hidden = true },
	{ "gid_change",	"" },
	{ "fatal",	"",		.lethal = true },
	{ "remove",	"",		.lethal = true },
};

/* Work completion statuses: IB_WC_LOC_LEN_ERR to IB_WC_GENERAL_ERR. */
#define STATUS_FIRST	1
#define STATUS_LAST	21

static unsigned long armed[CAMP_HOSTS];		/* bit per entry of faults */
static bool spoilt[CAMP_HOSTS];			/* the device is of no use */
/* Faults already reported. */
static struct hits {
	unsigned long long all;
	unsigned long long hidden;
} counted[CAMP_HOSTS];
static char gid_types[CAMP_HOSTS][64];

static int sim_open(enum camp_host host, const char *name, int flags)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/%s", SIM_DIR,
		 camp_hosts[host].rdma, name);
	return open(path, flags | O_CLOEXEC);
}

/* A device that has gone takes its files along: that is no error here. */
static bool sim_write(enum camp_host host, const char *name, const char *text)
{
	int fd = sim_open(host, name, O_WRONLY | O_TRUNC);
	bool ok;

	if (fd < 0 && errno == ENOENT)
		return false;
	if (fd < 0)
		camp_die("smcsim %s: %s", name, strerror(errno));
	ok = write(fd, text, strlen(text)) >= 0;
	if (!ok && errno != ENOENT && errno != EIO && errno != ENODEV)
		camp_die("smcsim %s: \"%s\": %s", name, text, strerror(errno));
	close(fd);
	return ok;
}

static bool sim_fault_write(enum camp_host host, const char *fault,
			    const char *text)
{
	char name[64];

	snprintf(name, sizeof(name), "fault/%s", fault);
	return sim_write(host, name, text);
}

/* Every fault that the simulator offers is to be in the table. */
static void check_table(void)
{
	char path[PATH_MAX];
	struct dirent *d;
	unsigned int i;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s/fault", SIM_DIR,
		 camp_hosts[CAMP_CLIENT].rdma);
	dir = opendir(path);
	if (!dir)
		camp_die("%s: %s", path, strerror(errno));
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		for (i = 0; i < ARRAY_SIZE(faults); i++)
			if (!strcmp(d->d_name, faults[i].file))
				break;
		if (i == ARRAY_SIZE(faults))
			camp_die("fault %s is not in the campaign", d->d_name);
	}
	closedir(dir);
}

static bool is_hidden(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++)
		if (!strcmp(name, faults[i].file))
			return faults[i].hidden;
	return false;
}

/* A file of a device that goes after it was opened has nothing to read. */
static struct hits read_hits(enum camp_host host, bool *there)
{
	struct hits sum = {};
	unsigned long long n;
	char line[128], name[64];
	FILE *f;
	int fd;

	fd = sim_open(host, "counters", O_RDONLY);
	f = fd < 0 ? NULL : fdopen(fd, "r");
	*there = false;
	if (!f)
		return sum;
	while (fgets(line, sizeof(line), f)) {
		*there = true;
		if (sscanf(line, "fault_%63s %llu", name, &n) != 2)
			continue;
		sum.all += n;
		if (is_hidden(name))
			sum.hidden += n;
	}
	fclose(f);
	return sum;
}

/**
 * sim_init() - see what the simulator offers
 */
void sim_init(void)
{
	enum camp_host host;
	bool there;
	int fd, n;

	check_table();
	for (host = 0; host < CAMP_HOSTS; host++) {
		fd = sim_open(host, "gid_types", O_RDONLY);
		n = fd < 0 ? -1 : read(fd, gid_types[host],
				       sizeof(gid_types[host]) - 1);
		if (n < 0)
			camp_die("gid_types: %s", strerror(errno));
		close(fd);
		counted[host] = read_hits(host, &there);
	}
}

/**
 * sim_num_faults() - number of kinds of faults, by value, too
 *
 * Return: the number.
 */
unsigned int sim_num_faults(void)
{
	return ARRAY_SIZE(faults);
}

/**
 * sim_fault_name() - name of a fault
 * @fault: fault
 *
 * Return: its name.
 */
const char *sim_fault_name(unsigned int fault)
{
	return faults[fault].file;
}

/**
 * sim_is_soft() - must a connection go on as if nothing had happened?
 * @fault: fault
 *
 * Return: true if so.
 */
bool sim_is_soft(unsigned int fault)
{
	return faults[fault].soft;
}

/**
 * sim_is_setup() - does only what is made for a first contact fail?
 * @fault: fault
 *
 * Return: true if so.
 */
bool sim_is_setup(unsigned int fault)
{
	return faults[fault].setup;
}

/**
 * sim_is_early() - is TCP left to a connection that is not made yet?
 * @fault: fault
 * @host: whose device has it
 *
 * Return: true if so, whatever the fault hits until then.
 */
bool sim_is_early(unsigned int fault, enum camp_host host)
{
	return faults[fault].early[host];
}

/**
 * sim_statuses() - number of error statuses of a completion
 * @fault: fault
 *
 * Return: how many values of @pick, from 0, sim_arm() tells apart for a fault
 * that is such a status; 0 for others.
 */
unsigned int sim_statuses(unsigned int fault)
{
	return faults[fault].value ? 0 : STATUS_LAST - STATUS_FIRST + 1;
}

/**
 * sim_tries() - how often is tried again what a fault of the setup fails?
 * @fault: fault
 *
 * Return: the number of tries, all of which have to fail.
 */
unsigned int sim_tries(unsigned int fault)
{
	return faults[fault].tries ? faults[fault].tries : 1;
}

/**
 * sim_has_spare() - may something smaller take the place of what fails?
 * @fault: number of the kind
 *
 * Return: it may.
 */
bool sim_has_spare(unsigned int fault)
{
	return faults[fault].spare;
}

/**
 * sim_is_slow() - does it take long to get over a fault?
 * @fault: fault
 *
 * Return: true if so.
 */
bool sim_is_slow(unsigned int fault)
{
	return faults[fault].slow;
}

/**
 * sim_is_lethal() - must the device be made anew after a fault?
 * @fault: from 0
 *
 * Return: true if so.
 */
bool sim_is_lethal(unsigned int fault)
{
	return faults[fault].lethal;
}

/**
 * sim_arm() - arm a fault of a host's device
 * @host: host
 * @fault: fault
 * @schedule: when, as smcsim's README says
 * @pick: chooses among the values that there are
 *
 * A device that is not there has no faults to arm.
 */
void sim_arm(enum camp_host host, unsigned int fault, const char *schedule,
	     unsigned int pick)
{
	const struct sim_fault *f = &faults[fault];
	unsigned int status;
	char text[128];

	status = STATUS_FIRST + pick % (STATUS_LAST - STATUS_FIRST + 1);
	if (f->value)
		snprintf(text, sizeof(text), "%s %s", schedule,
			 f->other && pick % 2 ? f->other : f->value);
	else
		snprintf(text, sizeof(text), "%s value=%u", schedule, status);
	if (!sim_fault_write(host, f->file, text))
		return;
	armed[host] |= 1UL << fault;
	if (f->lethal)
		spoilt[host] = true;
}

/**
 * sim_hits() - faults injected on a host's device since the last call
 * @host: host
 *
 * They are added to the total, apart from those that the device hides. Of a
 * device that has gone the removal is what is known.
 *
 * Return: the number.
 */
unsigned long long sim_hits(enum camp_host host)
{
	struct hits now, hits = { .all = 1 };
	bool there;

	now = read_hits(host, &there);
	if (there) {
		hits.all = now.all - counted[host].all;
		hits.hidden = now.hidden - counted[host].hidden;
	}
	counted[host] = now;
	camp_total.faults += hits.all - hits.hidden;
	camp_total.hidden += hits.hidden;
	return hits.all;
}

/**
 * sim_hits_yet() - faults that sim_hits() will tell of
 *
 * Return: their number, of both hosts' devices that are there.
 */
unsigned long long sim_hits_yet(void)
{
	unsigned long long n = 0;
	enum camp_host host;
	struct hits now;
	bool there;

	for (host = 0; host < CAMP_HOSTS; host++) {
		now = read_hits(host, &there);
		if (there)
			n += now.all - counted[host].all;
	}
	return n;
}

/**
 * sim_disarm() - end what sim_arm() began, on both hosts
 */
void sim_disarm(void)
{
	enum camp_host host;
	unsigned int i;

	for (host = 0; host < CAMP_HOSTS; host++) {
		for (i = 0; i < ARRAY_SIZE(faults); i++)
			if (armed[host] & 1UL << i)
				sim_fault_write(host, faults[i].file, "off");
		armed[host] = 0;
	}
}

static bool port_file_has(enum camp_host host, const char *name,
			  const char *wanted)
{
	char path[PATH_MAX], text[64] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/%s/ports/1/%s", IB_DIR,
		 camp_hosts[host].rdma, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	if (fd >= 0)
		close(fd);
	return strstr(text, wanted);
}

/* A port is of use when it is active and has the GID of its host's address. */
static bool port_ready(enum camp_host host)
{
	char name[16];
	unsigned int i;

	if (!port_file_has(host, "state", "ACTIVE"))
		return false;
	for (i = 0; i < GIDS; i++) {
		snprintf(name, sizeof(name), "gids/%u", i);
		if (port_file_has(host, name, camp_hosts[host].gid))
			return true;
	}
	return false;
}

static void await_ready(enum camp_host host)
{
	long long end = now_ms() + CAMP_SETTLE_MS;

	while (!port_ready(host)) {
		if (now_ms() > end)
			camp_die("%s does not become ready",
				 camp_hosts[host].rdma);
		usleep(STEP_US);
	}
}

static void await_gone(enum camp_host host)
{
	long long end = now_ms() + CAMP_SETTLE_MS;
	struct rdma_counts counts;
	bool there;

	do {
		if (now_ms() > end)
			camp_die("%s does not go", camp_hosts[host].rdma);
		usleep(STEP_US);
		read_hits(host, &there);
	} while (there || !rdma_count(camp_hosts[host].rdma, &counts));
	counted[host] = (struct hits){};
}

static void add_device(enum camp_host host)
{
	const struct camp_host_cfg *h = &camp_hosts[host];
	long long end = now_ms() + CAMP_SETTLE_MS;

	camp_enter(host);
	/* A device that is listed nowhere may still own its name: ENFILE. */
	while (rdma_add_link(h->rdma, h->ndev)) {
		if (errno != ENFILE || now_ms() > end)
			camp_die("cannot add %s: %s", h->rdma, strerror(errno));
		usleep(STEP_US);
	}
	sim_write(host, "gid_types", gid_types[host]);
	counted[host] = (struct hits){};
}

/**
 * sim_ports() - take both hosts' ports down, or up again
 * @up: up
 */
void sim_ports(bool up)
{
	enum camp_host host;
	bool there;

	for (host = 0; host < CAMP_HOSTS; host++)
		sim_fault_write(host, up ? "port_up" : "port_down", "now");
	for (host = 0; up && host < CAMP_HOSTS; host++)
		await_ready(host);
	/* These are not what the campaign is about. */
	for (host = 0; host < CAMP_HOSTS; host++)
		counted[host] = read_hits(host, &there);
}

/**
 * sim_restore() - make devices whole again after faults of any kind
 *
 * Nothing is armed any more.
 */
void sim_restore(void)
{
	enum camp_host host;
	bool there;

	for (host = 0; host < CAMP_HOSTS; host++) {
		if (!spoilt[host])
			continue;
		read_hits(host, &there);
		if (there)
			sim_fault_write(host, "remove", "now");
		await_gone(host);
		add_device(host);
		spoilt[host] = false;
	}
	sim_ports(true);
}
