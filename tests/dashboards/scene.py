"""A cloud and a daemon where everything happens that the boards show: the demo's three lively instances, and a second
project with trouble that stays."""
import yaml

from board_files import ROOT

SPEED = 10  # virtual seconds a second, as in script/demo
# A status No is a word, not YAML's false.
DEMO = yaml.safe_load((ROOT / "tests/simulator/scenarios/demo.yaml").read_text().replace("status: No", "status: 'No'"))
DEMO_PROJECT = DEMO["projects"][0]["id"]
OTHER_PROJECT = "fedcba9876543210fedcba9876543210"
STOCK, RETURNS, PARCELS, TAURUS = (f"{digit * 8}0123456789abcdef01234567in{end}" for digit, end in (("a", "17"), ("b", "17"), ("c", "17"), ("d", "07")))
DAY = "24h"
SOURCES = {"orders": "127.0.2.1", "billing": "127.0.2.1", "analytics": "127.0.2.2"}  # where TaurusDB is, by StarRocks instance


def task(name, *timeline, **more):
    return {"name": name, "source_database": name, "target_database": f"{name}_sr", "timeline": list(timeline), **more}


TROUBLE = [
    {"name": "stock", "id": STOCK, "project": OTHER_PROJECT, "address": "127.0.1.4", "wire": "numbers", "tasks": [
        task("stock_main", {"stage": "incremental"}, lag="3s"),
        task("stock_broken", {"stage": "incremental", "status": "No", "error_msg": "binlog of the source has expired"}, lag="14m"),
        task("stock_stuck", {"stage": "full", "percentage": 37.5}),
        task("stock_copy", {"stage": "full", "for": "3000s"}, repeat=True),
        task("stock_added", {"stage": "incremental", "catchup_stage": "full", "catchup_percentage": 61}),
        task("stock_torn", {"stage": "incremental", "need_repair": True}),
        task("stock_held", {"stage": "paused", "percentage": 100}),
        task("stock_dropped", {"stage": "cancelled", "percentage": 100}),
        task("stock_queued", {"stage": "wait"}),
        task("stock_odd", {"stage": "prepare", "for": DAY}),
    ]},
    {"name": "returns", "id": RETURNS, "project": OTHER_PROJECT, "address": "127.0.1.5", "wire": "numbers", "tasks": [task("returns_main", {"stage": "incremental"})]},
    {"name": "parcels", "id": PARCELS, "project": OTHER_PROJECT, "address": "127.0.1.6", "wire": "strings", "tasks": [task("parcels_main", {"stage": "incremental"})]},
]


def scenario():
    made = {**DEMO, "projects": DEMO["projects"] + [{"id": OTHER_PROJECT, "name": "logistics"}]}
    made["instances"] = [{"project": DEMO_PROJECT, **one} for one in DEMO["instances"]] + TROUBLE
    made["taurusdb"] = [{"project": DEMO_PROJECT, **one} for one in DEMO["taurusdb"]] + [
        {"id": TAURUS, "name": "depot", "project": OTHER_PROJECT, "address": "127.0.2.3", "htap": [STOCK, RETURNS, PARCELS]}]
    return yaml.safe_dump(made, allow_unicode=True)


def lag(port, host=None, source=None):
    """Without a host it is the one that the cloud lists."""
    login = {"port": port, "user": "replmond", "password": "demo", "tls": "off"}
    made = {**login, **({"host": host} if host else {}), "alert_above": "5m"}
    return {**made, "source": {**login, "host": source}} if source else made


def config(cloud, databases, state=None):
    """The demo's configuration, with a second project that discovers and has a credential that ends. Lag is measured against
    the simulator's databases, at the port `databases`; both ends of it, where the demo measures it."""
    made = yaml.safe_load((ROOT / "config/demo.yaml").read_text())
    made["poll"]["timeout"] = "2s"  # longer than the interval: a slow answer skips polls, which the boards show
    made["projects"][0]["endpoint"] = cloud
    made["projects"].append({"name": "logistics", "region": "ap-southeast-3", "project_id": OTHER_PROJECT, "endpoint": cloud, "iam_endpoint": cloud,
                             "rate_limit": "900/5m", "discover": {"interval": "5s", "lag": lag(databases, source="127.0.2.3")},
                             "auth": {"type": "password", "domain": "demo", "user": "robot", "password": "demo-password"}})
    for one in made["instances"]:
        one["project"] = "demo"
        one["lag"] = lag(databases, one["lag"]["host"], SOURCES[one["name"]])
    if state:
        made["state"] = {"path": str(state)}
    return yaml.safe_dump(made, allow_unicode=True)


# What the control interface is told once it runs: (path, body).
FAULTS = [
    ("faults", {"instance": RETURNS, "reset_at": "answer"}),
    ("faults", {"instance": PARCELS, "delay_ms": 1500}),
]
