// SPDX-License-Identifier: GPL-2.0
/*
 * First and only program of the kernel that runs the suites: loads the module
 * and powers off. If it cannot, it ends, and the kernel panics.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	int fd = open("/smc_kunit.ko", O_RDONLY);

	if (fd < 0)
		return 2;
	if (syscall(SYS_finit_module, fd, "", 0))
		return 3;
	return reboot(RB_POWER_OFF);
}
