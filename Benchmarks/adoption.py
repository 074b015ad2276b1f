#!/usr/bin/env python3
"""Measures how fast adoption is counted, beside DuckDB and PostgreSQL on the same events, and compares all counts.

    pip install pyzmq duckdb "psycopg[binary]"
    swift build -c release --scratch-path .build-release
    Benchmarks/adoption.py --bin .build-release/release
    deploy/postgres-for-tests Benchmarks/adoption.py --bin .build-release/release     # also on PostgreSQL

Publishes uses of as many features as there are launches, on a clock that runs through 30 days meanwhile, while the metrics service
is stopped; then starts it, on a clock of ordinary speed, and measures until it has caught up. Prints Markdown. Exits 1 if a count differs.
"""
import argparse, json, os, random, shutil, signal, statistics, subprocess, sys, tempfile, time
from datetime import datetime, timedelta, timezone

import duckdb, zmq

START = datetime(2027, 1, 1, tzinfo=timezone.utc)
SERVICES = ["bus", "tiering", "checklist", "metrics"]
MESSAGE = 1_000
DAYS = 30


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Usage:
    """The uses, as whole numbers: event n is always the same."""

    def __init__(self, events, accounts, seed):
        self.events, self.accounts, self.seed = events, accounts, seed

    def parts(self, first, count, features, now):
        numbers = random.Random(self.seed * 1_000_003 + first)
        time = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for index in range(first, first + count):
            account, feature = int(numbers.random() * self.accounts), int(numbers.random() * features)
            yield account, feature, (
                f'{{"specversion":"1.0","id":"use-{index}","source":"//analytics/web",'
                f'"type":"dev.gonogo.signal.feature.used.v1","time":"{time}",'
                f'"data":{{"feature":"feature-{feature}","account":"account-{account}"}}}}').encode()


