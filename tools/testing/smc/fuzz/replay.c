// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a target on files, without libFuzzer: with any compiler, under a
 * debugger, for coverage.
 */
#include "fuzz.h"

static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	u8 *data;
	long len;

	if (!file || fseek(file, 0, SEEK_END))
		goto err;
	len = ftell(file);
	if (len < 0 || fseek(file, 0, SEEK_SET))
		goto err;
	/* As long as the input and no longer, for the address sanitizer. */
	data = malloc(len ? (size_t)len : 1);
	if (!data || fread(data, 1, (size_t)len, file) != (size_t)len)
		goto err;
	fclose(file);
	LLVMFuzzerTestOneInput(data, (size_t)len);
	free(data);
	return 0;
err:
	perror(path);
	return 1;
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (replay(argv[i]))
			return 1;
	printf("files=%d\n", argc - 1);
	return argc > 1 ? 0 : 1;
}
