// SPDX-License-Identifier: GPL-2.0
/*
 * Makes mistakes, chosen by the parameter "bug", each in a function of its name.
 *
 * A test run without a report proves something only if the checkers are awake.
 * "scripts/uml planted" boots kernels that load this, and wants the right
 * report on each bug, with the function's name in it. Each bug is harmless by itself: nothing is
 * overwritten that anybody uses, and no lock is left held.
 */
#define pr_fmt(fmt) "planted: " fmt

#include <linux/delay.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

static char *bug = "none";
module_param(bug, charp, 0444);
MODULE_PARM_DESC(bug, "which ones, with commas: see the table in the source");

/* The compiler must not know it: it looks for mistakes itself. */
static int size = 16;
module_param(size, int, 0444);
MODULE_PARM_DESC(size, "size of a buffer, too small for some bugs");

static DEFINE_MUTEX(planted_a);
static DEFINE_MUTEX(planted_b);
static DEFINE_SPINLOCK(planted_lock);

struct planted_entry {
	struct list_head list;
	int value;
};

static struct planted_entry __rcu *planted_rcu;

static noinline int planted_none(void)
{
	void *p = kmalloc(size, GFP_KERNEL);

	mutex_lock(&planted_a);
	mutex_lock(&planted_b);
	mutex_unlock(&planted_b);
	mutex_unlock(&planted_a);
	kfree(p);
	return 0;
}

static noinline int planted_leak(void)
{
	struct planted_entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	return entry ? 0 : -ENOMEM;
}

static noinline int planted_lock_inversion(void)
{
	mutex_lock(&planted_a);
	mutex_lock(&planted_b);
	mutex_unlock(&planted_b);
	mutex_unlock(&planted_a);

	mutex_lock(&planted_b);
	mutex_lock(&planted_a);
	mutex_unlock(&planted_a);
	mutex_unlock(&planted_b);
	return 0;
}

static void planted_timeout(struct timer_list *timer)
{
	spin_lock(&planted_lock);
	spin_unlock(&planted_lock);
}

static DEFINE_TIMER(planted_timer, planted_timeout);

/* The lock of a timer must be taken with bottom halves off elsewhere. */
static noinline int planted_softirq_lock(void)
{
	mod_timer(&planted_timer, jiffies + 1);
	msleep(50);
	timer_delete_sync(&planted_timer);

	spin_lock(&planted_lock);
	spin_unlock(&planted_lock);
	return 0;
}

static noinline int planted_out_of_bounds(void)
{
	u8 *p = kzalloc(size, GFP_KERNEL);
	u8 value;

	if (!p)
		return -ENOMEM;
	value = READ_ONCE(p[size]);
	kfree(p);
	return value & 0;
}

static noinline int planted_stack_out_of_bounds(void)
{
	u8 bytes[16] = {};
	u8 *p = bytes;

	OPTIMIZER_HIDE_VAR(p);
	return READ_ONCE(p[size]) & 0;
}

static noinline int planted_use_after_free(void)
{
	struct planted_entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return -ENOMEM;
	kfree(entry);
	OPTIMIZER_HIDE_VAR(entry);
	return READ_ONCE(entry->value) & 0;
}

static noinline int planted_double_free(void)
{
	void *p = kmalloc(size, GFP_KERNEL);
	void *q = p;

	OPTIMIZER_HIDE_VAR(q);
	kfree(p);
	kfree(q);
	return 0;
}

static noinline int planted_sleep_in_atomic(void)
{
	spin_lock(&planted_lock);
	might_sleep();
	spin_unlock(&planted_lock);
	return 0;
}

static noinline int planted_shift(void)
{
	int bits = size + 16;

	OPTIMIZER_HIDE_VAR(bits);
	return (1 << bits) & 0;
}

static noinline int planted_array_index(void)
{
	static int planted_array[16];
	int index = size;
	int value;

	OPTIMIZER_HIDE_VAR(index);
	value = planted_array[index];
	OPTIMIZER_HIDE_VAR(value);
	return value & 0;
}

static noinline int planted_refcount(void)
{
	refcount_t count = REFCOUNT_INIT(1);

	if (!refcount_dec_and_test(&count))
		return -EINVAL;
	refcount_inc(&count);
	return 0;
}

/* A list head that nobody uses, entered twice. */
static noinline int planted_list(void)
{
	struct planted_entry entry = {};
	LIST_HEAD(head);

	list_add(&entry.list, &head);
	list_add(&entry.list, &head);
	return 0;
}

static noinline int planted_rcu_unlocked(void)
{
	return rcu_dereference(planted_rcu) ? 0 : 0;
}

static noinline int planted_object(void)
{
	struct work_struct *work = kzalloc(sizeof(*work), GFP_KERNEL);

	if (!work)
		return -ENOMEM;
	/* It was never initialised, and is no object on a stack. */
	INIT_WORK_ONSTACK(work, NULL);
	destroy_work_on_stack(work);
	kfree(work);
	return 0;
}

static noinline int planted_warning(void)
{
	WARN_ON_ONCE(size);
	return 0;
}

/* The detector of hung tasks must be told to lose patience earlier. */
static noinline int planted_hang(void)
{
	msleep(30 * MSEC_PER_SEC);
	return 0;
}

/* The module cannot be unloaded any more. */
static noinline int planted_module_in_use(void)
{
	__module_get(THIS_MODULE);
	return 0;
}

static const struct planted_bug {
	const char *name;
	int (*make)(void);
} planted_bugs[] = {
	{ "none", planted_none },
	{ "leak", planted_leak },
	{ "lock_inversion", planted_lock_inversion },
	{ "softirq_lock", planted_softirq_lock },
	{ "out_of_bounds", planted_out_of_bounds },
	{ "stack_out_of_bounds", planted_stack_out_of_bounds },
	{ "use_after_free", planted_use_after_free },
	{ "double_free", planted_double_free },
	{ "sleep_in_atomic", planted_sleep_in_atomic },
	{ "shift", planted_shift },
	{ "array_index", planted_array_index },
	{ "refcount", planted_refcount },
	{ "list", planted_list },
	{ "rcu_unlocked", planted_rcu_unlocked },
	{ "object", planted_object },
	{ "warning", planted_warning },
	{ "hang", planted_hang },
	{ "module_in_use", planted_module_in_use },
};

static int __init planted_make(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(planted_bugs); i++) {
		if (strcmp(name, planted_bugs[i].name))
			continue;
		pr_info("this is %s\n", name);
		return planted_bugs[i].make();
	}
	pr_err("there is no bug %s\n", name);
	return -EINVAL;
}

static int __init planted_init(void)
{
	char *names = kstrdup(bug, GFP_KERNEL);
	char *rest = names;
	int err = 0;
	char *name;

	if (!names)
		return -ENOMEM;
	while (!err && (name = strsep(&rest, ",")))
		err = planted_make(name);
	kfree(names);
	return err;
}

static void __exit planted_exit(void)
{
}

module_init(planted_init);
module_exit(planted_exit);
MODULE_DESCRIPTION("AF_SMC tests: one mistake of each kind, on purpose");
MODULE_LICENSE("GPL");
