/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the transport's upcalls set going.
 */
#ifndef _SMC_UPCALL_H
#define _SMC_UPCALL_H

#include "transport.h"

extern const struct smc_ep_upcalls smc_upcalls;

#endif
