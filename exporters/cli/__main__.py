"""`python -m exporters.cli`."""

import sys

from exporters.cli.app import main

sys.exit(main())
