#!/usr/bin/env python3
"""Writes what fuzzing begins with into seeds/: filters and bodies of the HTTP scenarios, and a row of each kind of file."""

import json
import re
from pathlib import Path

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "scenarios"
FEEDS = [
    b'{"id":"mug","title":"Mug","variants":[{"sku":"MUG-1","offers":[{"price":{"amount_minor":900,"currency":"USD"}}]}]}\n',
    b"id,title,price,currency,brand\n1,Mug,9.00,USD,Kiln\n",
    b"id\ttitle\tprice\n1\tMug\t9.00 USD\n",
    b'<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>1</g:id><title>Mug</title><g:price>9.00 USD</g:price></item></channel></rss>',
    b"Handle,Title,Variant SKU,Variant Price,Option1 Name,Option1 Value\nmug,Mug,M-1,9.00,Colour,red\nmug,,M-2,9.00,,blue\n",
    b'[{"order_id":"1","product_id":"mug","quantity":2}]',
]


def write(target, number, content):
    folder = HERE / "seeds" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / str(number)).write_bytes(content)


def doors():
    source = (HERE / "targets" / "requests.rs").read_text()
    bodies = re.findall(r'\("([A-Z]+)", "([^"]+)", (?:JSON|LINES)\)', source)
    return {f"{method} {target}": place for place, (method, target) in enumerate(bodies)}


def main():
    places, filters, bodies = doors(), set(), []
    for path in sorted(SCENARIOS.glob("*.json")):
        text = path.read_text()
        filters.update(re.findall(r'"filter": "([^"]{1,200})"', text))
        for step in json.loads(text):
            request = step.get("request", "") if isinstance(step, dict) else ""
            kind = re.sub(r"/[^/]+$", "", request)
            place = next((place for name, place in places.items() if name in (request, kind) or name.rsplit("/", 1)[0] == kind), None)
            if place is not None and "body" in step:
                bodies.append((place, json.dumps(step["body"]).encode()))
    for number, text in enumerate(sorted(filters)):
        write("filter", number, text.encode())
    # The first byte chooses, the others are the body.
    for number, (place, body) in enumerate(bodies):
        write("requests", number, bytes([place]) + body)
    for number, feed in enumerate(FEEDS):
        write("feeds", number, bytes([0]) + feed)
    write("cursor", 0, b"AgAAAAAAAAAAAA")
    write("records", 0, b"\x01\x92\x00\x90")
    write("segment", 0, b"\x00")


main()
