"""Where the daemon's processor time goes: samples of its process by the processor's clock (perf), told apart by what was running."""

import collections
import re
import shutil
import subprocess
import time

from bench_fleet import Fleet
from bench_poll import QUIET, cost_of_polls, tls_front
from bench_scrape import cost

# What a symbol of the kernel is for, by its name; the first that fits.
KERNEL = (
    ("kernel: sleeping, waking, timers", r"sched|wake|idle|epoll|^ep_|eventfd|hrtimer|timer|ktime|clock|futex|switch|rq_|_rq$|_fair|^pick_|queue_entity|update_(curr|load|cfs)|"
                                         r"wait|cpuacct|^tick_|pv_|rcu|irq|softirq|mwait"),
    ("kernel: copying bytes", r"copy|^rep_|clear_page|memcpy|memset|iov_iter"),
    ("kernel: sockets", r"tcp|sock|^sk_|skb|^ip_|^__ip|inet|netif|^net_|loopback|^lo|nf_|dst_|neigh|send|recv|xmit|^dev_|fib_|route|bpf|csum|eth_"),
    ("kernel: into a call and out", r"syscall|entry_|exit_to|sysret|fget|fput|fdget|audit|security_|apparmor|ksys|vfs_|rw_verify|import_"),
    ("kernel: memory", r"page|folio|kmem|kmalloc|kfree|slab|slub|alloc|free|memcg|fault|mm_"),
)
OURS = (
    ("Asio", r"boost::asio::"),
    ("Beast", r"boost::beast::|boost::intrusive"),
    ("ours: scheduler and budget", r"replmond::schedule::|replmond::monitor::dispatcher"),
    ("ours: credentials, signing, targets", r"replmond::cloud::"),
    ("ours: HTTP, connections", r"replmond::(net|client|server|http)::"),
    ("ours: tracking, polls", r"replmond::(monitor|tracking)::"),
    ("ours: metrics", r"replmond::metrics::|prometheus::"),
    ("ours: the rest", r"replmond::"),
)
LIBRARIES = ((r"libcrypto|libssl", "TLS"), (r"libz", "deflate"), (r"libprometheus", "ours: metrics"), (r"vdso", "reading clocks"))
ALLOCATION = r"malloc|calloc|free|realloc|operator new|operator delete|_int_|sysmalloc|tcache|unlink_chunk"
BYTES = r"mem(cpy|move|cmp|set|chr|rchr)|str(len|cmp|chr)"


def function_of(symbol):
    """A demangled symbol's qualified name: without what it returns, its template's arguments and its own."""
    plain = symbol.replace("(anonymous namespace)", "_").replace("operator()", "call")
    depth, kept = 0, []
    for character in plain:
        depth -= character in ")>"
        if depth <= 0 and character not in "()<>":
            kept.append(character)
        depth += character in "(<"
    return "".join(kept).split(" [", 1)[0].strip().rsplit(" ", 1)[-1] or symbol


def part_of(library, symbol):
    """What a sample was doing: a row of the table."""
    if "kernel" in library:
        return next((part for part, name in KERNEL if re.search(name, symbol)), "kernel: the rest")
    for name, part in LIBRARIES:
        if re.search(name, library):
            return part
    if re.search(ALLOCATION, symbol):
        return "allocating and freeing"
    if re.search(BYTES, symbol):
        return "copying and comparing bytes"
    if library.startswith("replmond"):
        name = function_of(symbol)
        return next((part for part, pattern in OURS if re.search(pattern, name)), "the standard library")
    return "libc, the rest" if "libc" in library else "the standard library"


def samples(pid, seconds, data):
    """{part: how many samples} of a process that works meanwhile."""
    subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-F", "4999", "-p", str(pid), "-o", str(data), "--", "sleep", str(seconds)],
                   check=True, capture_output=True)
    text = subprocess.run(["perf", "script", "-i", str(data), "-F", "ip,sym,dso"], check=True, capture_output=True, text=True).stdout
    found = collections.Counter()
    for line in text.splitlines():
        if seen := re.match(r"\s*[0-9a-f]+\s+(.*) \((.*)\)\s*$", line):
            found[part_of(seen.group(2).rsplit("/", 1)[-1], seen.group(1))] += 1
    return found


def shares(found):
    whole = sum(found.values())
    return {part: count / whole for part, count in found.most_common()}


def where_polls_spend(build, name, seconds, **fleet_like):
    with Fleet(build, 400, 100, "1s", QUIET, **fleet_like) as fleet:
        fleet.await_polls()
        return {"what": name, "us": cost_of_polls(fleet, seconds), "shares": shares(samples(fleet.daemon.pid, seconds, fleet.folder / "perf.data"))}


def where_scrapes_spend(fleet, name, packed, seconds):
    """One after the other, from a process of its own, as fast as they go."""
    spent = cost(fleet.daemon, packed, seconds, most=10**9)["cpu"] * 1e6
    code = ("import sys, bench_scrape, time\nscraper, ends = bench_scrape.Scraper(sys.argv[1], sys.argv[2] == 'True'), time.monotonic() + float(sys.argv[3])\n"
            "while time.monotonic() < ends: scraper.once()\n")
    load = subprocess.Popen(["/usr/bin/python3", "-c", code, fleet.daemon.address, str(packed), str(seconds + 2)], cwd=__file__.rsplit("/", 1)[0])
    try:
        time.sleep(1)
        return {"what": name, "us": spent, "shares": shares(samples(fleet.daemon.pid, seconds, fleet.folder / "perf.data"))}
    finally:
        load.wait()


def measure(build, seconds=10):
    """Nothing where this machine has no perf, or does not let it look."""
    if not shutil.which("perf") or subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-o", "/dev/null", "--", "true"], capture_output=True, check=False).returncode:
        return []
    found = [where_polls_spend(build, "a quiet poll", seconds),
             where_polls_spend(build, "a quiet poll, TLS", seconds, endpoint=tls_front, project=", ca_file: ca.pem")]
    with Fleet(build, 400, 10) as fleet:
        fleet.await_polls()
        found += [where_scrapes_spend(fleet, "a scrape", False, seconds), where_scrapes_spend(fleet, "a scrape, packed", True, seconds)]
    return found
