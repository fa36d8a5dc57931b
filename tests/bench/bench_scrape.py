"""What a scrape costs: the daemon beside what a user would pick instead, on the same series."""

import gzip
import http.client
import os
import shutil
import socket
import statistics
import threading
import time

from bench_fleet import Child, processor_ns

FLEETS = [(1000, 1), (400, 10), (40, 100)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Scraper:
    """Scrapes like Prometheus: keeps its connection where the server does."""

    def __init__(self, address, packed, path="/metrics"):
        self.address = address
        self.path = path
        self.headers = {"Accept": "text/plain;version=0.0.4", "Accept-Encoding": "gzip" if packed else "identity"}
        self.connection = http.client.HTTPConnection(address, timeout=120)
        self.buffer = bytearray(64 << 20)

    def _ask(self):
        try:
            self.connection.request("GET", self.path, headers=self.headers)
            return self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):  # an idle connection, closed without a word
            self.connection.close()
            self.connection.request("GET", self.path, headers=self.headers)
            return self.connection.getresponse()

    def once(self):
        """(seconds, bytes of the body)"""
        began = time.perf_counter()
        answer = self._ask()
        assert answer.status == 200, answer.status
        view, size = memoryview(self.buffer), 0
        while got := answer.readinto(view[size:]):
            size += got
        took = time.perf_counter() - began
        assert size < len(self.buffer), "a body larger than the buffer"
        if answer.will_close:
            self.connection.close()
        return took, size

    def body(self):
        _, size = self.once()
        return bytes(self.buffer[:size])


def cost(child, packed, budget=3.0, most=200):
    """Processor seconds of the server for one scrape, and the median time that one took."""
    scraper = Scraper(child.address, packed)
    scraper.once()
    scraper.once()
    before, times, began = child.processor_ns(), [], time.monotonic()
    while len(times) < most and (len(times) < 5 or time.monotonic() - began < budget):
        took, size = scraper.once()
        times.append(took)
    return {"cpu": (child.processor_ns() - before) / 1e9 / len(times), "wall": statistics.median(times), "bytes": size}


def latencies(child, packed, seconds, pause, path="/metrics"):
    """Seconds from the request to the whole answer, of one after the other."""
    scraper = Scraper(child.address, packed, path)
    scraper.once()
    times, ends = [], time.monotonic() + seconds
    while time.monotonic() < ends:
        time.sleep(pause)
        times.append(scraper.once()[0])
    times.sort()
    return {"scrapes": len(times), "p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)], "max": times[-1]}


def together(child, packed, scrapers, rounds):
    """Processor seconds a scrape with `scrapers` of them at once."""
    def scrape():
        one = Scraper(child.address, packed)
        for _ in range(rounds):
            one.once()

    before = child.processor_ns()
    threads = [threading.Thread(target=scrape) for _ in range(scrapers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (child.processor_ns() - before) / 1e9 / (scrapers * rounds)


def in_turns(one, other, rounds=7):
    """How many times what `one` costs `other` does, the middle of so many pairs: what both depend on changes with time."""
    return statistics.median(second / first for first, second in ((one(), other()) for _ in range(rounds)))


def ten_at_once(child):
    """{encoding: how many times one scrape's cost ten at once are}"""
    return {encoding: 10 * in_turns(lambda packed=packed: cost(child, packed, 1.0)["cpu"], lambda packed=packed: together(child, packed, 10, 8 if not packed else 40))
            for encoding, packed in (("identity", False), ("gzip", True))}


def peers(folder, build, exposition):
    """(name, command, environment) of each peer that this machine has, and their address."""
    address = lambda: f"127.0.0.1:{free_port()}"
    found = []
    exposer = build / "tests/bench/peer-exposer"
    if exposer.exists():
        where = address()
        found.append(("prometheus-cpp exposer", where, [exposer, where, exposition], None, "ready"))
    go = build / "peer-go"
    if go.exists():
        where = address()
        found.append(("client_golang", where, [go, where, exposition], None, "ready"))
    where = address()
    found.append(("Python prometheus_client", where,
                  ["/usr/bin/python3", os.path.join(os.path.dirname(__file__), "peers/exposer.py"), where, exposition], None, "ready"))
    if shutil.which("nginx") or os.path.exists("/usr/sbin/nginx"):
        where = address()
        config = folder / "nginx.conf"
        text = (os.path.join(os.path.dirname(__file__), "peers/nginx.conf"))
        with open(text, encoding="utf-8") as source:
            config.write_text(source.read().replace("FOLDER", str(folder)).replace("ADDRESS", where))
        found.append(("nginx, a file", where, ["/usr/sbin/nginx", "-c", config, "-p", folder], None, None))
    return found


class Served(Child):
    """A peer whose address was chosen for it."""

    def __init__(self, folder, name, address, command, ready):
        super().__init__(folder, name, command, ready=ready or r"")
        self.address = address
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(tuple_of(address), timeout=5).close()
                return
            except OSError:
                time.sleep(0.02)
        raise SystemExit(f"{name} does not listen")


def tuple_of(address):
    host, port = address.rsplit(":", 1)
    return host, int(port)


class Nginx(Served):
    def processor_ns(self):
        """Of the worker: the master does nothing."""
        with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as children:
            return sum(processor_ns(int(pid)) for pid in children.read().split())


def measure(fleet, build):
    """Rows of {server, encoding, cpu, wall, bytes}, and the number of series."""
    text = Scraper(fleet.daemon.address, False).body()
    series = sum(1 for line in text.splitlines() if line and not line.startswith(b"#"))
    exposition = fleet.folder / "exposition.txt"
    exposition.write_bytes(text)
    os.chmod(fleet.folder, 0o755)
    rows, beside_nginx = [], None
    for encoding in ("identity", "gzip"):
        rows.append({"server": "replmond", "encoding": encoding, **cost(fleet.daemon, encoding == "gzip")})
    for name, address, command, _, ready in peers(fleet.folder, build, exposition):
        kind = Nginx if name.startswith("nginx") else Served
        peer = kind(fleet.folder, name.split()[0].rstrip(","), address, command, ready)
        try:
            for encoding in ("identity", "gzip"):
                rows.append({"server": name, "encoding": encoding, **cost(peer, encoding == "gzip")})
            if kind is Nginx:
                beside_nginx = in_turns(lambda server=peer: cost(server, False, 1.0)["cpu"], lambda: cost(fleet.daemon, False, 1.0)["cpu"])
        finally:
            peer.stop()
    return {"beside_nginx": beside_nginx, "series": series, "identity_bytes": len(text), "gzip1_bytes": len(gzip.compress(text, 1)), "rows": rows}