class System:
    """Running services in a temporary folder."""

    def __init__(self, options, database=None, rate=1.0):
        self.bin, self.database = options.bin, database
        self.folder = tempfile.mkdtemp(prefix="gonogo-adoption-", dir=options.folder)
        self.run = tempfile.mkdtemp(prefix="gonogo-", dir="/tmp")
        self.set_clock(START, rate)
        self.processes, self.sockets, self.number = {}, {}, 0

    def set_clock(self, start, rate):
        """What the clock reads from now on in services that are started, and how fast it runs."""
        self.begun, self.anchor, self.rate = start, datetime.now(timezone.utc), rate
        self.clock = f"{start:%Y-%m-%dT%H:%M:%S.%fZ}@{rate}#{self.anchor:%Y-%m-%dT%H:%M:%S.%fZ}"

    def restart(self):
        """Restarts every service but metrics with a clock that runs as fast as everybody's."""
        for service in list(self.processes):
            self.stop(service)
        self.set_clock(self.now(), 1)
        for service in SERVICES:
            if service != "metrics":
                self.start(service)

    def __enter__(self):
        for service in SERVICES:
            self.start(service)
        return self

    def __exit__(self, *_):
        for service in list(self.processes):
            self.stop(service)
        for socket in self.sockets.values():
            socket.close(0)
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.run, ignore_errors=True)

    def now(self):
        """The services' time."""
        return self.begun + (datetime.now(timezone.utc) - self.anchor) * self.rate

    def start(self, service):
        variables = dict(os.environ, GONOGO_CLOCK=self.clock, GONOGO_DATABASE_URL=self.database or "")
        self.processes[service] = subprocess.Popen(
            [f"{self.bin}/gonogo-{service}", "--run", self.run, "--data", self.folder, "--log-level", "error"],
            env=variables)
        end = time.monotonic() + 60
        while True:
            try:
                return self.call(service, "service.ping", timeout=1_000)
            except TimeoutError:
                if time.monotonic() > end or self.processes[service].poll() is not None:
                    raise SystemExit(f"gonogo-{service} does not answer")

    def stop(self, service, how=signal.SIGTERM):
        process = self.processes.pop(service)
        process.send_signal(how)
        process.wait()

    def socket(self, service):
        if service not in self.sockets:
            socket = zmq.Context.instance().socket(zmq.DEALER)
            socket.connect(f"ipc://{self.run}/{service}.sock")
            self.sockets[service] = socket
        return self.sockets[service]

    def send(self, service, method, params=None, parts=()):
        self.number += 1
        request = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params or {}}
        self.socket(service).send_multipart([b"", json.dumps(request).encode(), *parts])
        return self.number

    def receive(self, service, timeout):
        socket = self.socket(service)
        if not socket.poll(timeout):
            self.sockets.pop(service).close(0)
            raise TimeoutError(f"no answer from {service}")
        answer = json.loads(socket.recv_multipart()[1])
        if "error" in answer:
            raise RuntimeError(f"{service}: {answer['error']}")
        return int(answer["id"]), answer["result"]

    def call(self, service, method, params=None, timeout=600_000, meta=None):
        params = dict(params or {}, **({"_meta": meta} if meta else {}))
        number = self.send(service, method, params)
        while True:
            answered, result = self.receive(service, timeout)
            if answered == number:
                return result

    def head(self):
        return self.call("bus", "events.head")["head"]

    def offset(self, consumer="metrics"):
        for position in self.call("bus", "events.consumers")["consumers"]:
            if position["consumer"] == consumer:
                return position["offset"]
        return 0

    def wait(self, offset):
        while self.offset() < offset:
            time.sleep(0.05)

    def memory(self, service="metrics"):
        """The most memory that a service has used, in MB."""
        with open(f"/proc/{self.processes[service].pid}/status") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))

    def publish(self, parts_of, pace=None, outstanding=8):
        """Publishes messages of events, by default as fast as the bus takes them; returns how long it took."""
        begun, sent, waiting = time.monotonic(), 0, 0
        for parts in parts_of:
            while waiting >= outstanding:
                waiting -= self.stored()
            if pace:
                time.sleep(max(0.0, begun + sent / pace - time.monotonic()))
            self.send("bus", "events.publish", parts=parts)
            sent, waiting = sent + len(parts), waiting + 1
        while waiting:
            waiting -= self.stored()
        return time.monotonic() - begun

    def stored(self):
        _, result = self.receive("bus", 60_000)
        refused = [entry for entry in result["results"] if entry["status"] == "rejected"]
        if refused:
            raise SystemExit(f"the bus refused an event: {refused[0]}")
        return 1

    def launch(self, index):
        name = f"launch-{index}"
        document = {"launch": name, "name": name, "owner": "dana", "feature": f"feature-{index}", "date": "2027-06-01",
                    "facts": {"kinds": ["new-feature"]}}
        plan = {"metrics": [{"key": "adoption", "kind": "adoption", "target": ">= 30%", "days": DAYS}]}
        self.call("tiering", "launch.propose", {"document": document})
        known = {"after": self.head(), "ttlMs": 60_000}
        self.call("metrics", "plan.define", {"launch": name, "document": plan}, meta=known)
        self.call("metrics", "plan.seal", {"launch": name, "reason": "a benchmark has no history"}, meta=known)
        self.call("checklist", "exposure.ship", {"launch": name}, meta=known)

    def show(self, index=0, **params):
        view = self.call("metrics", "verdict.show", dict(params, launch=f"launch-{index}"), meta={"ttlMs": 600_000})
        return view["metrics"][0]

    def milliseconds(self, times, **params):
        """The median of showing a launch's metrics."""
        taken = []
        for _ in range(times):
            begun = time.monotonic()
            self.show(**params)
            taken.append((time.monotonic() - begun) * 1_000)
        return statistics.median(taken)


