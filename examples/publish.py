#!/usr/bin/env python3
"""Publishes CloudEvents, one JSON object a line, from a file or standard input; without either, one of its own.

    pip install pyzmq; python3 publish.py [FILE] < events.ndjson      (GONOGO_ENDPOINT_BUS or GONOGO_RUN say where)

Exits with 0 when every event is on the bus's disk. Sending again is harmless: the bus knows events by source and id.
"""
import json, os, sys, time, uuid
import zmq

ENDPOINT = os.environ.get("GONOGO_ENDPOINT_BUS") or "ipc://" + os.environ.get("GONOGO_RUN", "/run/gonogo") + "/bus.sock"
SAMPLE = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "//examples/publish",
          "type": "dev.gonogo.signal.feature.used.v1", "data": {"feature": "smart-routing", "account": "acme"}}
def publish(events):
    """The bus's result for each event, however often it takes to get through: busy, restarting, answer lost."""
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "events.publish"}).encode()
    while True:
        with zmq.Context.instance().socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(ENDPOINT)
            socket.send_multipart([request, *events])
            if not socket.poll(5000):
                print("no answer from", ENDPOINT, "- trying again", file=sys.stderr)
                continue
            answer = json.loads(socket.recv_multipart()[0])
        if "result" in answer:
            return answer["result"]["results"]
        if not answer["error"]["data"]["retryable"]:
            sys.exit(f"{answer['error']['message']}: {answer['error']['data']['detail']}")
        time.sleep(answer["error"]["data"].get("retryAfterMs", 500) / 1000)

source = open(sys.argv[1], "rb") if sys.argv[1:] else sys.stdin.buffer
lines = [json.dumps(SAMPLE).encode()] if source.isatty() else [line.strip() for line in source if line.strip()]
results = [result for start in range(0, len(lines), 50) for result in publish(lines[start:start + 50])]
for number, result in enumerate(results, 1):
    if result["status"] == "rejected":
        print(f"line {number}: {result['error']['code']}: {result['error']['detail']}", file=sys.stderr)
print(json.dumps({word: sum(r["status"] == word for r in results) for word in ("stored", "duplicate", "rejected")}))
sys.exit(any(result["status"] == "rejected" for result in results))
