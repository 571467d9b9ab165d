"""`python -m training FOLDER`: carry out the run in FOLDER, in this process, saying on stderr what it does."""

import logging
import os
import sys
import warnings
from pathlib import Path


def main() -> int:
    """Run the folder named by the only argument; return the exit code."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m training RUN_FOLDER\n")
        return 2
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%Y-%m-%d %H:%M:%S", level=logging.WARNING)
    logging.getLogger("training").setLevel(logging.INFO)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a run never waits for a network
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")  # TRL refuses several GPUs in one process
    os.environ.setdefault(
        "OMP_WAIT_POLICY", "passive"
    )  # threads sleep, not spin, when other work takes a core
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    warnings.filterwarnings(
        "ignore", category=FutureWarning
    )  # of one library to another, not to the reader of a log
    from training.execute import execute

    return execute(Path(sys.argv[1]))


if __name__ == "__main__":
    sys.exit(main())
