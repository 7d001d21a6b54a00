# SPDX-License-Identifier: GPL-2.0
"""From what was counted to the figures, the table, and the comparison."""

SUBJECTS = ("tcp", "stock", "ours")
WORK_REQUESTS = ("wr_send", "wr_write", "wr_reg_mr", "wr_local_inv")
COPIED = ("stat.bytes_copied_tx", "stat.bytes_copied_rx")

# Figures that two runs must agree on, and below which difference they do in
# any case: a single event more or less in thousands of operations.
COMPARED = {
    "rate": 0, "p50_us": 0.002, "p99_us": 0.002, "time_us": 0.002,
    "sim_us": 0.002, "net_us": 0.002, "doorbells": 0.01,
    "work_requests": 0.01, "signalled": 0.01, "copied": 1,
}
# Where threads take turns, these depend on when the timer ticks, and that on
# any change of a program: compared if there is none.
PERCENTILES = ("p50_us", "p99_us")
TOLERANCE = 0.02

COLUMNS = (
    # heading, width, key, format
    ("rate/s", 9, "rate", "%.0f"),
    ("MB/s", 6, "mb_per_s", "%.1f"),
    ("p50 us", 9, "p50_us", "%.2f"),
    ("p99 us", 9, "p99_us", "%.2f"),
    ("us/op", 9, "time_us", "%.2f"),
    ("sim", 7, "sim_us", "%.2f"),
    ("net", 9, "net_us", "%.2f"),
    ("idle", 6, "idle_us", "%.1f"),
    ("switch", 6, "switches", "%.2f"),
    ("bell", 6, "doorbells", "%.2f"),
    ("wr", 6, "work_requests", "%.2f"),
    ("signal", 6, "signalled", "%.2f"),
    ("copied", 8, "copied", "%.0f"),
    ("x tcp", 6, "vs_tcp", "%.2f"),
    ("x stock", 7, "vs_stock", "%.2f"),
)
LEGEND = """\
Time is the machine's: 1 us is 1000 instructions of all programs and the kernel
together, on both hosts. us/op: time of an operation; sim: of that, inside the
simulated RDMA devices; net: the rest; idle: of that, nobody had anything to do.
switch: context switches; bell: doorbells; wr: work requests sent; signal:
completions asked for; copied: bytes copied by the module; all per operation.
x tcp, x stock: how many times faster, by net. p50, p99: with the simulator."""


def derive(row):
    """Returns the figures of one row as printed by smc_bench."""
    counters, ops = row["counters"], row["ops"]

    def each(name):
        return counters[name] / ops if name in counters else None

    def each_of(names):
        if not all(name in counters for name in names):
            return None
        return sum(counters[name] for name in names) / ops

    time_us = row["ns"] / ops / 1000
    sim_us = (each("sim.time_ns") or 0) / 1000
    return {
        "what": row["what"],
        "ops": ops,
        "bytes": row["bytes"],
        "rate": ops / (row["ns"] / 1e9),
        "mb_per_s": row["bytes"] * ops / (row["ns"] / 1e3),
        "p50_us": row["p50_ns"] / 1000,
        "p99_us": row["p99_ns"] / 1000,
        "max_us": row["max_ns"] / 1000,
        "time_us": time_us,
        "sim_us": sim_us,
        "net_us": time_us - sim_us,
        "idle_us": (each("kernel.idle_ns") or 0) / 1000,
        "switches": each("kernel.switches"),
        "doorbells": each("sim.doorbells"),
        "work_requests": each_of(["sim." + name for name in WORK_REQUESTS]),
        "signalled": each("sim.cqe_signalled"),
        "copied": each_of(COPIED),
        "counters": counters,
    }


def relate(rows):
    """Adds how much faster than TCP, and ours than stock: rows[subject]."""
    for subject, row in rows.items():
        for other, key in (("tcp", "vs_tcp"), ("stock", "vs_stock")):
            if other in rows and SUBJECTS.index(other) < \
                    SUBJECTS.index(subject):
                row[key] = rows[other]["net_us"] / row["net_us"]


def make_report(results):
    """Returns {row: {subject: figures}}, from {subject: rows as printed}."""
    report = {}
    for subject in SUBJECTS:
        for row in results.get(subject, ()):
            report.setdefault(row["row"], {})[subject] = derive(row)
    for rows in report.values():
        relate(rows)
    return report


def cells(figures):
    """Yields the columns of a line."""
    for _, width, key, form in COLUMNS:
        value = figures.get(key)
        yield ("-" if value is None else form % value).rjust(width)


def format_table(report):
    """Returns the table as text."""
    lines = [" ".join([" " * 8] + [heading.rjust(width) for heading, width,
                                   _, _ in COLUMNS])]
    for name, rows in report.items():
        what = next(iter(rows.values()))["what"]
        lines.append("%s: %s" % (name, what))
        for subject, figures in rows.items():
            lines.append(" ".join(["  " + subject.ljust(6)] +
                                  list(cells(figures))))
    return "\n".join(lines + ["", LEGEND])


def differs(key, old, new):
    """Whether two figures of the same thing are not the same."""
    if old is None or new is None:
        return old is not new
    if abs(old - new) <= COMPARED[key]:
        return False
    return abs(old - new) > TOLERANCE * max(abs(old), abs(new))


def compare(old, new, inputs):
    """Compares two reports.

    inputs: of both, {subject: key of what was run}
    Returns what they disagree on, a line each; the number of rows compared;
    and the largest difference that was allowed.
    """
    findings, worst, compared = [], 0, 0
    names = {(row, subject) for report in (old, new)
             for row, subjects in report.items() for subject in subjects}
    for row, subject in sorted(names):
        pair = [report.get(row, {}).get(subject) for report in (old, new)]
        if None in pair:
            findings.append("%s, %s: only in one of them" % (row, subject))
            continue
        compared += 1
        same = inputs[0].get(subject) == inputs[1].get(subject)
        for key in COMPARED:
            if key in PERCENTILES and not same:
                continue
            one, two = pair[0].get(key), pair[1].get(key)
            if differs(key, one, two):
                findings.append("%s, %s: %s is %s, was %s"
                                % (row, subject, key, two, one))
            elif one and two:
                worst = max(worst, abs(one - two) / max(one, two)
                            if abs(one - two) > COMPARED[key] else 0)
    return findings, compared, worst
