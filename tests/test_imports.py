import subprocess
import sys

import pytest

HEAVY = "{'torch', 'gradio', 'transformers', 'trl', 'peft', 'openai', 'pandas', 'numba'}"


@pytest.mark.parametrize(
    "package", ["arena", "arena.types", "judges", "training", "workbench", "workbench.cli"]
)
def test_a_package_imports_nothing_heavy(package):
    code = f"import sys, {package}\nsys.exit(', '.join(sorted({HEAVY} & set(sys.modules))) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
