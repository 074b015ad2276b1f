#!/usr/bin/env python3
"""Attacks gonogo's sockets from outside, with raw Unix sockets that speak ZMTP 3, and says whether it holds.

    Tests/Outside/floods.py --bin .build/release            # the full form, about 10 minutes
    Tests/Outside/floods.py --bin .build/debug --short      # what the tests run

Each case starts real processes in a temporary folder and prints its figures. Exits 0 if every bound held, else 1. As
root the attackers are another user, whom the roster does not know; else they are the user of the services. Needs
nothing but python3; the latencies need two processors.
"""
import argparse, json, os, random, resource, select, shutil, signal, socket, statistics, struct, subprocess, sys, tempfile, time

STRANGER = 65533
SERVICES = ["bus", "checklist"]


def greeting():
    return b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)


def ready():
    def prop(name, value):
        return bytes([len(name)]) + name + struct.pack(">I", len(value)) + value

    body = b"\x05READY" + prop(b"Socket-Type", b"DEALER") + prop(b"Identity", b"")
    return bytes([4, len(body)]) + body


def frame(body, more=False):
    if len(body) < 256:
        return bytes([int(more), len(body)]) + body
    return bytes([2 | int(more)]) + struct.pack(">Q", len(body)) + body


def message(envelope, parts=()):
    frames = [b"", envelope, *parts]
    return b"".join(frame(body, index < len(frames) - 1) for index, body in enumerate(frames))


def request(method, params, number=1):
    return json.dumps({"jsonrpc": "2.0", "id": str(number), "method": method, "params": params}).encode()


def event(number, source="/attack", kind="dev.gonogo.signal.article.published"):
    return json.dumps({
        "specversion": "1.0", "id": f"{number}", "source": source, "type": kind, "time": "2027-01-01T00:00:00Z",
        "data": {"key": "k"}
    }).encode()


class Peer:
    """A connection after its handshake."""

    def __init__(self, path, shake=True, timeout=10):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        end = time.monotonic() + timeout
        while True:
            try:
                self.socket.connect(path)
                break
            except BlockingIOError:
                # The listener's queue is full; libzmq tries again, too.
                if time.monotonic() >= end:
                    raise
                time.sleep(0.01)
        self.buffer = b""
        if shake:
            self.socket.sendall(greeting())
            self.take(64)
            self.socket.sendall(ready())
            self.frame()

    def take(self, count):
        while len(self.buffer) < count:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("closed by the server")
            self.buffer += data
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def frame(self):
        flags = self.take(1)[0]
        size = struct.unpack(">Q", self.take(8))[0] if flags & 2 else self.take(1)[0]
        return flags, self.take(size)

    def receive(self):
        frames = []
        while True:
            flags, body = self.frame()
            frames.append(body)
            if not flags & 1:
                return frames

    def call(self, method, params, parts=()):
        self.socket.sendall(message(request(method, params), parts))
        return json.loads(self.receive()[1])

    def close(self):
        self.socket.close()


