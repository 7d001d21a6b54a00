// SPDX-License-Identifier: GPL-2.0
/* For the second module: kbuild takes an object file for one module only. */
#include "fixture.c"
