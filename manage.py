#!/usr/bin/env python
"""Run the desk's commands."""

import os
import sys
from pathlib import Path

from desk.running.joining import join

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.settings")
    join(Path(__file__).resolve().parent, sys.argv[1] if len(sys.argv) > 1 else "")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
