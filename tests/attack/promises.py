"""What was promised, and whether it was kept. Pure: figures in, rows out."""

import collections
import dataclasses
import math
import re

MOST_SCRAPE = 0.2    # seconds
STALL = 0.1          # seconds: so long a scrape of the still server means that the machine stood still
NEARBY = 0.25        # seconds before and after
MOST_STOP = 3.0      # seconds
WARM_UP = 600        # seconds, or a sixth of the time
GROWTH = 0.05, 2.0   # of what it was, and MiB
SPARE = {"fds": 16, "threads": 1}  # so many connections to the cloud may be kept or not


@dataclasses.dataclass
class Row:
    promise: str
    figure: str
    kept: bool
    timing: bool = False  # whether a busy machine alone can break it


def quantiles(values):
    values = sorted(values) or [0.0]
    return values[len(values) // 2], values[min(len(values) - 1, int(len(values) * 0.99))], values[-1]


def in_ms(values):
    return "p50 {:.0f}, p99 {:.0f}, max {:.0f} ms".format(*(1000 * one for one in quantiles(values)))


def stalled(line, still):
    begin, end = line["at"] - NEARBY, line["at"] + line["took"] + NEARBY
    return any(other["took"] > STALL and other["at"] < end and other["at"] + other["took"] > begin for other in still)


def slow(scrapes, still):
    """Scrapes over the bound: (all of them, those that the daemon is to blame for)."""
    over = [line for line in scrapes if line["took"] > MOST_SCRAPE]
    return over, [line for line in over if line["took"] - line.get("others", 0.0) > MOST_SCRAPE and not stalled(line, still)]


def scrape_rows(lines, still):
    rows = []
    for path in ("/metrics", "/-/healthy"):
        ours = [line for line in lines if line["path"] == path]
        over, guilty = slow(ours, still)
        excused, times = len(over) - len(guilty), in_ms([line["took"] for line in ours])
        rows.append(Row(f"no answer to {path} over {MOST_SCRAPE * 1000:.0f} ms",
                        f"{len(guilty)} of {len(ours)} ({excused} more while the machine stood still); {times}",
                        bool(ours) and not guilty, timing=True))
        failed = [line for line in ours if line["status"] != 200]
        why = collections.Counter(re.sub(r"\d{4,}", "N", line.get("error", str(line["status"]))) for line in failed).most_common(3)
        again = sum("again" in line for line in ours)
        told = f"{len(failed)} of {len(ours)} failed{f': {why}' if why else ''}; {again} asked again after an idle close"
        rows.append(Row(f"every {path} is answered", told, bool(ours) and not failed))
    return rows


def counters(metrics, project):
    """(instance, result) to polls; (instance, None) to ticks that were skipped."""
    found = {}
    for line in metrics.splitlines():
        if line.startswith(("replmond_polls_total{", "replmond_polls_skipped_total{")) and f'project="{project}"' in line:
            label = dict(re.findall(r'(\w+)="([^"]*)"', line))
            found[label["starrocks_instance"], label.get("result")] = int(float(line.rsplit(" ", 1)[1]))
    return found


def poll_rows(before, after, elapsed, interval, instances):
    """`before`, `after`: metrics; `elapsed`: seconds between them, at least and at most."""
    was, now = counters(before, "honest"), counters(after, "honest")
    if not was or not now:
        return [Row("every honest instance is polled at each tick", "the metrics could not be read", False)]
    grown = {key: now[key] - was.get(key, 0) for key in now}
    skipped = sum(count for (_, result), count in grown.items() if result is None)
    failed = collections.Counter()
    for (_, result), count in grown.items():
        if result not in (None, "success") and count:
            failed[result] += count
    good = [count for (_, result), count in grown.items() if result == "success"]
    least, most = (seconds / interval for seconds in elapsed)
    # A poll counts when it ends, and may end a little later than its tick: one more or less is no tick that was missed.
    wrong = [count for count in good if not math.floor(least) - 1 <= count <= math.ceil(most) + 1]
    return [
        Row("no honest poll is skipped", f"{skipped}", skipped == 0),
        Row("no honest poll fails", f"{dict(failed) or 0}", not failed),
        Row("every honest instance is polled at each tick",
            f"{min(good, default=0)} to {max(good, default=0)} polls, {least:.1f} to {most:.1f} expected; {len(wrong)} instances off",
            len(good) == instances and not wrong),
    ]


def side_row(before, after):
    """Of the project whose error texts and HTAP list are refused: its list never is."""
    was, now = counters(before, "side"), counters(after, "side")
    failed = collections.Counter()
    for (instance, result), count in now.items():
        if result not in (None, "success"):
            failed[result] += count - was.get((instance, result), 0)
    good = sum(count - was.get((instance, result), 0) for (instance, result), count in now.items() if result == "success")
    return Row("a 401 of side requests costs no poll", f"{dict(+failed) or 0} failed, {good} succeeded", good > 0 and not +failed)


def median(values):
    return sorted(values)[len(values) // 2]


def memory_row(samples):
    """`samples` of the time under attack, each with `at` and `rss`."""
    if len(samples) < 12:
        return Row("memory ends as it began", f"{len(samples)} samples are too few to tell", True, timing=True)
    begin, end = samples[0]["at"], samples[-1]["at"]
    warm, window = begin + min(WARM_UP, (end - begin) / 6), (end - begin) / 10
    early = median([s["rss"] for s in samples if warm <= s["at"] <= warm + window] or [samples[len(samples) // 6]["rss"]])
    late = median([s["rss"] for s in samples if s["at"] >= end - window])
    most = max(s["rss"] for s in samples)
    return Row("memory ends as it began", f"{early:.1f} MiB after the warm-up, {late:.1f} at the end (medians), {most:.1f} at most",
               late - early < early * GROWTH[0] + GROWTH[1], timing=True)


def most_memory_row(samples, bound):
    most = max((s["rss"] for s in samples), default=0)
    return Row(f"memory stays under {bound} MiB", f"{most:.1f} MiB at most", most < bound)


def resource_rows(begin, end):
    names = {"fds": "descriptors", "threads": "threads"}
    if not end:
        return [Row(f"{names[key]} end as they began", "the daemon is gone", False) for key in SPARE]
    return [Row(f"{names[key]} end as they began", f"{begin[key]}, then {end[key]}", end[key] <= begin[key] + spare) for key, spare in SPARE.items()]


def event_rows(mistakes, numbers, made, waits, interval):
    over = [wait for wait in waits if wait > interval + 1]
    such = f": {mistakes[0]}" if mistakes else ""
    return [
        Row("every change is told once, in order", f"{len(mistakes)} tasks wrong of {made} changes{such}", made > 0 and not mistakes),
        Row("every event has its number once, printed and stored", f"{numbers or 'so it is'}", not numbers),
        Row("a change is told within its interval and 1 s", f"{len(over)} late; {in_ms(waits)}", bool(waits) and not over, timing=True),
    ]


def stop_row(seconds, code):
    return [Row("SIGTERM under attack ends it with 0", f"{code}", code == 0),
            Row(f"SIGTERM under attack ends it within {MOST_STOP:.0f} s", f"{seconds:.2f} s", seconds < MOST_STOP, timing=True)]


def never_row(promise, found):
    """`found`: texts of what must not be."""
    return Row(promise, f"{len(found)}: {found[0][:200]}" if found else "none", not found)
