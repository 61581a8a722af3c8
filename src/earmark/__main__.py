"""`python -m earmark` is the same as `earmark`."""

import sys

from earmark.cli.main import main

sys.exit(main())
