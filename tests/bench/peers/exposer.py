"""A peer to measure beside: the same series, kept and served by Python's prometheus_client."""

import signal
import sys

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server
from prometheus_client.parser import text_string_to_metric_families


def register(registry, family):
    kinds = {"gauge": Gauge, "counter": Counter}
    if family.type not in kinds or not family.samples:
        return
    names = sorted({name for sample in family.samples for name in sample.labels})
    kept = kinds[family.type](family.name, family.documentation, names, registry=registry)
    for sample in family.samples:
        child = kept.labels(*(sample.labels.get(name, "") for name in names)) if names else kept
        if family.type == "gauge":
            child.set(sample.value)
        else:
            child.inc(sample.value)


def main():
    address, path = sys.argv[1:]
    host, port = address.rsplit(":", 1)
    registry = CollectorRegistry()
    with open(path, encoding="utf-8") as file:
        for family in text_string_to_metric_families(file.read()):
            register(registry, family)
    start_http_server(int(port), host, registry)
    print("ready", flush=True)
    signal.sigwait([signal.SIGTERM, signal.SIGINT])


main()
