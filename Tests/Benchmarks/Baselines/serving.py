"""What every baseline in Python shares: one JSON object a line, in and out."""

import json
import sys


def serve(versions, answer):
    """Names the versions, then answers each line with what `answer` returns for it."""
    print(json.dumps({"versions": versions}), flush=True)
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:  # The other side shows it and ends.
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)
