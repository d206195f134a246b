"""Holds the demo's JSON answer, read from standard input, against what the README promises."""

import json
import sys

ITEM_COUNT = 10

answer = json.load(sys.stdin)
problems = []


def expect(condition, message):
    if not condition:
        problems.append(message)


def keys(value, names, where):
    missing = [name for name in names if name not in value]
    expect(not missing, f"{where} lacks {missing}")


keys(answer, ["items", "coverage", "degraded", "provenance", "stages_ms"], "the answer")
items = answer.get("items", [])
expect(len(items) == ITEM_COUNT, f"{len(items)} items instead of {ITEM_COUNT}")
for item in items:
    keys(item, ["id", "title", "score", "parts"], "an item")
    keys(item.get("parts", {}), ["llm", "srs"], "an item's parts")
    expect(item.get("title"), "an item has no title")
scores = [item.get("score", 0.0) for item in items]
expect(scores == sorted(scores, reverse=True), "the items are not in the order of their scores")
expect(len({item.get("id") for item in items}) == len(items), "an item stands twice")
expect(answer.get("degraded") is False, f"degraded: {answer.get('degraded')}")
expect(answer.get("coverage") == 1, f"coverage is {answer.get('coverage')}, not 1")
provenance = ["release", "representation", "catalog_version", "llm"]
keys(answer.get("provenance", {}), provenance, "the provenance")
expect(answer.get("stages_ms"), "stages_ms is empty")

for problem in problems:
    print(f"demo: {problem}", file=sys.stderr)
if problems:
    print(json.dumps(answer, indent=1), file=sys.stderr)
    sys.exit(1)
print(f"demo: {len(items)} items, coverage 1, release {answer['provenance']['release']}")
