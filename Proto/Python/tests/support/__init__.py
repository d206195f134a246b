"""What the tests share. Importing it puts src on the path, so that nothing needs to be installed."""

from __future__ import annotations

import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS.parent / "src"))
WIRE_DOCUMENT = TESTS.parent.parent / "WIRE.md"
