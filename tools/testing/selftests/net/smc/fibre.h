/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Many conversations in one thread: each runs as straight code on a stack of
 * its own, and gives way where it would wait.
 */
#ifndef _SMC_SELFTEST_FIBRE_H
#define _SMC_SELFTEST_FIBRE_H

#include <stdbool.h>

bool fibre_start(void (*fn)(void *arg), void *arg);
bool fibre_inside(void);
void fibre_pause(void);
unsigned int fibres_run(void);

#endif
