#!/usr/bin/env python3
"""Measures how long a launch with many tickets and scores takes to show.

    pip install pyzmq duckdb
    swift build -c release --scratch-path .build-release
    Benchmarks/tickets.py --bin .build-release/release

Publishes tickets of four months and scores of one, some of them merged, retagged and scored twice, about a launch that was exposed
four weeks ago: its week of tickets is over, its month of satisfaction is not. Shows it again and again, first as it is, then after
each further ticket. Prints Markdown.
"""
import argparse, json, random, statistics, tempfile, time
from datetime import timedelta

from adoption import MESSAGE, START, System

EXPOSED = START - timedelta(days=28)


def moment(time):
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(identity, kind, time, data):
    return json.dumps({
        "specversion": "1.0", "id": identity, "source": "//helpdesk", "type": f"dev.gonogo.signal.{kind}.v1",
        "time": moment(time), "data": data}).encode()


def events(tickets, scores):
    """Events, ascending by time within each kind."""
    numbers = random.Random(7)
    span = timedelta(days=120)
    opened = sorted(START - span * numbers.random() for _ in range(tickets))
    for index, at in enumerate(opened):
        feature = {"feature": "feature-0"} if numbers.random() < 0.02 else {"feature": f"feature-{numbers.randrange(1, 40)}"}
        yield event(f"open-{index}", "ticket.opened", at, {
            "ticket": f"T-{index:06}", "account": f"account-{numbers.randrange(20_000)}", "channel": "email",
            "subject": "a question", **feature})
        if index and numbers.random() < 0.02:
            yield event(f"merge-{index}", "ticket.updated", min(START, at + timedelta(hours=1)), {
                "ticket": f"T-{index:06}", "mergedInto": f"T-{index - 1:06}"})
    for index in range(scores):
        ticket = numbers.randrange(tickets)
        at = START - timedelta(days=27) * numbers.random()
        yield event(f"score-{index}", "csat.scored", at, {
            "ticket": f"T-{ticket:06}", "score": numbers.randint(1, 5), "scale": "1-5"})


def shown(system):
    begun = time.monotonic()
    system.call("metrics", "verdict.show", {"launch": "launch-0"}, meta={"after": system.head(), "ttlMs": 600_000})
    return (time.monotonic() - begun) * 1_000


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True, help="the folder of the release executables")
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="where the stores are kept meanwhile")
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--scores", type=int, default=40_000)
    options = parser.parse_args()
    with System(options) as system:
        plan = {"metrics": [{"key": "tickets", "kind": "tickets", "forecast": 120},
                            {"key": "csat", "kind": "csat", "margin": "5%"}]}
        system.call("tiering", "launch.propose", {"document": {
            "launch": "launch-0", "name": "launch-0", "owner": "dana", "feature": "feature-0", "date": "2027-06-01",
            "facts": {"kinds": ["new-feature"]}}})
        known = {"after": system.head(), "ttlMs": 60_000}
        system.call("metrics", "plan.define", {"launch": "launch-0", "document": plan}, meta=known)
        system.call("metrics", "plan.seal", {"launch": "launch-0", "reason": "a benchmark"}, meta=known)
        system.call("checklist", "exposure.ship", {"launch": "launch-0", "at": moment(EXPOSED)}, meta=known)
        made = list(events(options.tickets, options.scores))
        system.publish(made[at:at + MESSAGE] for at in range(0, len(made), MESSAGE))
        system.wait(system.head())
        first = shown(system)
        again = statistics.median(shown(system) for _ in range(21))
        fresh = []
        for index in range(21):
            system.publish([[event(f"late-{index}", "ticket.opened", START, {
                "ticket": f"N-{index}", "account": "account-1", "subject": "another", "feature": "feature-3"})]])
            fresh.append(shown(system))
        print(f"{options.tickets:,} tickets and {options.scores:,} scores, {len(made):,} events: `metric show` takes {again:.0f} ms, "
              f"{statistics.median(fresh):.0f} ms after a new ticket, {first:.0f} ms the first time; "
              f"the service has used {system.memory():,.0f} MB at most.")


if __name__ == "__main__":
    main()
