// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the tracepoints declared in smcr_trace.h.
 */
#define CREATE_TRACE_POINTS
#include "smcr_trace.h"