def counted(rows, ends):
    """The number of active and of adopted accounts of each launch, by DuckDB, and how long it took to load them.

    Rows ascend by time and begin after every exposure, so the first of each account and feature decides.
    """
    base = duckdb.connect()
    base.execute("CREATE TABLE used (account INTEGER, feature INTEGER, used_at TIMESTAMPTZ, UNIQUE (account, feature))")
    begun = time.monotonic()
    for at, chunk in rows:
        base.execute(
            "INSERT INTO used SELECT unnest($1), unnest($2), $3 ON CONFLICT DO NOTHING",
            [[account for account, _ in chunk], [feature for _, feature in chunk], at])
    loaded = time.monotonic() - begun
    return [
        base.execute(
            "SELECT count(DISTINCT account), count(*) FILTER (feature = $1) FROM used WHERE used_at < $2", [index, end]
        ).fetchone() for index, end in enumerate(ends)
    ], loaded


def upserted(url, rows):
    """How long PostgreSQL takes to keep the first activity and use of each account, as one launch needs it."""
    import psycopg
    with psycopg.connect(url, autocommit=True) as base:
        base.execute("DROP TABLE IF EXISTS adoption_baseline")
        base.execute("CREATE TABLE adoption_baseline (account TEXT PRIMARY KEY, active BIGINT NOT NULL, used BIGINT)")
        begun, number = time.monotonic(), 0
        for _, chunk in rows:
            first = {}
            for account, feature in chunk:
                number += 1
                active, used = first.get(account, (number, None))
                first[account] = (active, used if used or feature else number)
            base.execute(
                """
                INSERT INTO adoption_baseline SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bigint[])
                ON CONFLICT (account) DO UPDATE SET
                  active = least(adoption_baseline.active, excluded.active),
                  used = least(adoption_baseline.used, excluded.used)
                """,
                [[f"account-{account}" for account in first], [active for active, _ in first.values()],
                 [used for _, used in first.values()]])
        taken = time.monotonic() - begun
        base.execute("DROP TABLE adoption_baseline")
        return taken


