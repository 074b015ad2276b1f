#!/usr/bin/env python3
"""Runs cases that were found from outside against the built executables, each as its README describes it.

Usage: cases.py BIN CASES [NAME...]
BIN is the folder of the executables, CASES the folder of the cases; a NAME is the number of a case, such as 07. Prints a
line for each check, and exits 1 if one fails.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

BIN, CASES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
CLOCK = "2027-01-13T14:00:00Z@1"
failures = 0


class Outcome:
    def __init__(self, status, output, errors):
        self.status, self.output, self.errors = status, output, errors

    def __str__(self):
        return f"status {self.status}\n{self.output}{self.errors}"


class Sample:
    """A running sample system in a temporary folder."""

    def __init__(self, clock=CLOCK, folder=None, start=True):
        self.root = folder or tempfile.mkdtemp(prefix="gonogo-case-")
        self.clock, self.start = clock, start

    def __enter__(self):
        self.run("init", "--sample", ".")
        if self.start:
            self.must("up", "--detach", "--clock", self.clock)
            self.must("roster", "adopt", "people.yaml")
        return self

    def __exit__(self, *_):
        self.run("down")
        shutil.rmtree(self.root, ignore_errors=True)

    def run(self, *words, output=subprocess.PIPE, folder=None):
        words = [str(word) for word in words]
        if "--timeout" not in words:
            words += ["--timeout", "60"]
        variables = {k: v for k, v in os.environ.items() if not k.startswith("GONOGO_") and k != "NO_COLOR"}
        if folder is None:
            os.makedirs(self.root, exist_ok=True)
        done = subprocess.run(
            [f"{BIN}/gonogo", *words], cwd=folder or self.root, env=variables, stdout=output, stderr=subprocess.PIPE)
        return Outcome(done.returncode, (done.stdout or b"").decode(), done.stderr.decode())

    def must(self, *words):
        outcome = self.run(*words)
        if outcome.status != 0:
            raise SystemExit(f"gonogo {' '.join(map(str, words))}: {outcome}")
        return outcome

    def write(self, name, text):
        with open(f"{self.root}/{name}", "w", newline="") as file:
            file.write(text)


def check(case, what, holds, outcome=""):
    global failures
    print(f"{'ok  ' if holds else 'FAIL'} {case} {what}")
    if not holds:
        failures += 1
        print("     " + str(outcome).strip().replace("\n", "\n     "))


def folder(case):
    return next(f"{CASES}/{name}" for name in sorted(os.listdir(CASES)) if name.startswith(case))


def holidays(sample, file, key):
    outcome = sample.run("calendar", "adopt", file, "--key", key, "--years", "2026-2029")
    shown = sample.run("calendar", "show", key, "-o", "json") if outcome.status == 0 else outcome
    return outcome, [f"{year}-10-20" for year in range(2026, 2030) if f"{year}-10-20" in shown.output]


def case_01():
    with Sample() as sample:
        outcome, _ = holidays(sample, f"{folder('01')}/date-start.ics", "UA")
        check("01", "date-start is an error with its line", outcome.status == 65 and "date-start.ics:9:" in outcome.errors, outcome)
        outcome, days = holidays(sample, f"{folder('01')}/zone-start.ics", "UB")
        check("01", "zone-start has its last day", days == ["2026-10-20", "2027-10-20", "2028-10-20"], outcome)


def case_02():
    with Sample() as sample:
        outcome, days = holidays(sample, f"{folder('02')}/utc-exdate.ics", "UC")
        check("02", "utc-exdate takes its day out", days == ["2026-10-20", "2028-10-20", "2029-10-20"], outcome)
        outcome, _ = holidays(sample, f"{folder('02')}/missed-exdate.ics", "UD")
        check("02", "missed-exdate is an error with its line", outcome.status == 65 and "missed-exdate.ics:9:" in outcome.errors, outcome)


def case_03():
    with Sample() as sample:
        outcome, _ = holidays(sample, f"{folder('03')}/two-rules.ics", "UE")
        check("03", "a second rule is an error with its line", outcome.status == 65 and "two-rules.ics:" in outcome.errors, outcome)


def case_05():
    with Sample() as sample:
        sample.must("calendar", "adopt", f"{folder('05')}/folded.ics", "--key", "FOLD", "--years", "2026-2029")
        shown = sample.must("calendar", "show", "FOLD", "-o", "json")
        check("05", "a line folded inside a character is read", "2027-05-07" in shown.output, shown)


def case_07():
    with Sample() as sample, open("/dev/full", "w") as full:
        sample.must("launch", "propose", "smart-routing.yaml")
        for words in (
            ["template", "export"], ["event", "tail", "--after", "0", "--no-follow", "-o", "json"],
            ["calendar", "export"], ["item", "list", "smart-routing"], ["policy", "export"], ["--version"], ["--help"],
        ):
            outcome = sample.run(*words, output=full) if not words[0].startswith("-") else Outcome(
                *(lambda done: (done.returncode, "", done.stderr.decode()))(
                    subprocess.run([f"{BIN}/gonogo", *words], stdout=full, stderr=subprocess.PIPE)))
            said = "the output cannot be written: No space left on device" in outcome.errors
            check("07", " ".join(words), outcome.status == 74 and said, outcome)


def case_08():
    root = tempfile.mkdtemp(prefix="gonogo-case-")
    first, second, third = (Sample(folder=f"{root}/{name}") for name in ("Launch #1", "Launch #2", "Plan: B"))
    with first, second, third:
        first.must("launch", "propose", "smart-routing.yaml")
        listed = second.must("launch", "list", "-o", "json")
        check("08", "two trials share nothing", '"launches":[]' in listed.output, listed)
        for sample in (first, second, third):
            outside = [name for name in os.listdir(root) if name not in ("Launch #1", "Launch #2", "Plan: B")]
            check("08", f"everything is below {os.path.basename(sample.root)}",
                  os.path.isdir(f"{sample.root}/data") and not outside, outside)
    printed = Sample(folder=root, start=False).run("init", "--sample", "a 'b' #c")
    command = next((line for line in printed.errors.splitlines() if line.strip().startswith("cd ")), "")
    moved = subprocess.run(["sh", "-c", f"{command} && pwd"], cwd=root, stdout=subprocess.PIPE)
    check("08", "the printed cd works", moved.stdout.decode().strip() == os.path.realpath(f"{root}/a 'b' #c"), printed)
    shutil.rmtree(root, ignore_errors=True)


def case_09():
    def without(sample, name, *people):
        lines = open(f"{sample.root}/people.yaml").read().splitlines(True)
        sample.write(name, "".join(line for line in lines if not line.strip().startswith(tuple(f"{p}:" for p in people))))

    with Sample() as sample:
        exported = sample.must("template", "export").output
        sample.write("t.yaml", exported.replace("legal", "leagl"))
        outcome = sample.run("template", "adopt", "--file", "t.yaml")
        waits, named = "launch-copy waits for leagl", 'nobody is in leagl (did you mean "legal"?)'
        check("09", "(a) the adoption names the group that does not exist", waits in outcome.errors + outcome.output
              and named in outcome.errors + outcome.output, outcome)
        sample.must("launch", "propose", "smart-routing.yaml")
        sample.must("item", "submit", "smart-routing", "launch-copy", "--link", "https://x.invalid/1", "--on-behalf-of", "marco")
        for words in (["ready", "smart-routing"], ["doctor"], ["item", "show", "smart-routing", "launch-copy"]):
            outcome = sample.run(*words)
            check("09", f"(a) {words[0]} names it, too", "nobody is in leagl" in " ".join(outcome.output.split()), outcome)
    with Sample() as sample:
        sample.must("launch", "propose", "smart-routing.yaml")
        without(sample, "p.yaml", "sofia", "tomas")
        outcome = sample.run("roster", "adopt", "p.yaml")
        check("09", "(b) a group that has nobody any more", "nobody is in legal" in outcome.errors + outcome.output, outcome)
    with Sample() as sample:
        sample.must("launch", "propose", "smart-routing.yaml")
        without(sample, "p.yaml", "aiko")
        sample.must("roster", "adopt", "p.yaml")
        sample.must("item", "submit", "smart-routing", "announcement-email", "--link", "https://x.invalid/2", "--on-behalf-of", "marco")
        outcome = sample.run("item", "show", "smart-routing", "announcement-email")
        check("09", "(c) a group of the author alone", "of whom only marco is there" in " ".join(outcome.output.split()), outcome)
    with Sample() as sample:
        sample.must("launch", "propose", "smart-routing.yaml")
        sample.must("item", "assign", "smart-routing", "load-test", "--to", "lena")
        sample.must("launch", "set", "smart-routing", "owner=lena")
        sample.must("poll", "smart-routing", "go", "--on-behalf-of", "tomas")
        without(sample, "p.yaml", "lena", "tomas")
        sample.must("roster", "adopt", "p.yaml")
        for words in (["doctor"], ["ready", "smart-routing"]):
            outcome = sample.run(*words)
            text = " ".join(outcome.output.split())
            check("09", f"(d) {words[0]} names who left", "lena, who owns smart-routing, is not on the roster" in text and "tomas, who is not on the roster" in text, outcome)


def case_10():
    with Sample() as sample:
        sample.must("launch", "propose", "smart-routing.yaml")
        outcome = sample.run("item", "done", "smart-routing", "internal-demo", "--on-behalf-of", "jonas")
        check("10", "a person must say who attended", outcome.status != 0 and "attended" in outcome.errors, outcome)
        sample.must("event", "publish", f"{folder('10')}/pass.ndjson")
        sample.must("event", "settle")
        for item in ("internal-demo", "rollback-procedure"):
            outcome = sample.must("item", "show", "smart-routing", item, "-o", "json")
            shown = json.loads(outcome.output)["item"]
            check("10", f"{item} stays open, and the event is its evidence",
                  shown["state"] not in ("done", "waived") and len(shown["evidence"]) == 1, outcome)


def case_11():
    with Sample(clock="2027-06-01T04:30:00Z@1") as sample:
        def classify(zone):
            sample.write("z.yaml", f'launch: z\nname: X\nowner: dana\ndate: 2027-06-01\ntimeZone: "{zone}"\nfacts: {{kinds: [bug-fix]}}\n')
            return sample.run("launch", "classify", "z.yaml")
        for zone in ("PST", "CST", "IST", "BST", "JST", "GMT+5", "GMT-0500", "UTC-5"):
            outcome = classify(zone)
            check("11", f"{zone} is refused", outcome.status == 65 and "z.yaml:5: /timeZone:" in outcome.errors
                  and ("did you mean" in outcome.errors or "Etc/GMT" in outcome.errors), outcome)
        for zone in ("Etc/GMT+5", "America/New_York", "UTC"):
            outcome = classify(zone)
            check("11", f"{zone} is accepted", outcome.status == 0, outcome)


def case_13():
    with Sample() as sample:
        outcome = sample.run("event", "publish", f"{folder('13')}/base64.ndjson")
        sample.must("event", "settle")
        time.sleep(2)
        listed = sample.must("event", "quarantine", "list")
        refused = outcome.status == 65
        check("13", "JSON in data_base64 counts, is refused, or is named",
              refused or "needs data that is an object" not in listed.output or "data_base64" in listed.output, listed)


def case_15():
    with Sample() as sample:
        outcome = sample.run("calendar", "workday", "2027-03-02", "--timeout", "60", "--", "-5")
        check("15", "(a) a number after --", outcome.status == 0 and "2027-02-23" in outcome.output, outcome)
        sample.write("cr.ics", "BEGIN:VCALENDAR\rVERSION:2.0\rBEGIN:VEVENT\rDTSTART;VALUE=DATE:20270507\rEND:VEVENT\rEND:VCALENDAR\r")
        outcome = sample.run("calendar", "adopt", "cr.ics", "--key", "T")
        check("15", "(b) lines that end with CR", outcome.status == 0, outcome)
        sample.write("t3.yaml", "launch: t3\nname: T\nowner: dana\ndate: 2027-03-02\nfacts: {kinds: [bug-fix], audience: none}\n")
        proposed = sample.must("launch", "propose", "t3.yaml", "-o", "json")
        outcome = sample.run("gate", "t3")
        check("15", "(d) tier 3 waits for no decision", '"tier":3' in proposed.output and outcome.status == 1
              and "decided yet" not in outcome.output and "no decision has been made" not in outcome.output, outcome)
        for key, duration in (("D", "PT24H"), ("E", "P1DT0H0M0S")):
            sample.write("d.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20270507T000000\nDURATION:%s\nEND:VEVENT\nEND:VCALENDAR\n" % duration)
            outcome = sample.run("calendar", "adopt", "d.ics", "--key", key)
            check("15", f"(e) {duration}", outcome.status == 0, outcome)


def case_16():
    with Sample() as sample:
        sample.must("event", "publish", f"{folder('16')}/first.ndjson")
        for name in ("key-order", "traceparent"):
            outcome = sample.run("event", "publish", f"{folder('16')}/{name}.ndjson", "-o", "json")
            check("16", f"{name} is a duplicate", outcome.status == 0 and '"duplicate":1' in outcome.output, outcome)
        listed = sample.must("event", "quarantine", "list", "-o", "json")
        check("16", "nothing is in quarantine", '"total":0' in listed.output, listed)


ALL = {name[5:]: run for name, run in sorted(globals().items()) if name.startswith("case_")}
for name in sys.argv[3:] or ALL:
    ALL[name]()
sys.exit(1 if failures else 0)
