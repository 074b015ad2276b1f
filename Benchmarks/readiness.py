#!/usr/bin/env python3
"""Measures how long lists over many running launches take: the board, one launch's readiness, and the items of one person.

    pip install pyzmq duckdb
    swift build -c release --scratch-path .build-release
    Benchmarks/readiness.py --bin .build-release/release
    deploy/postgres-for-tests Benchmarks/readiness.py --bin .build-release/release     # also on PostgreSQL

Imports launches of tier 1 with as many items each, of which a third is assigned to 40 people, and ships some, so that there is
history to forecast from. Prints Markdown. Exits 1 if a percentile exceeds its limit.
"""
import argparse, json, math, os, statistics, sys, tempfile, time
from datetime import date, timedelta

from adoption import System

FUNCTIONS = ["engineering", "product", "marketing", "cs", "sales", "support", "product-ops"]
PEOPLE = 40
PATIENCE = {"ttlMs": 600_000}


def roster():
    people = {
        f"lead-{function}": {"name": f"Lead of {function}", "functions": [function], "lead": [function]}
        for function in FUNCTIONS}
    for index in range(PEOPLE):
        people[f"person-{index}"] = {"name": f"Person {index}", "functions": FUNCTIONS}
    people["operator"] = {
        "name": "Operator", "functions": ["product-ops"], "roles": ["product-ops"], "principals": [f"uid:{os.getuid()}"]}
    return {"people": people, "grants": [{"principal": f"uid:{os.getuid()}", "onBehalfOf": "any"}]}


def document(index, segments):
    day = date(2027, 3, 1) + timedelta(days=7 * (index % 100) + index % 5)
    return {
        "launch": f"launch-{index}", "name": f"Launch {index}", "owner": f"person-{index % PEOPLE}",
        "feature": f"feature-{index}", "date": day.isoformat(), "timeZone": "America/New_York", "locales": ["en", "de"],
        "segments": [f"segment-{number}" for number in range(segments)], "facts": {"kinds": ["new-surface"]}}


class Measured(System):
    """A system whose calls are timed from the request to the bytes of the answer."""

    def timed(self, method, params, person="operator"):
        meta = dict(PATIENCE, onBehalfOf=person) if person != "operator" else PATIENCE
        begun = time.monotonic()
        number = self.send("checklist", method, dict(params, _meta=meta))
        if not self.socket("checklist").poll(600_000):
            raise SystemExit(f"{method}: no answer")
        frames = self.socket("checklist").recv_multipart()
        taken = (time.monotonic() - begun) * 1_000
        answer = json.loads(frames[1])
        if "error" in answer or int(answer["id"]) != number:
            raise SystemExit(f"{method}: {answer}")
        return taken, len(frames[1]), answer["result"]

    def follow(self):
        head = self.head()
        while self.offset("checklist") < head:
            time.sleep(0.1)

    def populate(self, count, items, past):
        """Launches with that many items each."""
        self.call("checklist", "roster.adopt", {"document": roster()}, meta=PATIENCE)
        self.follow()
        probe = dict(document(0, 1), launch="probe")
        self.call("tiering", "launch.propose", {"document": probe}, meta=PATIENCE)
        self.follow()
        base = len(self.call("checklist", "checklist.items", {"launch": "probe"}, meta=PATIENCE)["items"])
        self.call("tiering", "launch.cancel", {"launch": "probe", "reason": "it counted the items"}, meta=PATIENCE)
        segments = items - base + 1
        if segments < 1:
            raise SystemExit(f"launches have at least {base} items")
        for first in range(0, count, 100):
            documents = [document(index, segments) for index in range(first, min(first + 100, count))]
            self.call("tiering", "launch.import", {"documents": documents}, meta=PATIENCE)
        self.follow()
        for index in range(count):
            listed = self.call("checklist", "checklist.items", {"launch": f"launch-{index}"}, meta=PATIENCE)["items"]
            if len(listed) != items:
                raise SystemExit(f"launch-{index} has {len(listed)} items")
            keys = [item["key"] + ("/" + item["instance"] if item.get("instance") else "") for item in listed[::3]]
            self.call(
                "checklist", "item.assign",
                {"launch": f"launch-{index}", "keys": keys, "to": f"person-{index % PEOPLE}"}, meta=PATIENCE)
        for index in range(past):
            self.call("checklist", "exposure.ship", {"launch": f"launch-{index}"}, meta=PATIENCE)
        self.follow()


def percentile(times, share=0.95):
    return sorted(times)[math.ceil(share * len(times)) - 1]


