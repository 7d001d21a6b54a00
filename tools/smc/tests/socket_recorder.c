// SPDX-License-Identifier: GPL-2.0
/*
 * Stands behind libsmc-preload.so in LD_PRELOAD in place of the C library's
 * socket(), so that the test sees what arrives, with or without SMC in the
 * kernel. Each call appends "domain type protocol" to the file $RECORD.
 * $REFUSE is an errno that AF_SMC calls fail with; they succeed without it.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define AF_SMC_NUMBER	43

int socket(int domain, int type, int protocol)
{
	const char *refuse = getenv("REFUSE");
	FILE *file = fopen(getenv("RECORD"), "a");

	if (!file)
		abort();
	fprintf(file, "%d %d %d\n", domain, type, protocol);
	fclose(file);
	if (domain == AF_SMC_NUMBER && refuse) {
		errno = atoi(refuse);
		return -1;
	}
	return open("/dev/null", O_RDWR);
}
