"""What a poll costs the daemon, everything included, beside Python's json.loads of the same page."""

import json
import os
import subprocess
import time
import urllib.request

from bench_fleet import PROJECT_ID, Child, Fleet, identifier
from bench_scrape import free_port

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


def cost_of_json_loads(body, rounds=2000):
    began = time.process_time_ns()
    for _ in range(rounds):
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


def measure(build, seconds=15):
    """Microseconds: json.loads of a page, a quiet poll, one where every task changed, a quiet one over TLS; each of 100 tasks.
    40 polls a second; the `dense` ones 400, where what a poll needs is still in the processor's caches."""
    found = {}
    with Fleet(build, 400, 100, "1s", QUIET) as fleet:
        fleet.await_polls()
        found["quiet_dense"] = cost_of_polls(fleet, seconds)
        found["floor_dense"] = cost_of_floor(build, fleet, seconds)
    with Fleet(build, 40, 100, "1s", QUIET) as fleet:
        fleet.await_polls()
        body = page(fleet)
        found["page_bytes"] = len(body)
        found["json_loads"] = cost_of_json_loads(body)
        found["quiet"] = cost_of_polls(fleet, seconds)
        found["floor"] = cost_of_floor(build, fleet, seconds)
    with Fleet(build, 40, 100, "1s", CHANGING) as fleet:
        fleet.await_polls()
        found["changing"] = cost_of_polls(fleet, seconds)
    with Fleet(build, 40, 100, "1s", QUIET, endpoint=tls_front, project=", ca_file: ca.pem") as fleet:
        fleet.await_polls()
        found["tls"] = cost_of_polls(fleet, seconds)
    return found
