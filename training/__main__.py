"""`python -m training FOLDER`: carry out the run in FOLDER, in this process; its log goes to FOLDER/log.txt too."""

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
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a run never waits for a network
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")  # TRL refuses several GPUs in one process
    os.environ.setdefault(
        "OMP_WAIT_POLICY", "passive"
    )  # threads sleep, not spin, when other work takes a core
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    warnings.filterwarnings(
        "ignore", category=FutureWarning
    )  # of one library to another, not to the reader of a log
    from training.execute import LOG_FORMAT, LOG_TIME, execute, log
    from training.run import LOG

    folder = Path(sys.argv[1])
    logging.basicConfig(format=LOG_FORMAT, datefmt=LOG_TIME, level=logging.WARNING)
    log.propagate = not _is_stderr(folder / LOG)  # else each line would stand in the log twice
    return execute(folder)


def _is_stderr(path: Path) -> bool:
    return path.exists() and os.path.samestat(path.stat(), os.fstat(2))


if __name__ == "__main__":
    sys.exit(main())
