// SPDX-License-Identifier: GPL-2.0
/*
 * Registry of transports. There is one now; the handshake asks here, so that
 * it does not know which.
 */
#include <linux/export.h>
#include <linux/rcupdate.h>
#include "transport.h"

static const struct smc_transport *smc_transport;

/**
 * smc_transport_register() - make a transport available to handshakes
 * @t: the transport, static data of this module
 *
 * Context: Module init, before sockets can exist.
 */
void smc_transport_register(const struct smc_transport *t)
{
	WRITE_ONCE(smc_transport, t);
}

/**
 * smc_transport_unregister() - undo smc_transport_register()
 * @t: the transport
 *
 * Context: Module exit, after the last socket is gone.
 */
void smc_transport_unregister(const struct smc_transport *t)
{
	if (READ_ONCE(smc_transport) == t)
		WRITE_ONCE(smc_transport, NULL);
}

/**
 * smc_transport_get() - the transport for a new connection
 *
 * Context: Any.
 * Return: The transport, or NULL if none is registered.
 */
const struct smc_transport *smc_transport_get(void)
{
	return READ_ONCE(smc_transport);
}
