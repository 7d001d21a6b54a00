// SPDX-License-Identifier: GPL-2.0
/*
 * Faults one at a time: each allocation of each system call, each allocation
 * on the module's behalf, and each fault of the simulated adapters at each
 * point of a connection's life. The n-th fails, and n rises until a whole life
 * passes without reaching it.
 */
#include <stdio.h>
#include <string.h>

#include "campaign.h"

#define BULK		70000	/* bytes: more than a ring holds */
#define PATIENT		16	/* one case in so many is left to recover by itself */
#define STEP_MAX	2000	/* a life has fewer points than that */

static const char *const kind_name[CAMP_KINDS] = {
	[CAMP_NATIVE] = "native",
	[CAMP_TCP_SERVER] = "TCP server",
	[CAMP_TCP_CLIENT] = "TCP client",
};

static void one_step(enum camp_kind kind, unsigned int step)
{
	unsigned int nth;

	for (nth = 1; nth < STEP_MAX; nth++) {
		struct cycle cy = { .kind = kind, .aim = step, .nth = nth };

		camp_case("%s, %s, allocation %u", kind_name[kind],
			  cycle_step_name(step), nth);
		cycle_run(&cy);
		if (!cy.hit)
			break;
	}
	camp_said("%s, %s: %u allocations", kind_name[kind],
		  cycle_step_name(step), nth - 1);
}

/**
 * part_calls() - fail each allocation of each system call
 */
void part_calls(void)
{
	unsigned int kind, step;

	for (kind = 0; kind < CAMP_KINDS; kind++) {
		camp_case("%s, no fault", kind_name[kind]);
		cycle_clean(kind);
		for (step = 0; step < cycle_steps(); step++)
			if (cycle_step_is_for(step, kind))
				one_step(kind, step);
		camp_case("%s, no fault any more", kind_name[kind]);
		cycle_clean(kind);
	}
	left_groups();
	left_tcp();
	admin_run();
}

/*
 * The n-th allocation for the module in a life, with a group that is there or
 * has to be made. Returns false when the life has fewer.
 */
static bool module_case(enum inject_kind kind, bool first, unsigned int nth)
{
	struct cycle cy = { .aim = -1, .bytes = BULK, .armed = true };
	long long began_ms;
	bool hit;

	camp_case("%s %u for the module, %s contact",
		  kind == INJECT_SLAB ? "object" : "page", nth,
		  first ? "first" : "subsequent");
	if (first)
		left_groups();
	else
		cycle_clean(CAMP_NATIVE);
	began_ms = now_ms();
	inject_module_arm(kind, nth);
	cycle_run(&cy);
	hit = inject_module_disarm(kind);
	left_sockets();
	camp_took(hit ? CAMP_LIFE : CAMP_CALM, began_ms);
	if (!hit && !cy.done)
		camp_wrong("%s failed without a fault", cy.where);
	if (first)
		cycle_clean(CAMP_NATIVE);
	return hit;
}

/**
 * part_module() - fail each allocation on behalf of the module
 */
void part_module(void)
{
	unsigned int kind, first, nth;

	for (kind = 0; kind < INJECT_KINDS; kind++) {
		for (first = 0; first < 2; first++) {
			for (nth = 1; nth < STEP_MAX; nth++)
				if (!module_case(kind, first, nth))
					break;
			camp_said("%s for the module, %s contact: %u",
				  kind == INJECT_SLAB ? "objects" : "pages",
				  first ? "first" : "subsequent", nth - 1);
		}
	}
	left_groups();
	left_tcp();
}

/*
 * Without its queue pair or memory a connection goes on as TCP: neither side
 * has confirmed yet. What was tried again is there after all.
 */
static void setup_judge(const struct cycle *cy, unsigned int fault,
			unsigned int times)
{
	bool all_tries = times == sim_tries(fault);

	if (!cy->done)
		camp_wrong("%s: %s, but TCP was there to fall back to",
			   cy->where, strerror(cy->err));
	else if (!all_tries && !cy->native)
		camp_wrong("fallback, but the next try was good");
	else if (all_tries && cy->native && !sim_has_spare(fault))
		camp_wrong("SMC-R without what could not be made");
}

