"""What the tests of reports share stands beside them: hostile text, example reports."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
