/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PNET IDs, the names of physical networks.
 */
#ifndef _SMC_PROTO_PNETID_H
#define _SMC_PROTO_PNETID_H

#include "port.h"

#define SMC_PNETID_LEN	16

bool smc_pnetid_normalize(const char *text, char pnetid[SMC_PNETID_LEN + 1]);

#endif
