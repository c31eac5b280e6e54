"""Golden values of every op: tests/golden/ops/FAMILY.safetensors, read by tests/test_op_goldens.c.

    python make_ops.py [FAMILY...]

Run with PyTorch 2.15 and safetensors. The cases of a family of ops are in ops/FAMILY.py, and
Candela's calls for them in ops/FAMILY.def, a line each. A new family has a line in
tests/op_goldens.def too. op_case.py says what a case is."""
import glob
import os
import runpy
import sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ops")
sys.path.insert(0, os.path.dirname(HERE))
import op_case  # noqa: E402

found = sorted(os.path.basename(path)[:-3] for path in glob.glob(os.path.join(HERE, "*.py")))
for family in sys.argv[1:] or found:
    runpy.run_path(os.path.join(HERE, family + ".py"))
    op_case.save(os.path.join(HERE, family + ".safetensors"))
