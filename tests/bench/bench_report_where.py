"""The section of docs/performance.md about where processor time goes."""

from bench_report import table

LEAST = 0.004  # of one of the loads; what is less everywhere is one row


def rows_of(found):
    """(part, its share of each load), the dearest first; small ones together."""
    parts = {part for load in found for part in load["shares"]}
    rows = sorted(((part, [load["shares"].get(part, 0) for load in found]) for part in parts), key=lambda row: -sum(row[1]))
    large = [row for row in rows if max(row[1]) >= LEAST]
    small = [row for row in rows if max(row[1]) < LEAST]
    return large + ([("all else", [sum(column) for column in zip(*(shares for _, shares in small))])] if small else [])


def section(found):
    loads = found["where"]
    header = ["us of processor time"] + [load["what"] for load in loads]
    rows = [("**all of it**", *(f"**{load['us']:,.0f}**" for load in loads))]
    rows += [(part, *(f"{share * load['us']:,.1f} ({share:.0%})" for share, load in zip(shares, loads))) for part, shares in rows_of(loads)]
    return ("### Where the time goes\n\nSamples of the daemon's process by the processor's clock (`perf`), told apart by the function that ran: polls at 400 a second, "
            "scrapes of 400 x 10 tasks one after the other. What it means is written below the measurements.\n\n" + table(header, rows))
