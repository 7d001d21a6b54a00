// SPDX-License-Identifier: GPL-2.0
/* What makes a module of the suites: loading it runs them. */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit tests of the SMC protocol core");
MODULE_LICENSE("GPL");
