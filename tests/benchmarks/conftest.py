"""The benchmark's modules import each other by name, as its scripts do."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
