// SPDX-License-Identifier: GPL-2.0
/*
 * Fibres on top of ucontext. The main loop calls fibres_run() whenever
 * something may have happened; each fibre looks whether it was for it.
 */
#include <stddef.h>
#include <stdlib.h>
#include <ucontext.h>

#include "fibre.h"

#define STACK	(96 * 1024)

/**
 * struct fibre - one of them
 * @next:	in the list of all
 * @ctx:	where it stands
 * @fn:		what it does
 * @arg:	for @fn
 * @over:	@fn has returned
 * @stack:	its stack
 */
struct fibre {
	struct fibre *next;
	ucontext_t ctx;
	void (*fn)(void *arg);
	void *arg;
	bool over;
	char stack[STACK];
};

static struct fibre *all, *running;
static ucontext_t main_ctx;

static void fibre_main(void)
{
	running->fn(running->arg);
	running->over = true;
}

/**
 * fibre_start() - begin a fibre; it runs at the next fibres_run()
 * @fn: what it does
 * @arg: for @fn
 *
 * Return: there was memory for it.
 */
bool fibre_start(void (*fn)(void *arg), void *arg)
{
	struct fibre *f = calloc(1, sizeof(*f));

	if (!f || getcontext(&f->ctx)) {
		free(f);
		return false;
	}
	f->fn = fn;
	f->arg = arg;
	f->ctx.uc_stack.ss_sp = f->stack;
	f->ctx.uc_stack.ss_size = sizeof(f->stack);
	f->ctx.uc_link = &main_ctx;
	makecontext(&f->ctx, fibre_main, 0);
	f->next = all;
	all = f;
	return true;
}

/**
 * fibre_inside() - who asks?
 *
 * Return: the caller is a fibre.
 */
bool fibre_inside(void)
{
	return running;
}

/**
 * fibre_pause() - let the others go on; to be called by a fibre
 */
void fibre_pause(void)
{
	swapcontext(&running->ctx, &main_ctx);
}

/**
 * fibres_run() - let each fibre go on until it gives way or ends
 *
 * Return: number of fibres left.
 */
unsigned int fibres_run(void)
{
	struct fibre **p = &all, *f;
	unsigned int n = 0;

	while ((f = *p)) {
		running = f;
		swapcontext(&main_ctx, &f->ctx);
		running = NULL;
		/* It may have started others, in front of the list */
		while (*p != f)
			p = &(*p)->next;
		if (f->over) {
			*p = f->next;
			free(f);
		} else {
			p = &f->next;
			n++;
		}
	}
	return n;
}
