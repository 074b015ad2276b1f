#!/usr/bin/env python3
"""Writes the expected figures into the files of metric-scenarios/, for the tests that read them by `MetricScenario`.

The figures follow docs/product.md, section 4, and docs/contract.md, "Metric file"; none is taken from the services. They are
counted from the events each time, so every rule is one short function here.

A scenario has a sealed plan of the feature `f` and the launch `trial`, perhaps an amended one, the announcements of its
exposure, the events in the order of the log, and the moments that are asked about. An event without `time` happened when it
was stored; without `id` it is like no other.

Usage: metric-scenarios.py           writes `expected` into each file
       metric-scenarios.py --check   fails if a file differs from what it would write
"""
import json
import sys
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

FEATURE, LAUNCH = "f", "trial"
EXCLUDED = {"internal", "test", "closed"}
DAY = timedelta(hours=24)
TICK = timedelta(microseconds=1)
FUTURE = timedelta(minutes=5)
DEFAULT_DAYS = {"tickets": 7}
SATISFIED = {"thumbs": 1, "1-5": 4, "1-10": 8}
THUMBS = {"up": 1, "down": 0}


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


class Event:
    def __init__(self, offset, document):
        self.offset = offset
        self.type = document["type"]
        self.data = document["data"]
        self.stored = moment(document["storedAt"])
        self.at = moment(document.get("time", document["storedAt"]))
        self.id = document.get("id", f"event {offset}")
        self.document = {"type": self.type, "data": self.data}

    @property
    def order(self):
        return self.at, self.offset


def log(scenario):
    """The events that count: each id once, and none from the future."""
    seen, events = set(), []
    for offset, document in enumerate(scenario["events"], 1):
        event = Event(offset, document)
        if event.id not in seen and event.at <= event.stored + FUTURE:
            events.append(event)
        seen.add(event.id)
    return events


class Window:
    """[start, end), which a rollback cuts."""

    def __init__(self, attempt, known_since, days):
        self.start = moment(attempt["startedAt"])
        self.end = self.start + days * DAY
        if attempt.get("rolledBackAt"):
            self.end = max(self.start, min(self.end, moment(attempt["rolledBackAt"])))
        self.known_since = known_since

    def closing(self, end):
        """When the figure up to an end was final: then, or once the exposure was known."""
        return max(end, self.known_since)


class Accounts:
    """The states of accounts before a moment."""

    def __init__(self, events, before):
        self.latest = {}
        for event in sorted((e for e in events if e.type == "account.changed"), key=lambda e: e.order):
            if event.at < before:
                self.latest[event.data["account"]] = event.data

    def counted(self, account):
        """The account that this one counts as; None if it is excluded."""
        survivor = follow(account, lambda key: self.latest.get(key, {}).get("mergedInto"))
        return None if self.latest.get(survivor, {}).get("state") in EXCLUDED else survivor

    def counts(self, account):
        return account is None or self.counted(account) is not None


def follow(key, successor):
    """The last of a chain of merges; of a cycle, the least key."""
    path = [key]
    while (following := successor(path[-1])) is not None:
        if following in path:
            return min(path[path.index(following):])
        path.append(following)
    return path[-1]


class Tickets:
    """The tickets, of which merged ones are one, and which of them a plan attributes to the feature."""

    def __init__(self, events, plan):
        self.tags = {tag for metric in plan for tag in metric.get("tags", [])}
        self.events, self.target = {}, {}
        for event in sorted((e for e in events if e.type.startswith("ticket.")), key=lambda e: e.order):
            ticket = event.data["ticket"]
            self.events.setdefault(ticket, []).append(event)
            if event.data.get("mergedInto"):
                self.target[ticket] = event.data["mergedInto"]

    def survivor(self, ticket):
        return follow(ticket, self.target.get)

    def survivors(self):
        return [ticket for ticket in self.events if self.survivor(ticket) == ticket and self.opening(ticket)]

    def opening(self, ticket):
        return next((e for e in self.events.get(ticket, []) if e.type == "ticket.opened"), None)

    def is_known(self, ticket):
        return any(self.opening(t) for t in self.events if self.survivor(t) == ticket)

    def is_about_feature(self, ticket):
        found = self.attribution(ticket, set())
        return found is not None and found[1]

    def attribution(self, ticket, seen):
        """The order of the event that decides, and whether it is about the feature; None if nothing says what it is about.

        A ticket's own attribution comes first. Where it has none, the latest of those merged into it counts, each with what it
        was about itself.
        """
        own = self.own_attribution(ticket)
        if own is not None:
            return own
        merged = [t for t in self.target if self.target[t] == ticket and t not in seen | {ticket}]
        found = [self.attribution(t, seen | {ticket}) for t in merged]
        return max((f for f in found if f is not None), default=None)

    def own_attribution(self, ticket):
        named = decided = None
        for event in self.events.get(ticket, []):
            feature, tags = event.data.get("feature"), event.data.get("tags")
            if feature is not None:
                named = decided = (event.order, feature == FEATURE)
            elif tags is not None and self.tags & set(tags):
                decided = (event.order, True)
            elif tags is not None and named is None:
                decided = None  # its tags are others now, and nobody ever named a feature
        return decided


