// SPDX-License-Identifier: GPL-2.0
/*
 * The table of user-defined EIDs of a namespace. It has few lines, so it is an
 * array, and who looks something up takes a copy of all of it.
 */
#include <linux/string.h>
#include "eid.h"

/**
 * smc_eid_net_init() - begin with an empty table
 * @sn: state of the namespace
 *
 * Context: Namespace init.
 */
void smc_eid_net_init(struct smc_net *sn)
{
	spin_lock_init(&sn->eid_lock);
}

static int __smc_eid_find(const struct smc_net *sn,
			  const struct smc_eid *eid)
{
	unsigned int i;

	lockdep_assert_held(&sn->eid_lock);
	for (i = 0; i < sn->num_eids; i++)
		if (smc_eid_equal(&sn->eids[i], eid))
			return i;
	return -ENOENT;
}

/**
 * smc_eid_add() - add a line
 * @sn: state of the namespace
 * @eid: a valid UEID, see smc_eid_valid()
 *
 * Context: Any but hard interrupt. Takes eid_lock.
 * Return: 0, -EEXIST if it is in the table or built in, -ERANGE if the table is
 * full.
 */
int smc_eid_add(struct smc_net *sn, const struct smc_eid *eid)
{
	int err = 0;

	spin_lock_bh(&sn->eid_lock);
	if (smc_eid_equal(eid, &smc_eid_subnet) || __smc_eid_find(sn, eid) >= 0)
		err = -EEXIST;
	else if (sn->num_eids == SMC_EID_TABLE_SIZE)
		err = -ERANGE;
	else
		sn->eids[sn->num_eids++] = *eid;
	spin_unlock_bh(&sn->eid_lock);
	return err;
}

/**
 * smc_eid_remove() - remove a line
 * @sn: state of the namespace
 * @eid: the UEID
 *
 * Link groups that exist are not affected.
 *
 * Context: Any but hard interrupt. Takes eid_lock.
 * Return: 0, or -ENOENT if it is not in the table.
 */
int smc_eid_remove(struct smc_net *sn, const struct smc_eid *eid)
{
	int i;

	spin_lock_bh(&sn->eid_lock);
	i = __smc_eid_find(sn, eid);
	if (i >= 0) {
		sn->num_eids--;
		memmove(&sn->eids[i], &sn->eids[i + 1],
			(sn->num_eids - i) * sizeof(sn->eids[0]));
	}
	spin_unlock_bh(&sn->eid_lock);
	return i < 0 ? i : 0;
}

/**
 * smc_eid_flush() - remove all lines
 * @sn: state of the namespace
 *
 * Context: Any but hard interrupt. Takes eid_lock.
 */
void smc_eid_flush(struct smc_net *sn)
{
	spin_lock_bh(&sn->eid_lock);
	sn->num_eids = 0;
	spin_unlock_bh(&sn->eid_lock);
}

/**
 * smc_eid_copy() - take a copy of the table
 * @sn: state of the namespace
 * @eids: filled, in the order of addition
 *
 * Context: Any but hard interrupt. Takes eid_lock.
 * Return: Number of lines.
 */
unsigned int smc_eid_copy(struct smc_net *sn,
			  struct smc_eid eids[SMC_EID_TABLE_SIZE])
{
	unsigned int n;

	spin_lock_bh(&sn->eid_lock);
	n = sn->num_eids;
	memcpy(eids, sn->eids, n * sizeof(eids[0]));
	spin_unlock_bh(&sn->eid_lock);
	return n;
}
