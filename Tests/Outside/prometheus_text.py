#!/usr/bin/env python3
"""Reads the text format of Prometheus from standard input with its own client library, and exits 1 if that refuses it.

Needs: pip install prometheus_client
Usage: gonogo metric export --prometheus | prometheus_text.py
Prints a line for each family, with the number of its samples.
"""
import math
import sys

from prometheus_client.parser import text_string_to_metric_families

failures = 0
names = set()
try:
    for family in text_string_to_metric_families(sys.stdin.read()):
        print(f"{family.name} ({family.type}): {len(family.samples)}")
        if family.name in names or family.type == "unknown" or not family.documentation:
            print(f"{family.name} is repeated, or has no type or help", file=sys.stderr)
            failures += 1
        names.add(family.name)
        for sample in family.samples:
            if not math.isfinite(sample.value):
                print(f"{sample.name}{sample.labels} is {sample.value}", file=sys.stderr)
                failures += 1
except ValueError as error:
    print(f"refused: {error}", file=sys.stderr)
    failures += 1
if not names:
    print("no metrics", file=sys.stderr)
    failures += 1
sys.exit(1 if failures else 0)