def adoption(metric, events, start, end, states):
    active, adopted = set(), set()
    for event in events:
        if event.type in ("feature.used", "account.active") and start <= event.at < end:
            account = states.counted(event.data["account"])
            if account is not None:
                active.add(account)
                if event.data.get("feature") == FEATURE and event.type == "feature.used":
                    adopted.add(account)
    return figure(share(len(adopted), len(active)), len(adopted), len(active), len(active))


def tickets(metric, events, start, end, states, plan):
    index = Tickets(events, plan)
    opened = [
        t for t in index.survivors()
        if start <= index.opening(t).at < end and states.counts(index.opening(t).data.get("account"))]
    own = sum(index.is_about_feature(ticket) for ticket in opened)
    return figure(own if opened else None, own, None, own)


def about_feature(scores, ticket, index):
    """By the survivor's own scores, then its own events; only where neither says, by those merged into it.

    None if no score names a feature and the ticket is not known, so that it is neither the feature's nor another's.
    """
    named = [(score.data["ticket"] == ticket, score.data["feature"]) for score in scores if "feature" in score.data]
    own = [feature for is_own, feature in named if is_own]
    if own:
        return own[-1] == FEATURE
    is_known = index.is_known(ticket)
    decided = index.own_attribution(ticket) if is_known else None
    if decided is not None:
        return decided[1]
    if named:
        return named[-1][1] == FEATURE
    return index.is_about_feature(ticket) if is_known else None


def satisfaction(metric, events, start, end, states, plan):
    index = Tickets(events, plan)
    interactions = {}
    for event in sorted((e for e in events if e.type == "csat.scored" and e.at < end), key=lambda e: e.order):
        interactions.setdefault(index.survivor(event.data["ticket"]), []).append(event)
    channels = {}
    for ticket, scores in interactions.items():
        if scores[-1].at < start:
            continue
        opening = index.opening(ticket)
        fallback = opening.data if opening else {}
        # What it is about, who gave it and in which channel stay unless a later score says otherwise.
        said = {key: value for score in scores for key, value in score.data.items()}
        if not states.counts(said.get("account", fallback.get("account"))):
            continue
        is_own = about_feature(scores, ticket, index)
        if is_own is None:
            continue
        score = scores[-1].data
        is_satisfied = THUMBS.get(score["score"], score["score"]) >= SATISFIED[score["scale"]]
        channels.setdefault(said.get("channel", fallback.get("channel")), []).append((is_own, is_satisfied))
    compared = [
        is_satisfied for answers in channels.values() for is_own, is_satisfied in answers
        if is_own and not all(own for own, _ in answers)]
    return figure(share(sum(compared), len(compared)), sum(compared), len(compared), len(compared))


def articles(metric, events, start, end, states):
    wanted = set(metric.get("articles", []))
    for event in events:
        if event.type == "article.published":
            if event.data.get("feature") == FEATURE or event.data.get("launch") == LAUNCH:
                wanted.add(event.data["article"])
    inside = [e for e in events if start <= e.at < end]
    if metric["target"].endswith("views"):
        viewed = [e for e in inside if e.type == "article.viewed"]
        views = sum(e.data["article"] in wanted and states.counts(e.data.get("account")) for e in viewed)
        return figure(views if wanted and viewed else None, views, None, views)
    votes = {}
    for event in sorted((e for e in inside if e.type == "article.rated"), key=lambda e: e.order):
        if event.data["article"] in wanted:
            votes[event.data["article"], event.data.get("voter", event)] = event.data["rating"] == "up"
    return figure(share(sum(votes.values()), len(votes)), sum(votes.values()), len(votes), len(votes))


