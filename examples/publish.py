#!/usr/bin/env python3
"""Publishes CloudEvents, one JSON object per line, from a file or standard input; without either, publishes a sample.

    pip install pyzmq; python3 publish.py [FILE] < events.ndjson      (to GONOGO_ENDPOINT_BUS, else GONOGO_RUN)

Exits 0 once every event is on the bus's disk, 65 if any was rejected. Publishing the same events again is harmless.
"""
import json, os, sys, time, uuid, zmq

ENDPOINT = os.environ.get("GONOGO_ENDPOINT_BUS") or "ipc://" + os.environ.get("GONOGO_RUN", "/run/gonogo") + "/bus.sock"
SAMPLE = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "//examples/publish",
          "type": "dev.gonogo.signal.feature.used.v1", "data": {"feature": "smart-routing", "account": "acme"}}
def publish(events):
    """Returns the bus's result for each event; retries while the bus is busy or restarting, or if an answer is lost."""
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "events.publish"}).encode()
    while True:
        with zmq.Context.instance().socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(ENDPOINT)
            socket.send_multipart([request, *events])
            if not socket.poll(5000):
                print("no answer from", ENDPOINT, "- retrying", file=sys.stderr)
                continue
            answer = json.loads(socket.recv_multipart()[0])
        if "result" in answer:
            return answer["result"]["results"]
        if not answer["error"]["data"]["retryable"]:
            return [{"status": "rejected", "error": answer["error"]["data"]}] * len(events)
        time.sleep(answer["error"]["data"].get("retryAfterMs", 500) / 1000)

source = open(sys.argv[1], "rb") if sys.argv[1:] else [json.dumps(SAMPLE).encode()] if sys.stdin.isatty() else sys.stdin.buffer
lines = [(number, line.strip()) for number, line in enumerate(source, 1) if line.strip()]
results = [result for at in range(0, len(lines), 50) for result in publish([line for _, line in lines[at:at + 50]])]
for (number, _), result in zip(lines, results):
    if result["status"] == "rejected":
        print(f"line {number}: {result['error']['code']}: {result['error']['detail']}", file=sys.stderr)
counts = {word: sum(result["status"] == word for result in results) for word in ("stored", "duplicate", "rejected")}
print(json.dumps(counts))
sys.exit(65 if counts["rejected"] else 0)