def messages(system, usage, features, record=None):
    for first in range(0, usage.events, MESSAGE):
        now = system.now()
        now = now.replace(microsecond=now.microsecond // 1_000 * 1_000)
        made = list(usage.parts(first, min(MESSAGE, usage.events - first), features, now))
        if record is not None:
            record.append((now, [(account, feature) for account, feature, _ in made]))
        yield [part for _, _, part in made]


def measure(options, launches, database=None):
    usage = Usage(options.events, options.accounts, seed=launches)
    features = max(launches, 20)
    rows = []
    figures = {}
    # Fast enough that the events fall into the whole window, at the speed at which Python makes them.
    rate = DAYS * 86_400 * 0.9 / (options.events / options.published)
    with System(options, database, rate) as system:
        for index in range(launches):
            system.launch(index)
        system.wait(system.head())
        system.stop("metrics")
        system.publish(messages(system, usage, features, rows))
        # On the clock that ran through 30 days in minutes, the hourly work of the service would be done several times a second.
        system.restart()
        head = system.head()
        begun = time.monotonic()
        system.start("metrics")
        system.wait(head)
        figures["caught up"] = options.events / (time.monotonic() - begun)
        figures["memory"] = system.memory()
        figures["show"] = system.milliseconds(21)
        begin, now = moment(system.show()["windowStart"]), system.now()
        figures["as of"] = max(
            system.milliseconds(3, asOf=(begin + (now - begin) * share).isoformat().replace("+00:00", "Z"))
            for share in (0.1, 0.5, 0.9))
        begun = time.monotonic()
        system.call("metrics", "projection.rebuild", {"launch": "launch-0"})
        system.show()
        figures["rebuilt"] = options.events / (time.monotonic() - begun)
        found = [system.show(index) for index in range(launches)]
        system.stop("metrics", signal.SIGKILL)
        begun = time.monotonic()
        system.start("metrics")
        system.show()
        figures["restart"] = (time.monotonic() - begun) * 1_000
        again = [system.show(index) for index in range(launches)]
    expected, figures["duckdb"] = counted(rows, [moment(view["windowEnd"]) for view in found])
    shown = [(view["denominator"], view["numerator"]) for view in found]
    if shown != expected or [(view["denominator"], view["numerator"]) for view in again] != expected:
        raise SystemExit(f"counted {shown}, DuckDB says {expected}")
    figures["duckdb"] = options.events / figures["duckdb"]
    if options.postgres:
        figures["postgresql"] = options.events / upserted(options.postgres, rows)
    return figures


def measure_live(options):
    """How far the service lags while events arrive at a steady pace, and how long a launch with changed accounts takes to show."""
    usage = Usage(int(options.live * options.seconds), options.accounts, seed=7)
    figures = {}
    with System(options) as system:
        for index in range(20):
            system.launch(index)
        system.wait(system.head())
        half = []
        for place in range(2):
            part = Usage(usage.events // 2, usage.accounts, seed=11 + place)
            chunks = (
                [event.replace(b'"use-', f'"use-{place}-'.encode()) for event in parts]
                for parts in messages(system, part, 20))
            taken = system.publish(chunks, pace=options.live)
            half.append(system.head() - system.offset())
            figures["published"] = part.events / taken
        figures["lag"] = half
        system.wait(system.head())
        changes = []
        for index in range(250_000):
            data = ({"account": f"account-{index}", "state": "closed" if index % 2 else "test"} if index < 200_000
                    else {"account": f"account-{index}", "state": "merged", "mergedInto": f"account-{index + 50_000}"})
            changes.append(json.dumps({
                "specversion": "1.0", "id": f"change-{index}", "source": "//crm",
                "type": "dev.gonogo.signal.account.changed.v1", "data": data}).encode())
        system.publish(changes[at:at + MESSAGE] for at in range(0, len(changes), MESSAGE))
        system.wait(system.head())
        figures["show changed"] = system.milliseconds(21)
        figures["memory"] = system.memory()
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", required=True, help="the folder of the release executables")
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="where the stores are kept meanwhile")
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--launches", default="1,20", help="how many open launches, separated by commas")
    parser.add_argument("--published", type=float, default=100_000, help="events a second that this script can publish")
    parser.add_argument("--live", type=float, default=100_000, help="events a second that are published live; 0 for none")
    parser.add_argument("--seconds", type=float, default=60, help="for how long")
    parser.add_argument("--postgres", default=os.environ.get("GONOGO_TEST_POSTGRES"), help="the URL of a database for it")
    options = parser.parse_args()
    engines = [("SQLite", None)] + ([("PostgreSQL", options.postgres)] if options.postgres else [])
    print("| launches | engine | caught up, events a second | most memory | `metric show` | as of an earlier day, slowest "
          "| rebuilt, events a second | first answer after kill -9 | DuckDB, unique key | PostgreSQL, on conflict |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for launches in map(int, options.launches.split(",")):
        for engine, database in engines:
            got = measure(options, launches, database)
            upserts = f"{got['postgresql']:,.0f}" if "postgresql" in got else ""
            print(f"| {launches} | {engine} | {got['caught up']:,.0f} | {got['memory']:,.0f} MB | {got['show']:.1f} ms "
                  f"| {got['as of']:,.0f} ms | {got['rebuilt']:,.0f} | {got['restart']:,.0f} ms | {got['duckdb']:,.0f} "
                  f"| {upserts} |", flush=True)
    if options.live:
        got = measure_live(options)
        print(f"\nLive, at {got['published']:,.0f} events a second with 20 launches: {got['lag'][0]:,} events behind after half "
              f"of {options.seconds:.0f} s, {got['lag'][1]:,} at the end. With 200,000 changed and 50,000 merged accounts, "
              f"`metric show` takes {got['show changed']:.1f} ms; the service has used {got['memory']:,.0f} MB at most.")


if __name__ == "__main__":
    main()