def custom(metric, events, start, end, states):
    inside = [
        e for e in events
        if e.type == metric["type"] and start <= e.at < end and states.counts(e.data.get("account"))]
    fitting = [e for e in inside if fits(e, metric.get("where", {}))]
    aggregate = metric["aggregate"]
    if aggregate == "count":
        return figure(len(fitting) if inside else None, len(fitting), None, len(fitting))
    if aggregate == "ratio":
        base = [e for e in inside if fits(e, metric.get("of", {}))]
        hits = sum(fits(e, metric["where"]) for e in base)
        return figure(share(hits, len(base)), hits, len(base), len(base))
    values = [v for e in fitting if (v := look_up(e.document, metric["field"])) is not None]
    # Without a usable value there is nothing to add up or to tell apart, which is not 0.
    if aggregate == "distinct":
        if metric["field"] == "/data/account":
            different = {states.counted(value) for value in values} - {None}
        else:
            different = {json.dumps(value, sort_keys=True) for value in values}
        return figure(len(different) if values else None, len(different), None, len(values))
    # Exact, and rounded once.
    numbers = [Fraction(v) for v in values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if aggregate == "sum":
        return figure(float(sum(numbers)) if numbers else None, None, None, len(numbers))
    return figure(float(sum(numbers) / len(numbers)) if numbers else None, None, None, len(numbers))


def look_up(document, pointer):
    for token in pointer.split("/")[1:]:
        if not isinstance(document, dict):
            return None
        document = document.get(token.replace("~1", "/").replace("~0", "~"))
    return document


def fits(event, conditions):
    """Numbers compare by value, and a truth value is not a number."""
    return all(
        found == wanted and isinstance(found, bool) == isinstance(wanted, bool)
        for pointer, wanted in conditions.items() for found in [look_up(event.document, pointer)])


def share(part, whole):
    return part / whole if whole else None


def figure(value, numerator, denominator, n):
    return {"value": value, "numerator": numerator, "denominator": denominator, "n": n}


def result(f):
    """What must not have changed for a figure not to be restated."""
    return f["value"], f["numerator"], f["denominator"]


def measure(metric, plan, events, window, now):
    def compute(end, states_before, stored_before=None):
        known = [e for e in events if stored_before is None or e.stored < stored_before]
        parts = (metric, known, window.start, end, Accounts(known, states_before))
        match metric["kind"]:
            case "adoption": return adoption(*parts)
            case "tickets": return tickets(*parts, plan)
            case "csat": return satisfaction(*parts, plan)
            case "articles": return articles(*parts)
            case "custom": return custom(*parts)

    is_closed = window.end <= now
    current = compute(window.end, window.end if is_closed else now + TICK)
    restated = is_closed and result(current) != result(compute(window.end, window.end, window.closing(window.end)))
    curve = None
    if metric["kind"] == "adoption":
        curve, end = [], window.start + DAY
        while end <= min(window.end, now):
            point = compute(end, end)
            restated = restated or result(point) != result(compute(end, end, window.closing(end)))
            curve.append([point["numerator"], point["denominator"]])
            end += DAY
    return {"key": metric["key"], **current, "restated": restated, "curve": curve}


def answer(scenario, question):
    """The figures at a moment: of the events, announcements and plans that were stored by then."""
    now = moment(question["asOf"])
    events = [e for e in log(scenario) if e.stored <= now]
    known_since, attempts = {}, []
    for announced in scenario["exposures"]:
        if moment(announced["storedAt"]) <= now:
            attempts = announced["attempts"]
            for number in range(len(attempts)):
                known_since.setdefault(number, moment(announced["storedAt"]))
    number = question.get("attempt", len(attempts)) - 1

    def figures(plan):
        return [
            measure(
                metric, plan, events,
                Window(
                    attempts[number], known_since[number],
                    metric.get("days", DEFAULT_DAYS.get(metric["kind"], 30))),
                now)
            for metric in plan]

    plans = [scenario["sealed"]]
    if "amended" in scenario and moment(scenario["amended"]["storedAt"]) <= now:
        plans.insert(0, scenario["amended"]["metrics"])
    found = {**question, "metrics": figures(plans[0])}
    if len(plans) > 1:
        found["beforeAmendment"] = figures(plans[1])
    return found


def text(scenario):
    """The file, with one line for each element of a list."""
    def element(value, indent):
        if isinstance(value, dict) and ("metrics" in value or "beforeAmendment" in value):
            members = ",\n".join(f'{indent}  {json.dumps(k)}: {element(v, indent + "  ")}' for k, v in value.items())
            return "{\n" + members + "\n" + indent + "}"
        if isinstance(value, list) and value:
            return "[\n" + ",\n".join(indent + "  " + element(v, indent + "  ") for v in value) + "\n" + indent + "]"
        return json.dumps(value, ensure_ascii=False)

    members = ",\n".join(f'  {json.dumps(key)}: {element(value, "  ")}' for key, value in scenario.items())
    return "{\n" + members + "\n}\n"


def main():
    is_check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not is_check:
        sys.exit(__doc__)
    differing = []
    for path in sorted((Path(__file__).parent / "metric-scenarios").glob("*.json")):
        written = path.read_text(encoding="utf-8")
        scenario = json.loads(written)
        scenario["expected"] = [answer(scenario, question) for question in scenario["asked"]]
        if is_check and text(scenario) != written:
            differing.append(path.name)
        elif not is_check:
            path.write_text(text(scenario), encoding="utf-8")
    if differing:
        sys.exit(f"not what metric-scenarios.py writes: {', '.join(differing)}")


if __name__ == "__main__":
    main()
