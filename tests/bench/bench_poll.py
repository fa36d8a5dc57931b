"""What a poll costs the daemon, everything included, beside Python's json.loads of the same page."""

import json
import os
import subprocess
import time
import urllib.request

from bench_fleet import PROJECT_ID, Child, Fleet, identifier
from bench_scrape import free_port

PACES = (1000, 400, 40)  # polls a second
QUIET = ""
CHANGING = ", timeline: [{stage: full, percentage: [0, 100], for: 10m}]"


def cost_of_polls(fleet, seconds):
    """Processor microseconds of a poll, over that many seconds of polling and nothing else."""
    polls = fleet.total("replmond_polls_total", result="success")
    before = fleet.daemon.processor_ns()
    time.sleep(seconds)
    spent = fleet.daemon.processor_ns() - before
    polls = fleet.total("replmond_polls_total", result="success") - polls
    return spent / 1e3 / polls


def cost_of_floor(build, fleet, seconds):
    """The same two requests a poll at the same pace by a client that does nothing else (peers/floor_poll.cpp)."""
    said = subprocess.run([build / "tests/bench/peer-floor-poll", fleet.cloud.address, PROJECT_ID, str(fleet.instances),
                           str(fleet.instances), str(seconds)], check=True, capture_output=True, text=True).stdout
    return float(said.split()[0])


def page(fleet):
    url = f"http://{fleet.cloud.address}/v3/{PROJECT_ID}/instances/{identifier(1)}/starrocks/databases/replication?limit=100&offset=0"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"X-Auth-Token": "bench-token"})) as answer:
        return answer.read()


def cost_of_json_loads(body, pause=0.0, rounds=2000):
    """Processor microseconds of one, in a loop or each after a pause."""
    began = time.process_time_ns()
    for _ in range(rounds):
        if pause:
            time.sleep(pause)
        json.loads(body)
    return (time.process_time_ns() - began) / 1e3 / rounds


def tls_front(fleet):
    """nginx with a certificate of its own before the simulator. Returns the URL; the authority is ca.pem beside it."""
    port = free_port()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", fleet.folder / "key.pem", "-out", fleet.folder / "ca.pem"], check=True, capture_output=True)
    config = fleet.folder / "tls.conf"
    config.write_text(f"""
daemon off; worker_processes 1; pid {fleet.folder}/tls.pid; error_log {fleet.folder}/tls.err;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {fleet.folder}/tmp; proxy_temp_path {fleet.folder}/tmp; fastcgi_temp_path {fleet.folder}/tmp;
  uwsgi_temp_path {fleet.folder}/tmp; scgi_temp_path {fleet.folder}/tmp;
  upstream cloud {{ server {fleet.cloud.address}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {fleet.folder}/ca.pem; ssl_certificate_key {fleet.folder}/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3; keepalive_requests 1000000;
    location / {{ proxy_pass http://cloud; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; }}
  }}
}}""")
    os.chmod(fleet.folder, 0o755)
    fleet.children.append(Child(fleet.folder, "tls", ["/usr/sbin/nginx", "-c", config, "-p", fleet.folder], ready=""))
    return f"https://localhost:{port}"


def measure_pace(build, instances, seconds):
    """With so many polls a second, of 100 tasks each; microseconds a poll."""
    found = {"rate": instances}
    with Fleet(build, instances, 100, "1s", QUIET) as fleet:
        fleet.await_polls()
        found["quiet"] = cost_of_polls(fleet, seconds)
        found["floor"] = cost_of_floor(build, fleet, seconds)
        found["json_loads"] = cost_of_json_loads(page(fleet), 1 / instances, instances * seconds // 2)
    with Fleet(build, instances, 100, "1s", CHANGING) as fleet:
        fleet.await_polls()
        found["changing"] = cost_of_polls(fleet, seconds)
    with Fleet(build, instances, 100, "1s", QUIET, endpoint=tls_front, project=", ca_file: ca.pem") as fleet:
        fleet.await_polls()
        found["tls"] = cost_of_polls(fleet, seconds)
    return found


def measure(build, seconds=15):
    """At several paces, since what sleeps in between begins with cold caches; and json.loads in a loop, which never does."""
    with Fleet(build, 1, 100, "1h", QUIET) as fleet:
        fleet.await_polls()
        body = page(fleet)
    return {"page_bytes": len(body), "json_loads": cost_of_json_loads(body),
            "paces": [measure_pace(build, instances, seconds) for instances in PACES]}
