"""The section of docs/performance.md about scrapes, and what its targets are."""

from bench_report import table

EXPOSER = "prometheus-cpp exposer"
ENCODINGS = ("identity", "gzip")
MOST_P99 = {0: 0.002, 20_000: 0.015}  # from so many series on


def row_of(fleet, server, encoding):
    return next((row for row in fleet["rows"] if (row["server"], row["encoding"]) == (server, encoding)), None)


def times_cheaper(fleet, encoding):
    """Than prometheus-cpp's exposer, in processor time; None where that is not there."""
    other = row_of(fleet, EXPOSER, encoding)
    return other and other["cpu"] / row_of(fleet, "replmond", encoding)["cpu"]


def moved_to_polls(fleet, encoding, micro):
    """Processor seconds of what one changed instance costs from its poll to the end of the next scrape."""
    size = fleet["fleet"].replace(" x ", "/")
    packed = ENCODINGS.index(encoding)
    changes = fleet["fleet"].split(" ")[0]
    after = micro[f"changes and a scrape, instances, tasks, changed, packed:/{size}/{changes}/{packed}"]
    before = micro[f"gather a scrape, instances, tasks, packed:/{size}/{packed}"]
    return (after - before) / 1e9 / int(changes)


def break_even(fleet, encoding, micro):
    """Instances that would have to change between two scrapes for the exposer to be as cheap."""
    saved = row_of(fleet, EXPOSER, encoding)["cpu"] - row_of(fleet, "replmond", encoding)["cpu"]
    return saved / moved_to_polls(fleet, encoding, micro)


def targets(found):
    """(what is to hold, what was measured, whether it holds)"""
    rows = []
    for fleet in found["scrape"]:
        name = f" ({fleet['fleet']})"
        for encoding, least in (("identity", 20), ("gzip", 60)):
            if ratio := times_cheaper(fleet, encoding):
                rows.append((f"a scrape at least {least} x cheaper than prometheus-cpp's exposer, {encoding}{name}", f"{ratio:.0f} x", ratio >= least))
        size = row_of(fleet, "replmond", "gzip")["bytes"] / fleet["gzip1_bytes"]
        rows.append((f"packed at most 1.2 x `gzip -1`{name}", f"{size:.2f} x", size <= 1.2))
        if ratio := fleet["beside_nginx"]:
            rows.append((f"at most 2 x the CPU of nginx with the same bytes{name}", f"{ratio:.2f} x", ratio <= 2))
        for encoding in ENCODINGS:
            # Ten readers evict each other's caches, and one measurement is not another: a tenth is taken for that.
            ratio = fleet["ten_at_once"][encoding]
            rows.append((f"ten scrapers cost ten times one, {encoding}{name}", f"{ratio:.1f} x", ratio <= 11))
    for row in found.get("scrape_latency", []):
        limit = max((at, most) for at, most in MOST_P99.items() if row["series"] >= at)[1]
        if not row["pause"]:
            rows.append((f"p99 of packed scrapes under {limit * 1e3:.0f} ms while polls run, {row['series']:,} series", f"{row['p99'] * 1e3:.1f} ms",
                         row["p99"] < limit))
    return rows


def fleet_table(fleet):
    rows = []
    for encoding in ENCODINGS:
        own = row_of(fleet, "replmond", encoding)
        for row in fleet["rows"]:
            if row["encoding"] == encoding:
                rows.append((row["server"], encoding, f"{row['cpu'] * 1e3:.2f}", f"{row['cpu'] * 1e9 / fleet['series']:.0f}", f"{row['wall'] * 1e3:.2f}",
                             f"{row['bytes']:,}", f"{row['cpu'] / own['cpu']:.1f}"))
    return (f"**{fleet['fleet']} tasks**: {fleet['series']:,} series; `gzip -1` of the same text: {fleet['gzip1_bytes']:,} bytes. "
            f"Ten scrapers at once cost {fleet['ten_at_once']['identity']:.1f} times one, packed {fleet['ten_at_once']['gzip']:.1f} times.\n\n" +
            table(["server", "encoding", "CPU ms", "CPU ns a series", "time ms", "bytes", "CPU / replmond"], rows))


def moved_table(found):
    micro = found["micro"]
    rows = [(fleet["fleet"], encoding, f"{times_cheaper(fleet, encoding):.0f} x", f"{moved_to_polls(fleet, encoding, micro) * 1e6:.0f}",
             f"{break_even(fleet, encoding, micro):,.0f} of {fleet['fleet'].split(' ')[0]}")
            for fleet in found["scrape"] for encoding in ENCODINGS if times_cheaper(fleet, encoding)]
    return ("What a scrape no longer costs is paid by polls that find a change: they render the instance, and the next packed scrape deflates "
            "what that touched. The last column is how many instances would have to change between two scrapes, every task of them, for the "
            "exposer to be as cheap.\n\n" +
            table(["fleet", "encoding", "cheaper than the exposer", "us a changed instance", "break-even, changes a scrape"], rows))


def section(found):
    latencies = table(["series", "pause between scrapes", "scrapes", "p50 ms", "p99 ms", "slowest ms", "`/-/healthy`: p50 ms", "p99 ms"],
                      [(f"{row['series']:,}", f"{row['pause']} s", f"{row['scrapes']:,}", *(f"{row[key] * 1e3:.2f}" for key in ("p50", "p99", "max")),
                        *(f"{row['floor'][key] * 1e3:.2f}" for key in ("p50", "p99"))) for row in found["scrape_latency"]])
    return "\n".join(["### A scrape\n", *map(fleet_table, found["scrape"]), moved_table(found),
                      "While every instance is polled every 10 s and every task changes, packed. After a pause both sides have cold caches and sleeping "
                      "processors; what the same client takes for an answer of a few bytes is beside it.\n", latencies])
