"""`python -m local_cloud`: the same as the `local-cloud` command."""

import sys

from local_cloud import main

sys.exit(main())