class System:
    """The bus and checklist, running in a folder of their own."""

    def __init__(self, binaries, roster=True, files=None, processors=None, log=None):
        self.folder = tempfile.mkdtemp(prefix="gf", dir="/tmp")
        os.chmod(self.folder, 0o755)
        self.run = f"{self.folder}/run"
        self.binaries = os.path.abspath(binaries)
        self.environment = {
            **os.environ, "GONOGO_RUN": self.run, "GONOGO_DATA": f"{self.folder}/data", "GONOGO_LOG_LEVEL": "notice"}
        self.log = open(log or f"{self.folder}/log", "ab")
        self.processors = processors
        self.files = files
        self.processes = {name: self.start(name) for name in SERVICES}
        try:
            for name in SERVICES:
                self.await_answer(name)
            if roster:
                self.adopt_roster()
        except BaseException:
            self.stop()
            raise

    def start(self, name):
        def prepare():
            if self.files:
                resource.setrlimit(resource.RLIMIT_NOFILE, (self.files, self.files))
            if self.processors:
                os.sched_setaffinity(0, self.processors)

        return subprocess.Popen(
            [f"{self.binaries}/gonogo-{name}"], env=self.environment, cwd=self.folder, stdout=self.log, stderr=self.log,
            preexec_fn=prepare)

    def path(self, name):
        return f"{self.run}/{name}.sock"

    def await_answer(self, name, timeout=60):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                peer = Peer(self.path(name), timeout=2)
                answer = peer.call("service.ping", {})
                peer.close()
                if "result" in answer:
                    return
            except (OSError, ValueError):
                pass
            if self.processes[name].poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit(f"{name} does not answer; its log:\n{self.text()}")

    def adopt_roster(self):
        people = {
            "people": {"operator": {"name": "Operator", "roles": ["product-ops"], "principals": [f"uid:{os.geteuid()}"]}}}
        path = f"{self.folder}/people.yaml"
        with open(path, "w") as file:
            json.dump(people, file)
        result = subprocess.run(
            [f"{self.binaries}/gonogo", "roster", "adopt", path], env=self.environment, cwd=self.folder,
            capture_output=True, text=True)
        if result.returncode:
            raise SystemExit(f"the roster was not adopted: {result.stderr}")
        time.sleep(1)

    def text(self):
        self.log.flush()
        with open(self.log.name) as file:
            return file.read()

    def memory(self, name):
        with open(f"/proc/{self.processes[name].pid}/status") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024
        return 0

    def is_running(self, name):
        return self.processes[name].poll() is None

    def stop(self):
        for process in reversed(list(self.processes.values())):
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Attacker:
    """A child process that runs a function, as a stranger if this process is root."""

    def __init__(self, body, processors=None, seed=1):
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
                if os.geteuid() == 0:
                    os.setgroups([])
                    os.setresgid(0, 0, 0)
                    os.setresuid(STRANGER, STRANGER, STRANGER)
                if processors:
                    os.sched_setaffinity(0, processors)
                body(random.Random(seed))
                code = 0
            except KeyboardInterrupt:
                code = 0
            finally:
                os._exit(code)

    def stop(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)


failures = []


def verdict(holds, text):
    print(f"  {'ok  ' if holds else 'FAIL'} {text}", flush=True)
    if not holds:
        failures.append(text)


# Descriptors: more connections than a process may have files.


def connections(path, count, finish):
    """Opens connections; `finish` completes their handshakes."""

    def body(_):
        peers = []
        for _ in range(count):
            try:
                peers.append(Peer(path, shake=finish, timeout=0.5))
            except OSError:
                pass
        time.sleep(3600)

    return body


def descriptors(options):
    files = 1024 if not options.short else 300
    count = 1400 if not options.short else 500
    for name in SERVICES:
        for finish in [True, False]:
            system = System(options.bin, roster=False, files=files)
            attackers = [Attacker(connections(system.path(name), count, finish)) for _ in range(2)]
            try:
                end = time.monotonic() + (20 if not options.short else 6)
                answered = asked = most = 0
                while time.monotonic() < end and system.is_running(name):
                    most = max(most, len(os.listdir(f"/proc/{system.processes[name].pid}/fd")))
                    asked += 1
                    try:
                        peer = Peer(system.path(name), timeout=2)
                        answered += "result" in peer.call("service.ping", {})
                        peer.close()
                    except OSError:
                        pass
                    time.sleep(0.2)
                kind = "with a handshake" if finish else "without a handshake"
                verdict(
                    system.is_running(name) and answered >= asked * 0.9,
                    f"descriptors: {2 * count} connections {kind} to {name}, limit {files} files: "
                    f"{'runs' if system.is_running(name) else 'ended'}, at most {most} files open, "
                    f"{answered} of {asked} honest calls on new connections answered")
            finally:
                for attacker in attackers:
                    attacker.stop()
                system.stop()
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run(
            [f"{options.bin}/gonogo-bus", "--run", f"{folder}/run", "--data", f"{folder}/data"], capture_output=True,
            text=True, timeout=30, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200)))
        verdict(
            result.returncode == 69 and "ulimit -n" in result.stderr,
            f"descriptors: a start with 200 files ends with {result.returncode}: {result.stderr.strip()}")