/* A fault of the handshake: who feels it declines, and TCP takes over. */
static void early_judge(const struct cycle *cy)
{
	if (!cy->done)
		camp_wrong("%s: %s, but TCP was there to fall back to",
			   cy->where, strerror(cy->err));
	else if (cy->native)
		camp_wrong("SMC-R over what had failed");
}

/**
 * struct point - where a fault is injected
 * @host: whose device has it
 * @fault: which
 * @first: a link group is to be made, else there is one
 * @nth: at which event of its kind
 * @times: at so many, from there on
 * @pick: chooses among its values
 */
struct point {
	enum camp_host host;
	unsigned int fault;
	bool first;
	unsigned int nth;
	unsigned int times;
	unsigned int pick;
};

/* Returns false when a life has fewer events. */
static bool fault_case(const struct point *p)
{
	struct cycle cy = { .aim = -1, .bytes = BULK, .armed = true };
	unsigned int fault = p->fault;
	static unsigned int fatal;
	unsigned long long hits;
	long long began_ms;
	char schedule[64];
	bool calm;

	camp_case("%s %u, %u times at %u of the %s, %s contact",
		  sim_fault_name(fault), p->pick, p->times, p->nth,
		  p->host == CAMP_CLIENT ? "client" : "server",
		  p->first ? "first" : "subsequent");
	if (p->first)
		left_groups();
	else
		cycle_clean(CAMP_NATIVE);
	snprintf(schedule, sizeof(schedule), "every=1 after=%u limit=%u",
		 p->nth - 1, p->times);
	began_ms = now_ms();
	sim_arm(p->host, fault, schedule, p->pick);
	cycle_run(&cy);
	sim_disarm();
	hits = sim_hits(p->host);
	calm = sim_is_soft(fault) || (!hits && !sim_is_lethal(fault));
	if (!cy.done && (!hits || sim_is_soft(fault)))
		camp_wrong("%s: a fault that none may notice", cy.where);
	if (!cy.native && cy.done && (!hits || sim_is_soft(fault)))
		camp_wrong("fallback without a fault that explains it: 0x%08x",
			   cy.reason);
	if (hits && sim_is_setup(fault))
		setup_judge(&cy, fault, p->times);
	if (hits && sim_is_early(fault, p->host) && (cy.early || !cy.made))
		early_judge(&cy);
	/*
	 * An adapter whose peer has gone sends its last words again and again,
	 * which takes seconds; the end of its port cuts that short. And an
	 * event may come after its hits were read.
	 */
	if (hits || sim_is_lethal(fault))
		sim_restore();
	if (hits && !sim_is_soft(fault) && ++fatal % PATIENT)
		left_groups();
	left_sockets();
	camp_took(calm ? CAMP_CALM : CAMP_LIFE, began_ms);
	return hits;
}

/* The points of one kind of life. Returns how many there were. */
static unsigned int fault_series(struct point p, bool every)
{
	unsigned int points = 0;

	for (p.nth = 1; p.nth < STEP_MAX; p.nth += every ? 1 : 1 + p.nth / 2) {
		p.pick = p.nth;
		if (!fault_case(&p))
			break;
		points++;
	}
	return points;
}

/* Each error status that a completion can have, of one host or the other. */
static unsigned int status_series(unsigned int fault)
{
	struct point p = { .fault = fault, .first = true, .times = 1 };

	for (p.pick = 0; p.pick < sim_statuses(fault); p.pick++) {
		p.host = p.pick % CAMP_HOSTS;
		p.nth = 1;
		if (!fault_case(&p))
			camp_wrong("not injected");
	}
	return p.pick;
}

/**
 * part_faults() - each fault of the adapters at points of a life
 * @every: at every point, which takes long; else ever fewer of the later ones
 * @slice: only each of @slices faults, from this one, from 0
 * @slices: 1 for all faults
 */
void part_faults(bool every, unsigned int slice, unsigned int slices)
{
	unsigned int fault, points;
	struct point p;

	for (fault = slice; fault < sim_num_faults(); fault += slices) {
		points = status_series(fault);
		p = (struct point){ .fault = fault };
		for (p.times = 1; p.times <= sim_tries(fault); p.times++) {
			for (p.host = 0; p.host < CAMP_HOSTS; p.host++) {
				p.first = false;
				points += fault_series(p, every);
				p.first = true;
				points += fault_series(p, every);
			}
		}
		camp_said("%s: at %u points", sim_fault_name(fault), points);
	}
	left_groups();
	left_tcp();
}
