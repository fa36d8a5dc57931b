"""The section of docs/performance.md about polls, and what its targets are."""

from bench_report import table

ROWS = (("Python `json.loads` of the page", "json_loads"), ("the same two requests and nothing else", "floor"), ("nothing changed", "quiet"),
        ("nothing changed, TLS", "tls"), ("every task changed", "changing"))


def targets(found):
    """(what is to hold, what was measured, whether it holds)"""
    rows = []
    for pace in found["poll"]["paces"]:
        at = f" ({pace['rate']} a second)"
        for name, kind, beside, most in (("a quiet poll at most 1.2 x `json.loads` of its page as often", "quiet", "json_loads", 1.2),
                                         ("a poll that finds every task changed at most 5 x that", "changing", "json_loads", 5),
                                         ("a quiet poll over TLS at most 2 x one without", "tls", "quiet", 2)):
            ratio = pace[kind] / pace[beside]
            rows.append((name + at, f"{ratio:.2f} x", ratio <= most))
    # In a loop json.loads never waits: what comes nearest to that is the daemon at its busiest pace.
    busiest = max(found["poll"]["paces"], key=lambda pace: pace["rate"])
    for name, kind, most in (("a quiet poll at most 1.2 x `json.loads` in a loop", "quiet", 1.2), ("a poll that finds every task changed at most 5 x that", "changing", 5)):
        ratio = busiest[kind] / found["poll"]["json_loads"]
        rows.append((f"{name} ({busiest['rate']} a second)", f"{ratio:.2f} x", ratio <= most))
    return rows


def ratios(found):
    """{what: how many times cheaper than json.loads}"""
    return {f"poll {kind}, {pace['rate']} a second: json.loads / poll": pace["json_loads"] / pace[kind]
            for pace in found["poll"]["paces"] for kind in ("quiet", "changing", "tls")}


def section(found):
    poll = found["poll"]
    header = ["CPU us, so many a second"] + [f"{pace['rate']}" for pace in poll["paces"]]
    header += [f"x `json.loads` as often, {pace['rate']}" for pace in poll["paces"]] + [f"x in a loop, {pace['rate']}" for pace in poll["paces"]]
    rows = [(name, *(f"{pace[key]:.0f}" for pace in poll["paces"]), *(f"{pace[key] / pace['json_loads']:.2f}" for pace in poll["paces"]),
             *(f"{pace[key] / poll['json_loads']:.2f}" for pace in poll["paces"])) for name, key in ROWS]
    return (f"### A poll of 100 tasks\n\nEverything included, at several paces, beside Python's `json.loads` of the same page ({poll['page_bytes']:,} bytes) as often, "
            f"and in a loop without pauses, where it takes {poll['json_loads']:.0f} us: whatever sleeps in between begins with cold caches and wakes a processor, and a "
            "poll sleeps three times.\n\n" + table(header, rows))
