#!/usr/bin/env python3
"""Loads a report in headless Chromium and checks what is on the page.

    Tests/Outside/report_page.py REPORT.html [REPORT.json]

In light and dark colours, at 1280 and 390 px: nothing is loaded and nothing is logged, nothing has to be scrolled
sideways, no text of a chart is smaller than 11 px or covers another, and all text has a contrast of at least 4.5. With
the JSON form of the report, each day of the adoption curve has a mark where its axes put it. Needs playwright, and
Chromium in CHROMIUM, on the PATH, or as playwright installs it.
"""

import json
import os
import pathlib
import shutil
import sys

from playwright.sync_api import sync_playwright

# What a text's box may be covered by: a box is as high as its line, which is more than its letters.
OVERLAP = 4
TOLERANCE = 1.5

TEXTS = """() => {
  const rgb = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const luminance = c => {
    const [r, g, b] = c.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = element => {
    for (let e = element; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || ['title', 'desc', 'STYLE'].includes(element.tagName)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    const svg = element.closest('svg'), style = getComputedStyle(element);
    const onBar = element.classList.contains('on-bar');
    const colour = rgb(svg ? style.fill : style.color).slice(0, 3);
    const ground = onBar ? rgb(getComputedStyle(svg.querySelector('.bar')).fill) : background(element);
    const [a, b] = [luminance(colour), luminance(ground)].sort((x, y) => y - x);
    const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
    found.push({
      text: node.data, chart: svg ? svg.getAttribute('aria-labelledby') : null, contrast: (a + 0.05) / (b + 0.05),
      size: parseFloat(style.fontSize) * scale, box: [box.left, box.top, box.right, box.bottom],
    });
  }
  return found;
}"""

MARKS = """() => {
  const svg = document.querySelector('#adoption svg');
  if (!svg) return null;
  const middle = e => { const b = e.getBoundingClientRect(); return [(b.left + b.right) / 2, (b.top + b.bottom) / 2]; };
  const ticks = [...svg.querySelectorAll('.tick')];
  const days = ticks.filter(t => /^\\d+$/.test(t.textContent)).map(t => [Number(t.textContent), middle(t)[0]]);
  const shares = ticks.filter(t => t.textContent.endsWith('%')).map(t => parseFloat(t.textContent) / 100);
  const lines = [...svg.querySelectorAll('line.grid')].map(l => middle(l)[1]);
  return {
    days, shares: shares.map((share, index) => [share, lines[index]]),
    marks: [...svg.querySelectorAll('circle.main-mark')].map(c => ({
      day: Number(c.dataset.x), share: Number(c.dataset.y), at: middle(c), hint: c.textContent,
    })),
  };
}"""

NAMES = """() => [...document.querySelectorAll('svg')].map(svg => ({
  role: svg.getAttribute('role'),
  named: svg.getAttribute('aria-labelledby').split(' ').map(id => document.getElementById(id))
    .map(e => e && svg.contains(e) && e.textContent.trim() ? e.tagName : null),
}))"""


def place(scale, value):
    """Where a value is, by the first and the last tick of an axis."""
    (first, start), (last, end) = scale[0], scale[-1]
    return start + (value - first) / (last - first) * (end - start)


def check_texts(texts, faults):
    for text in texts:
        if text["contrast"] < 4.5:
            faults.append(f"contrast {text['contrast']:.2f}: {text['text'][:60]!r}")
        if text["chart"] and text["size"] < 11:
            faults.append(f"{text['size']:.1f} px: {text['text'][:60]!r}")
    charts = {}
    for text in texts:
        if text["chart"]:
            charts.setdefault(text["chart"], []).append(text)
    for labels in charts.values():
        for index, one in enumerate(labels):
            for other in labels[index + 1:]:
                a, b = one["box"], other["box"]
                width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
                if width > 1 and height > OVERLAP:
                    faults.append(f"{one['text'][:40]!r} covers {other['text'][:40]!r}")


def check_marks(found, report, faults):
    curves = [m.get("curve") for m in (report.get("metrics") or {}).get("metrics", []) if m["kind"] == "adoption"]
    wanted = {p["day"]: p["numerator"] / p["denominator"] for p in (curves[0] if curves else None) or []}
    marks = found["marks"] if found else []
    if sorted(wanted) != sorted(mark["day"] for mark in marks):
        faults.append(f"{len(wanted)} days of the curve, {len(marks)} marks")
        return
    for mark in marks:
        x, y = place(found["days"], mark["day"]), place(found["shares"], wanted[mark["day"]])
        if abs(mark["at"][0] - x) > TOLERANCE or abs(mark["at"][1] - y) > TOLERANCE:
            faults.append(f"day {mark['day']} is drawn at {mark['at']}, and belongs at {[x, y]}")


def check(browser, page_file, report, width, scheme):
    faults = []
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.on("console", lambda message: faults.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
    page.on("request", lambda r: r.url.startswith(("file:", "data:")) or faults.append(f"loads {r.url}"))
    page.goto(page_file.resolve().as_uri())
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        faults.append(f"{wide} px wide")
    if page.evaluate("document.scripts.length + document.querySelectorAll('img, iframe, object, link[rel=stylesheet]').length"):
        faults.append("it has scripts or loads something")
    for name in page.evaluate(NAMES):
        if name["role"] != "img" or name["named"] != ["title", "desc"]:
            faults.append(f"a chart without text alternative: {name}")
    check_texts(page.evaluate(TEXTS), faults)
    if report:
        check_marks(page.evaluate(MARKS), report, faults)
    context.close()
    return [f"{width} px, {scheme}: {fault}" for fault in faults]


def main():
    page_file = pathlib.Path(sys.argv[1])
    report = json.loads(pathlib.Path(sys.argv[2]).read_text()) if len(sys.argv) > 2 else None
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        faults = []
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                faults += check(browser, page_file, report, width, scheme)
        browser.close()
    print("\n".join(faults) or "the page is as it should be")
    sys.exit(1 if faults else 0)


main()
