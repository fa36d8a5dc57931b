"""Sections of docs/performance.md about the whole daemon, and what its targets are."""

from bench_scale import INTERVAL

MIB = 2**20


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "| " + " | ".join("---" for _ in header) + " |"]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]) + "\n"


def targets(found):
    """(what is to hold, what was measured, whether it holds) of what was measured."""
    rows = []
    for row in found.get("memory", []):
        limit = 120 if row["tasks"] <= 10_000 else 1024
        rows.append((f"at most {limit:,} MiB at {row['tasks']:,} tasks", f"{row['most'] / MIB:.0f} MiB", row["most"] <= limit * MIB))
    if slope := found.get("slope"):
        # Every task changes every 5 s: one byte lost at each change would be 117 KiB a minute.
        rows.append((f"memory does not grow over {slope['minutes']} minutes of changes", f"{slope['bytes_a_minute'] / 1024:+.1f} KiB a minute",
                     slope["bytes_a_minute"] <= 10 * 1024))
    for row in found.get("scale", [])[-1:]:
        at = f" at {row['tasks']:,} tasks on one core"
        rows += [("no poll skipped" + at, f"{row['skipped']:.0f} skipped, {row['failed']:.0f} failed, {row['polls']:.0%} of those due",
                  row["skipped"] == row["failed"] == 0 and row["polls"] > 0.95),
                 ("every scrape under 100 ms" + at, f"slowest {row['slowest_scrape'] * 1e3:.0f} ms", row["slowest_scrape"] < 0.1),
                 ("ready under 10 s" + at, f"{row['ready']:.1f} s", row["ready"] < 10)]
    if len(found.get("scale", [])) > 1:
        small, large = found["scale"][0], found["scale"][-1]
        ratio = (large["cores"] / large["tasks"]) / (small["cores"] / small["tasks"])
        rows.append((f"cost linear from {small['tasks']:,} to {large['tasks']:,} tasks", f"{ratio:.2f} times the cost a task", ratio < 2))
    for one in found.get("latency", []):
        for row in one["rows"]:
            limit = one["interval"] + 0.05
            rows.append((f"{row['seen']} at most {limit:.2f} s (p99) after a change {row['change']}, {one['tasks']:,} tasks", f"{row['p99']:.3f} s",
                         row["p99"] <= limit))
    return rows


def targets_section(rows):
    return "### Targets\n\n" + table(["target", "measured", ""], [(what, had, "holds" if holds else "**missed**") for what, had, holds in rows])


def memory_section(found):
    text = "### Memory\n\n" + table(["tasks", "resident MiB", "most MiB"],
                                    [(f"{row['tasks']:,}", f"{row['resident'] / MIB:.0f}", f"{row['most'] / MIB:.0f}") for row in found["memory"]])
    if slope := found.get("slope"):
        text += (f"\n{slope['minutes']} minutes of changes after {slope['warm_up']} to warm up (10,000 tasks, every 5 s; {slope['events']:,} stages came and went): "
                 f"{slope['first'] / MIB:.2f} MiB at first, {slope['last'] / MIB:.2f} at last, {slope['most'] / MIB:.2f} at most, {slope['bytes_a_minute'] / 1024:+.1f} KiB a minute.\n")
    return text


def scale_section(found):
    return "### Scale\n\n![CPU and memory against tasks](pictures/performance.svg)\n\n" + table(
        ["tasks", "CPU, ms a second", "us a task and poll", "ready s", "skipped polls", "failed polls", "scrape ms", "slowest ms", "resident MiB"],
        [(f"{row['tasks']:,}", f"{row['cores'] * 1e3:.1f}", f"{row['cores'] * INTERVAL * 1e6 / row['tasks']:.1f}", f"{row['ready']:.1f}", f"{row['skipped']:.0f}",
          f"{row['failed']:.0f}", f"{row['scrape'] * 1e3:.0f}", f"{row['slowest_scrape'] * 1e3:.0f}", f"{row['resident'] / MIB:.0f}")
         for row in found["scale"]])


def latency_section(found):
    rows = [(f"{one['tasks']:,}, every {one['interval']} s", row["change"], row["seen"], row["changes"], *(f"{row[key]:.3f}" for key in ("p50", "p99", "max")),
             f"{(row['p99'] - one['interval']) * 1e3:+.0f}") for one in found["latency"] for row in one["rows"]]
    return "### From a change in the cloud to log line and metric\n\n" + table(
        ["tasks", "changed", "seen as", "changes", "p50 s", "p99 s", "slowest s", "p99 beyond the interval, ms"], rows)


def parts_section(found):
    return "### Parts\n\n" + table(["", "CPU us"], [(f"`{name}`", f"{ns / 1e3:,.2f}") for name, ns in found["micro"].items()])
