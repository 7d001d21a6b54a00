/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one header through which proto/ meets its surroundings: fixed-width
 * types, memory functions and errno, in the kernel and in user space.
 */
#ifndef _SMC_PROTO_PORT_H
#define _SMC_PROTO_PORT_H

#ifdef __KERNEL__
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t s16;
#endif

#endif
