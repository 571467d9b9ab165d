"""Judgments against a server that answers from a script; see `judgments.py`, which does the work.

    python benchmarks/judges.py [--judgments 2000] [--slots 64,256] [--rounds 1] [--only NAME,...] [--out FILE.json]

This file shares its name with the package `judges`, so the folder it stands in must not come first on the path.
"""

import sys

sys.path.append(sys.path.pop(0))

from judgments import main

if __name__ == "__main__":
    main()
