#!/usr/bin/env python3
"""Writes icalendar-days.json: iCalendar files with the days that Python's readers find in them, for ICalendarDaysTests.

Needs: pip install icalendar recurring-ical-events tzdata python-dateutil
Usage: icalendar-days.py > icalendar-days.json
"""
import datetime
import json
import random
import sys

import dateutil.rrule
import icalendar
import recurring_ical_events

FIRST, LAST = 2026, 2030
BERLIN = "DTSTART;TZID=Europe/Berlin:20261020T000000", "DTEND;TZID=Europe/Berlin:20261021T000000"
CUSTOM_ZONE = [
    "BEGIN:VTIMEZONE", "TZID:Office", "BEGIN:STANDARD", "DTSTART:20000101T000000", "TZOFFSETFROM:+0530",
    "TZOFFSETTO:+0530", "END:STANDARD", "END:VTIMEZONE",
]
CASES = {
    "one day": [["DTSTART;VALUE=DATE:20270507"]],
    "several days": [["DTSTART;VALUE=DATE:20271230", "DTEND;VALUE=DATE:20280103"]],
    "a duration of days": [["DTSTART;VALUE=DATE:20270507", "DURATION:P3D"]],
    "a day in hours": [["DTSTART;TZID=Europe/Berlin:20270507T000000", "DURATION:PT24H"]],
    "a day with empty parts": [["DTSTART;TZID=Europe/Berlin:20270507T000000", "DURATION:P1DT0H0M0S"]],
    "two days in hours and minutes": [["DTSTART:20270507T000000", "DURATION:PT47H60M"]],
    "until in UTC, east": [[*BERLIN, "RRULE:FREQ=YEARLY;UNTIL=20281019T220000Z"]],
    "until in UTC, just before": [[*BERLIN, "RRULE:FREQ=YEARLY;UNTIL=20281019T215959Z"]],
    "until in UTC, far east": [[
        "DTSTART;TZID=Pacific/Auckland:20260206T000000", "DTEND;TZID=Pacific/Auckland:20260207T000000",
        "RRULE:FREQ=YEARLY;UNTIL=20290205T110000Z"]],
    "until in UTC, west": [[
        "DTSTART;TZID=America/Los_Angeles:20260704T000000", "DTEND;TZID=America/Los_Angeles:20260705T000000",
        "RRULE:FREQ=YEARLY;UNTIL=20280704T070000Z"]],
    "until in UTC, west, just before": [[
        "DTSTART;TZID=America/Los_Angeles:20260704T000000", "DTEND;TZID=America/Los_Angeles:20260705T000000",
        "RRULE:FREQ=YEARLY;UNTIL=20280704T065959Z"]],
    "until as a date": [["DTSTART;VALUE=DATE:20261020", "RRULE:FREQ=YEARLY;UNTIL=20281020"]],
    "until in UTC, own zone": [CUSTOM_ZONE, [
        "DTSTART;TZID=Office:20261020T000000", "DTEND;TZID=Office:20261021T000000",
        "RRULE:FREQ=YEARLY;UNTIL=20281019T183000Z"]],
    "exdate in UTC": [[*BERLIN, "RRULE:FREQ=YEARLY", "EXDATE:20271019T220000Z"]],
    "exdate in the zone": [[*BERLIN, "RRULE:FREQ=YEARLY", "EXDATE;TZID=Europe/Berlin:20271020T000000"]],
    "several exdates": [[
        "DTSTART;VALUE=DATE:20261020", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20271020,20281020",
        "EXDATE;VALUE=DATE:20301020"]],
    "exdate does not shorten a count": [[
        "DTSTART;VALUE=DATE:20261020", "RRULE:FREQ=YEARLY;COUNT=3", "EXDATE;VALUE=DATE:20271020"]],
    "rdate in UTC": [[*BERLIN, "RDATE:20270630T220000Z"]],
    "rdate as a date": [["DTSTART;VALUE=DATE:20261020", "RDATE;VALUE=DATE:20270701,20280701"]],
    "the end in UTC": [["DTSTART;TZID=Europe/Berlin:20261020T000000", "DTEND:20261020T220000Z"]],
    "the end in UTC over a change of the clock": [[
        "DTSTART;TZID=Europe/Berlin:20261024T000000", "DTEND:20261025T230000Z"]],
    "a month's day without a month": [["DTSTART;VALUE=DATE:20260115", "RRULE:FREQ=YEARLY;BYMONTHDAY=15;COUNT=14"]],
    "a weekday of a month": [["DTSTART;VALUE=DATE:20261126", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"]],
    "the last weekday": [["DTSTART;VALUE=DATE:20260525", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO"]],
    "a leap day": [["DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY"]],
    "a start that the rule does not give": [[
        "DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO"]],
    "a start after the rule's month": [["DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=YEARLY;BYMONTH=12;BYDAY=1FR"]],
    "a start that the rule does not give, until": [[
        "DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=YEARLY;BYMONTH=5;UNTIL=20290430"]],
    "a start that the rule does not give, excluded": [[
        "DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1", "EXDATE;VALUE=DATE:20270101"]],
    "a month twice, with a count": [[
        "DTSTART;VALUE=DATE:20270501", "RRULE:FREQ=YEARLY;BYMONTH=5,5;BYMONTHDAY=1,1;COUNT=3"]],
    "over New Year, from the year before, three times": [[
        "DTSTART;VALUE=DATE:20251231", "DTEND;VALUE=DATE:20260102", "RRULE:FREQ=YEARLY;COUNT=3"]],
    "over New Year, without end": [[
        "DTSTART;VALUE=DATE:20251231", "DTEND;VALUE=DATE:20260102", "RRULE:FREQ=YEARLY"]],
    "over New Year, from long before": [[
        "DTSTART;VALUE=DATE:20191220", "DTEND;VALUE=DATE:20200107", "RRULE:FREQ=YEARLY;INTERVAL=2"]],
    "over New Year, once, at the start": [["DTSTART;VALUE=DATE:20251224", "DTEND;VALUE=DATE:20260103"]],
    "over New Year, once, at the end": [["DTSTART;VALUE=DATE:20301224", "DTEND;VALUE=DATE:20310103"]],
    "over New Year, as an added date": [[
        "DTSTART;VALUE=DATE:20270701", "DTEND;VALUE=DATE:20270704", "RDATE;VALUE=DATE:20251230,20301230,20330701"]],
    "over a whole year": [["DTSTART;VALUE=DATE:20250601", "DTEND;VALUE=DATE:20260602"]],
    "wholly outside the years": [["DTSTART;VALUE=DATE:20240501"], ["DTSTART;VALUE=DATE:20310101"]],
    "moved by a later sequence": [
        ["UID:same", "SEQUENCE:0", "DTSTART;VALUE=DATE:20270507"],
        ["UID:same", "SEQUENCE:1", "DTSTART;VALUE=DATE:20270510"]],
    "moved, the later version first": [
        ["UID:same", "SEQUENCE:2", "DTSTART;VALUE=DATE:20270510"],
        ["UID:same", "SEQUENCE:1", "DTSTART;VALUE=DATE:20270507"]],
}


def some_event(source):
    """A random event of dates: over New Year or not, recurring or not, with a start that its rule gives or not."""
    year = source.randrange(2023, 2030)
    length = source.choice([1, 1, 2, 3, 9])
    start = datetime.date(year, 12, 31) - datetime.timedelta(source.randrange(12 if length > 1 else 365))
    lines = [f"DTSTART;VALUE=DATE:{start:%Y%m%d}"]
    if length > 1:
        lines.append(f"DTEND;VALUE=DATE:{start + datetime.timedelta(length):%Y%m%d}")
    if source.random() < 0.1:
        return lines
    months = ",".join(str(source.choice([start.month, source.randrange(1, 13)])) for _ in range(source.choice([1, 2])))
    numbers = ",".join(str(source.choice([start.day, 1, 15, 31, -1, -30])) for _ in range(source.choice([1, 2])))
    # dateutil takes 1MO,TU as an intersection, so that all weekdays have a number or none has.
    ordinals = source.choice([[""], ["1", "+2", "4", "5", "-1", "-2"]])
    weekdays = ",".join(
        source.choice(ordinals) + source.choice(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
        for _ in range(source.choice([1, 2])))
    days = source.choice([[], [f"BYMONTHDAY={numbers}"], [f"BYMONTH={months}"],
                          [f"BYMONTH={months}", f"BYMONTHDAY={numbers}"], [f"BYMONTH={months}", f"BYDAY={weekdays}"]])
    interval = [f"INTERVAL={source.choice([2, 3])}"] if source.random() < 0.3 else []
    last = start + datetime.timedelta(source.randrange(1800))
    end = source.choice([[], [], [f"UNTIL={last:%Y%m%d}"], [f"COUNT={source.randrange(1, 7)}"]])
    return [*lines, "RRULE:" + ";".join(["FREQ=YEARLY", *interval, *days, *end])]


def is_refused(lines):
    """Whether the rule gives no day, or has a COUNT and does not give the start: gonogo refuses those."""
    start, rule = lines[0].split(":")[1], next((line[6:] for line in lines if line.startswith("RRULE:")), None)
    if rule is None:
        return False
    days = dateutil.rrule.rrulestr(rule, dtstart=datetime.datetime.strptime(start, "%Y%m%d"))
    first = next(iter(days), None)
    return first is None or ("COUNT=" in rule and f"{first:%Y%m%d}" != start)


def random_cases(count):
    source = random.Random(1)
    cases = {}
    while len(cases) < count:
        lines = some_event(source)
        if not is_refused(lines):
            cases[" ".join(lines)] = [lines]
    return cases


def text(parts):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//gonogo//tests//EN"]
    for number, part in enumerate(parts):
        if part[0].startswith("BEGIN:"):
            lines += part
            continue
        uid = [] if part[0].startswith("UID:") else [f"UID:event-{number}"]
        lines += ["BEGIN:VEVENT", "DTSTAMP:20260101T000000Z", *uid, "SUMMARY:Day", *part, "END:VEVENT"]
    return "".join(line + "\r\n" for line in lines + ["END:VCALENDAR"])


def days(text):
    found = set()
    calendar = icalendar.Calendar.from_ical(text)
    # A date that is added in UTC is reported in UTC; its day is that of the event's own zone.
    zones = {str(event["UID"]): getattr(event["DTSTART"].dt, "tzinfo", None) for event in calendar.walk("VEVENT")}
    for event in recurring_ical_events.of(calendar).between((FIRST, 1, 1), (LAST + 1, 1, 1)):
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        if isinstance(start, datetime.datetime):
            zone = zones[str(event["UID"])]
            start, end = ((moment.astimezone(zone) if zone else moment).date() for moment in (start, end))
        while start < end:
            found.add(start.isoformat())
            start += datetime.timedelta(days=1)
    return sorted(day for day in found if FIRST <= int(day[:4]) <= LAST)


CASES |= random_cases(60)
json.dump(
    {"years": [FIRST, LAST], "by": f"icalendar {icalendar.__version__}, recurring_ical_events",
     "cases": [{"name": name, "file": text(parts), "days": days(text(parts))} for name, parts in CASES.items()]},
    sys.stdout, indent=1)
print()