# Memory: peers that do not read, and peers that do not finish.


def unread_events(path, peers, source_bytes):
    """Publishes what is refused, and reads nothing."""

    def body(generator):
        source = "/" + "s" * source_bytes
        publish = message(request("events.publish", {}), [event(number, source) for number in range(16)])
        everyone = []
        for _ in range(peers):
            try:
                peer = Peer(path, timeout=2)
                peer.socket.setblocking(False)
                everyone.append([peer, publish])
            except OSError:
                pass
        spray(everyone, publish)

    return body


def unread_calls(path, peers):
    """Calls a method with long names that is refused, and reads nothing."""

    def body(generator):
        call = message(request("item." + "m" * 4000, {"k" * 4000: "v" * 4000}))
        everyone = []
        for _ in range(peers):
            try:
                peer = Peer(path, timeout=2)
                peer.socket.setblocking(False)
                everyone.append([peer, call])
            except OSError:
                pass
        spray(everyone, call)

    return body


def spray(everyone, block, again=None):
    """Sends a block over and over to every peer that takes it."""
    while True:
        if not everyone:
            time.sleep(0.1)
            if again:
                everyone += again()
            continue
        try:
            _, writable, _ = select.select([], [entry[0].socket for entry in everyone], [], 1)
        except (OSError, ValueError):
            everyone.clear()
            continue
        ready_sockets = set(writable)
        for entry in list(everyone):
            if entry[0].socket not in ready_sockets:
                continue
            try:
                sent = entry[0].socket.send(entry[1])
                entry[1] = entry[1][sent:] or block
            except BlockingIOError:
                pass
            except OSError:
                everyone.remove(entry)


def unfinished(path, peers, frame_bytes):
    """Sends frames with MORE without end, reconnecting when it is cut off."""

    def body(generator):
        block = frame(b"") if frame_bytes == 0 else frame(b"f" * frame_bytes, more=True)
        if frame_bytes == 0:
            block = bytes([1, 0])
        block = block * max(1, 65536 // len(block))

        def connect(count):
            everyone = []
            for _ in range(count):
                try:
                    peer = Peer(path, timeout=2)
                    peer.socket.setblocking(False)
                    everyone.append([peer, block])
                except OSError:
                    pass
            return everyone

        spray(connect(peers), block, again=lambda: connect(1))

    return body


def memory(options):
    seconds = 20 if not options.short else 6
    source = 60_000 if not options.short else 20_000
    cases = []
    for name in SERVICES:
        refused = (lambda path, peers: unread_events(path, peers, source)) if name == "bus" else unread_calls
        cases += [
            (name, "30 peers that do not read", lambda path, refused=refused: refused(path, 30)),
            (name, "300 peers that do not read", lambda path, refused=refused: refused(path, 300)),
            (name, "30 peers that do not finish (1 KiB frames)", lambda path: unfinished(path, 30, 1024)),
            (name, "30 peers that do not finish (empty frames)", lambda path: unfinished(path, 30, 0)),
        ]
    for roster in [True, False]:
        for name, text, attack in cases:
            if options.short and not roster:
                continue
            system = System(options.bin, roster=roster)
            before = most = system.memory(name)
            attacker = Attacker(attack(system.path(name)))
            try:
                end = time.monotonic() + seconds
                while time.monotonic() < end and system.is_running(name):
                    most = max(most, system.memory(name))
                    time.sleep(0.1)
                known = "" if roster and os.geteuid() == 0 else ", known or without a roster"
                verdict(
                    system.is_running(name) and most < 200,
                    f"memory: {name}, {text}{known}: from {before:.0f} to at most {most:.0f} MiB in {seconds} s")
            finally:
                attacker.stop()
                system.stop()


# Latency: an honest client beside a flood.


def flood(path, kind):
    """Sends garbage or well-formed nonsense as fast as it is taken, over eight connections, and reads the answers."""

    def body(generator):
        def nonsense(number):
            return generator.choice([
                message(request("no.such.method", {"n": number})),
                message(request("item.list", {"launch": number})),
                message(request("events.publish", {}), [event(number, "/x", "not a type")]),
                message(request("launch.show", {"launch": "x" * generator.randrange(200)})),
                message(request("events.publish", {"a": [1] * 20}), [b"{}"] * 4),
            ])

        def garbage(number):
            return b"".join(
                frame(generator.randbytes(generator.randrange(1, 300)), more=index < 2) for index in range(3))

        make = garbage if kind == "garbage" else nonsense
        block = b"".join(make(number) for number in range(400))

        def connect(count):
            everyone = []
            for _ in range(count):
                try:
                    peer = Peer(path, timeout=2)
                    peer.socket.setblocking(False)
                    everyone.append([peer, block])
                except OSError:
                    pass
            return everyone

        everyone = connect(8)
        while True:
            sockets = [entry[0].socket for entry in everyone]
            try:
                readable, writable, _ = select.select(sockets, sockets, [], 1)
            except (OSError, ValueError):
                everyone = connect(8)
                continue
            for entry in list(everyone):
                try:
                    if entry[0].socket in readable and not entry[0].socket.recv(1 << 18):
                        raise ConnectionError
                    if entry[0].socket in writable:
                        sent = entry[0].socket.send(entry[1])
                        entry[1] = entry[1][sent:] or block
                except BlockingIOError:
                    pass
                except OSError:
                    everyone.remove(entry)
                    everyone += connect(1)

    return body


def churn(path):
    """Connects and disconnects as fast as it can, sometimes after a handshake's first bytes."""

    def body(generator):
        while True:
            try:
                peer = Peer(path, shake=False, timeout=1)
                if generator.random() < 0.5:
                    peer.socket.send(greeting())
                peer.close()
            except OSError:
                pass

    return body


def honest(system, name, seconds):
    """The times of calls, one every 10 ms at most, in milliseconds."""
    peer = Peer(system.path(name), timeout=30)
    times = []
    number = time.monotonic_ns()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        number += 1
        began = time.monotonic()
        if name == "bus":
            answer = peer.call("events.publish", {}, [event(number, "/honest")])
        else:
            answer = peer.call("roster.show", {})
        times.append((time.monotonic() - began) * 1000)
        if "result" not in answer:
            raise SystemExit(f"the honest call failed: {answer}")
        time.sleep(max(0, 0.01 - times[-1] / 1000))
    peer.close()
    return times


def p99(times):
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.99))]