class Table:
    def __init__(self):
        self.slow = []
        print("| call | median | 95th percentile | limit | answer |")
        print("|---|---|---|---|---|")

    def row(self, name, times, limit=None, size=None):
        high = percentile(times)
        bound = f"{limit} ms" if limit else ""
        answer = f"{size / 1_024:,.0f} KiB" if size else ""
        print(f"| {name} | {statistics.median(times):.1f} ms | {high:.1f} ms | {bound} | {answer} |", flush=True)
        if limit and high > limit:
            self.slow.append(name)


def measure(options, database):
    with Measured(options, database) as system:
        system.populate(options.launches, options.items, options.past)
        # Restarted, so that nothing is in memory; lists of items make no forecasts.
        system.stop("checklist")
        system.start("checklist")
        table = Table()
        first, size, _ = system.timed("item.mine", {}, "person-0")
        table.row("`item.mine`, first after a start", [first], size=size)
        system.timed("readiness.show", {"launch": "launch-0"})
        fresh, again, making = [], [], []
        for index in range(options.past, options.past + options.calls):
            params = {"launch": f"launch-{index}"}
            fresh.append(system.timed("readiness.show", params)[0])
            taken, size, view = system.timed("readiness.show", params)
            if "forecast" not in view:
                raise SystemExit(f"launch-{index} has no forecast")
            again.append(taken)
            making.append(fresh[-1] - taken)
        table.row("`readiness.show`, with a new forecast", fresh, 200, size)
        table.row("`readiness.show`, again", again, 200, size)
        table.row("the forecast: the difference of these two", making, 20)
        for name, person in (("a member", "person-1"), ("a lead", "lead-engineering")):
            calls = [system.timed("item.mine", {}, person) for _ in range(options.calls)]
            found = f"{len(calls[-1][2]['items']):,} items" + (", first page" if calls[-1][2].get("next") else "")
            table.row(f"`item.mine` of {name} ({found})", [call[0] for call in calls], 200, calls[-1][1])
        calls = [
            system.timed("item.mine", {"dueWithinDays": 7 * 12}, f"person-{index % PEOPLE}") for index in range(options.calls)]
        table.row("`item.mine`, due within 12 weeks", [call[0] for call in calls], 200, calls[-1][1])
        calls = [system.timed("readiness.board", {}) for _ in range(options.calls)]
        table.row("`readiness.board`, a page, while forecasts are made", [call[0] for call in calls], 200, calls[-1][1])
        pages, total, lacking, position = 0, 0.0, 1, None
        while lacking or position:
            if not position:
                pages, total, lacking = 0, 0.0, 0
            taken, _, page = system.timed("readiness.board", {"next": position} if position else {})
            pages, total, position = pages + 1, total + taken, page.get("next")
            # The forecast of a shipped launch is absent for good.
            lacking += sum("forecast" not in view for view in page["launches"]
                           if int(view["launch"].split("-")[1]) >= options.past)
            if lacking and not position:
                time.sleep(5)
        calls = [system.timed("readiness.board", {}) for _ in range(options.calls)]
        table.row("`readiness.board`, a page", [call[0] for call in calls], 200, calls[-1][1])
        table.row(f"`readiness.board`, all {pages} pages", [total])
        changed = []
        for index in range(options.calls):
            launch = f"launch-{options.past + index}"
            for method, reason in (("item.block", "the supplier is late"), ("item.unblock", "it came")):
                system.call("checklist", method, {"launch": launch, "key": "qa", "reason": reason}, meta=PATIENCE)
                changed.append(system.timed("readiness.board", {})[0])
        table.row("`readiness.board`, a page, after each change", changed, 200)
        print(f"\nThe checklist has used {system.memory('checklist'):,.0f} MB at most.", flush=True)
        return table.slow


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True, help="the folder of the release executables")
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="where the stores are kept meanwhile")
    parser.add_argument("--launches", type=int, default=1_000)
    parser.add_argument("--items", type=int, default=60, help="items of each launch")
    parser.add_argument("--past", type=int, default=20, help="launches that are shipped, to learn from")
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--postgres", default=os.environ.get("GONOGO_TEST_POSTGRES"), help="the URL of a database for it")
    options = parser.parse_args()
    if options.past + options.calls > options.launches:
        parser.error("there must be at least as many --launches as --past and --calls together")
    slow = []
    for engine, database in [("SQLite", None)] + ([("PostgreSQL", options.postgres)] if options.postgres else []):
        print(f"\n{options.launches:,} launches with {options.items} items each, {engine}, {options.calls} calls each:\n")
        slow += [f"{name} ({engine})" for name in measure(options, database)]
    if slow:
        sys.exit("slower than the limit: " + "; ".join(slow))


if __name__ == "__main__":
    main()
