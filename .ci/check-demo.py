"""Holds the demo's JSON answer, read from standard input, against what the README promises and
the shipped release's manifest says of itself."""

import json
import pathlib
import sys

ITEM_COUNT = 10
RELEASE = pathlib.Path(__file__).parent.parent / "Deploy" / "releases" / "movielens-100k"

answer = json.load(sys.stdin)
manifest = json.loads((RELEASE / "manifest.json").read_text())
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
representation = manifest["representation"]
adapters = [adapter["name"] for adapter in manifest["adapters"]]
promised = {
    "release": manifest["name"],
    "representation": representation,
    "ranked_by": representation,
    "adapter": "default" if "default" in adapters else "",
    "llm": manifest["llm"]["name"],
    "llm_weight": manifest["fusion"]["llm"],
    "srs_weight": manifest["fusion"]["srs"],
}
for name, value in promised.items():
    found = answer.get("provenance", {}).get(name)
    expect(found == value, f"{name} is {found!r}, the release promises {value!r}")
# Whatever is cached, the first answer of a demo has asked for every part.
has_vectors = representation in ("hybrid", "behavioural")
has_user_state = manifest.get("prompt", {}).get("user_state", False)
stages = answer.get("stages_ms", {})
for stage, wanted in [
    ("sequence", True),
    ("encoder", True),
    ("catalog", True),
    ("item_rows", has_vectors),
    ("user_state", has_user_state),
    ("projector", has_vectors),
    ("ranker", True),
]:
    expect((stage in stages) == wanted, f"stages_ms has {sorted(stages)}; {stage}: {wanted}")

for problem in problems:
    print(f"demo: {problem}", file=sys.stderr)
if problems:
    print(json.dumps(answer, indent=1), file=sys.stderr)
    sys.exit(1)
print(
    f"demo: {len(items)} items, coverage 1, release {answer['provenance']['release']}, "
    f"ranked by {representation}"
)