def latency(options):
    processors = sorted(os.sched_getaffinity(0))
    if len(processors) < 2:
        print("  latency: needs two processors; not measured")
        return
    runs, seconds = (3, 10) if not options.short else (1, 3)
    for name in SERVICES:
        for kind in ["garbage", "nonsense", "connections"]:
            system = System(options.bin, processors={processors[0]})
            before = os.sched_getaffinity(0)
            os.sched_setaffinity(0, {processors[0]})
            try:
                honest(system, name, 2)
                ratios, figures = [], []
                for run in range(runs):
                    quiet = p99(honest(system, name, seconds))
                    attack = churn(system.path(name)) if kind == "connections" else flood(system.path(name), kind)
                    attacker = Attacker(attack, processors={processors[1]}, seed=run)
                    time.sleep(1)
                    try:
                        busy = p99(honest(system, name, seconds))
                    finally:
                        attacker.stop()
                    time.sleep(1)
                    ratios.append(busy / quiet)
                    figures.append(f"{quiet:.1f} -> {busy:.1f} ms")
                holds = statistics.median(ratios) <= 3 or options.short
                verdict(
                    holds, f"latency: {name} under {kind}: p99 {', '.join(figures)}; median ratio "
                    f"{statistics.median(ratios):.1f}")
            finally:
                os.sched_setaffinity(0, before)
                system.stop()


CASES = {"descriptors": descriptors, "memory": memory, "latency": latency}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="the folder of the executables")
    parser.add_argument("--short", action="store_true", help="fewer peers, for a shorter time")
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], help="which cases; all by default")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    for case in options.cases or CASES:
        print(case, flush=True)
        CASES[case](options)
    print("every bound held" if not failures else f"{len(failures)} bounds did not hold")
    sys.exit(1 if failures else 0)


main()
