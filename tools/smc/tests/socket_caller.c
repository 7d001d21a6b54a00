// SPDX-License-Identifier: GPL-2.0
/*
 * Calls socket() with each triple of arguments and prints, for each call, "ok"
 * or the errno, and errno as it was left by a call that succeeded (it was 77).
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i + 2 < argc; i += 3) {
		errno = 77;
		if (socket(atoi(argv[i]), atoi(argv[i + 1]),
			   atoi(argv[i + 2])) >= 0)
			printf("ok %d\n", errno);
		else
			printf("error %d\n", errno);
	}
	return 0;
}
