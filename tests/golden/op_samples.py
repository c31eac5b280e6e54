"""Counts how far Candela agrees with PyTorch on PyTorch's own samples: those with which PyTorch tests
each of its ops (torch.testing._internal's op_db).

    python tests/golden/op_samples.py [--op NAME]... [--quick] [--kind KIND] [--report] [--driver FILE]

Run with PyTorch 2.15, after `./run build`, which leaves the program build/tests/sample_driver. Every
sample of float32, float64, int64, int32, uint8 and bool is computed by both: the results, for floating
dtypes the gradients with random weights, and in float64 the gradients of these. So are the forms in
place, the calls that must fail (op_db's error inputs), and a few samples in dtypes that PyTorch refuses.
Complex and sparse tensors, out= and float16 are left out.

An op that Candela has gets a line for each form of its call in tests/samples/FAMILY.def; sample_calls.def
explains it. Nothing has to be added here, unless op_db calls the op by arguments that are not those of
its documentation: see REWRITTEN.

What is counted, for each sample:

    agree      the same results, or an error in both
    lacking    Candela's call does not take one of the arguments
    accepted   PyTorch refuses the call, and Candela computes it
    refused    PyTorch computes it, and Candela refuses
    dtype, shape, value     a result differs
    changed    a tensor among the arguments is changed otherwise, such as running_mean
    grad       a gradient differs, or is there in one only, or cannot be computed
    second     the same for the gradient of the gradient
    crash      the driver ended, or did not answer within a minute

The share that agrees is taken over all samples of ops that have a line. A call that PyTorch refuses and
no line takes, such as one with a string for a dimension, cannot be written in C and is not counted. Names of grad_fn
that differ are listed, and count as agreement. --op takes a name of op_db (softmax, nn.functional.linear);
--quick takes 12 samples of each op in float32 and int64, without second gradients; --kind lists all
disagreements of one kind, where otherwise one stands for each cause; --report prints a table with a line for each op.

Tolerances are those of torch.testing.assert_close: float32 1.3e-6 relative and 1e-5 absolute, float64
1e-7 for both. They are 8 times as wide for gradients, and for the results of ops that are not
elementwise, which add up many elements. Integers and bool must be equal. NaN is equal to NaN."""
import argparse
import collections
import math
import os
import select
import subprocess
import sys
import types
import unittest
import warnings

import torch

from sample_counts import Counts

try:
    import expecttest  # noqa: F401
except ImportError:  # op_db's modules import it for PyTorch's own tests, which do not run here
    sys.modules["expecttest"] = types.ModuleType("expecttest")
    sys.modules["expecttest"].TestCase = unittest.TestCase
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.opinfo.core import BinaryUfuncInfo, UnaryUfuncInfo

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DTYPES = [torch.float32, torch.float64, torch.int64, torch.int32, torch.uint8, torch.bool]
KINDS = ["agree", "lacking", "accepted", "refused", "dtype", "shape", "value", "changed", "grad", "second",
         "crash"]
TOLERANCE = {torch.float32: (1.3e-6, 1e-5), torch.float64: (1e-7, 1e-7)}
SEED = 42  # op_db's random ops set this seed themselves
SMALL = 1000  # elements of the inputs up to which second gradients are computed
PATIENCE = 60  # seconds for an answer

# Results without defined elements: only dtype and shape are compared.
UNDEFINED = {"empty", "empty_like"}
# Ops that say where elements were, of equal ones any: where there are equal ones, only the values count.
TIES = {"topk", "median", "nanmedian", "mode", "kthvalue"}
# Samples whose arguments have another order than those of the op's documentation: a function of
# (input, args, kwargs) that gives those to send.
REWRITTEN = {"__getitem__": lambda args, kwargs: ([args[0], subscripts(args[1])], kwargs)}


def subscripts(value):
    """What stands between the brackets, with tensors for lists."""
    if isinstance(value, list):
        return torch.tensor(value)
    return [subscripts(v) for v in value] if isinstance(value, tuple) else value


class Unsupported(Exception):
    """A sample with something that Candela does not have at all, such as a complex tensor."""


# --- the driver -----------------------------------------------------------------------------------
class Driver:
    def __init__(self, path):
        self.path, self.process = path, None
        self.names = set(self.ask("names").split())

    def ask(self, line):
        """The answer to a request; None if the driver ends without one."""
        if self.process is None:
            self.process = subprocess.Popen([self.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            os.set_blocking(self.process.stdout.fileno(), False)
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
            answer = b""
            while not answer.endswith(b"\n"):
                ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
                part = self.process.stdout.read() if ready else b""
                if not part:
                    raise BrokenPipeError
                answer += part
            return answer.decode().rstrip("\n")
        except BrokenPipeError:
            self.process.kill()
            self.process.wait()
            self.process = None
            return None


def sizes(numbers):
    return "x".join(map(str, numbers)) or "."


def number(value):
    return float(value).hex() if isinstance(value, float) else str(int(value))


def encode_tensor(t):
    if t.dtype not in DTYPES or t.layout != torch.strided or t.device.type != "cpu" or t.dim() > 8:
        raise Unsupported(f"a tensor of {t.dtype}")
    extent = t.untyped_storage().nbytes() // t.element_size()
    storage = t.detach().as_strided((extent,), (1,), 0).tolist()
    grad = ":g" if t.requires_grad else ""
    return " ".join([f"t:{str(t.dtype)[6:]}{grad}", sizes(t.shape), sizes(t.stride()),
                     str(t.storage_offset()), str(extent)] + [number(v) for v in storage])


def encode(value):
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if not -2**63 <= value < 2**63:
            raise Unsupported("an integer beyond int64")
        return f"i:{value}"
    if isinstance(value, float):
        return "f:" + value.hex()
    if isinstance(value, str) and value and not set(value) & set("\t\n"):
        return "w:" + value.replace(" ", "\t")
    if isinstance(value, torch.dtype) and value in DTYPES:
        return "d:" + str(value)[6:]
    if isinstance(value, (torch.layout, torch.memory_format)):
        return "w:" + str(value)[6:]
    if isinstance(value, torch.device):
        return "w:" + str(value)
    if isinstance(value, torch.Tensor):
        return encode_tensor(value)
    if isinstance(value, (list, tuple)):
        return " ".join(["["] + [encode(v) for v in value] + ["]"])
    if isinstance(value, slice):
        ends = [0 if value.start is None else value.start, 2**63 - 1 if value.stop is None else value.stop,
                1 if value.step is None else value.step]
        return "s:" + ":".join(map(str, ends))
    if isinstance(value, (complex, torch.dtype)):
        raise Unsupported(f"{type(value).__name__} {value}")
    return "w:" + type(value).__name__  # such as the word ellipsis; few calls take it


def request(name, args, kwargs, weights=(), second=()):
    words = [name, str(SEED)] + [encode(a) for a in args]
    words += [f"{k}= {encode(v)}" for k, v in kwargs.items()]
    words += ["weights"] + [encode(w) for w in weights] + ["second"] + [encode(w) for w in second]
    return " ".join(words + ["end"])


class Answer:
    """What the driver answered to a call that succeeded."""

    def __init__(self, text):
        self.words, self.at = text.split(" "), 2
        self.results, self.nodes = [], []
        while self.words[self.at] != "changed":
            self.results.append(self.tensor())
        nodes = self.nodes
        self.at += 1
        self.changed = {}
        while self.words[self.at] != "gradients":
            which = int(self.words[self.at])
            self.at += 1
            self.changed[which] = self.tensor()
        self.gradients, self.failed = self.list("second")
        self.second, self.second_failed = self.list("end")
        self.nodes = nodes[:len(self.results)]

    def list(self, last):
        self.at += 1
        found = []
        while self.at < len(self.words) and self.words[self.at] not in (last, "end"):
            if self.words[self.at] == "failed":
                sentence = " ".join(self.words[self.at + 1:-1])
                self.at = len(self.words)
                return found, sentence
            found.append(self.tensor())
        return found, None

    def tensor(self):
        word = self.words[self.at]
        self.at += 1
        if word == "none":
            return None
        dtype, shape = getattr(torch, word), self.words[self.at]
        shape = [] if shape == "." else [int(n) for n in shape.split("x")]
        self.nodes.append(self.words[self.at + 1])
        self.at += 2
        count = math.prod(shape)
        words = self.words[self.at:self.at + count]
        self.at += count
        convert = float.fromhex if dtype.is_floating_point else int
        return torch.tensor([convert(w) for w in words], dtype=dtype).reshape(shape)


# --- samples --------------------------------------------------------------------------------------
def each_tensor(value):
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from each_tensor(v)
    elif isinstance(value, dict):
        for v in value.values():
            yield from each_tensor(v)


def leaves(value):
    """The same, with tensors that are leaves."""
    if isinstance(value, torch.Tensor):
        return value.detach().requires_grad_(value.requires_grad)
    if type(value) in (list, tuple):
        return type(value)(leaves(v) for v in value)
    return {k: leaves(v) for k, v in value.items()} if isinstance(value, dict) else value


def as_results(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (bool, int, float)):
        return [torch.tensor(value)]
    return [t for v in value for t in as_results(v)]


def same(a, b):
    """Whether two tensors are equal, NaN being equal to NaN."""
    return a.shape == b.shape and bool(((a == b) | ((a != a) & (b != b))).all())


def random_like(t):
    return torch.randn(t.shape, dtype=torch.float64).to(t.dtype)


class Expected:
    """What PyTorch computes."""

    def __init__(self, function, args, kwargs, differentiate, second):
        self.weights, self.gradients, self.second_weights, self.second = [], [], [], []
        self.error = self.refused = None
        tensors = list(each_tensor((args, kwargs)))
        before = [t.detach().clone() for t in tensors]
        torch.manual_seed(SEED)
        try:
            self.results = as_results(function(*args, **kwargs))
        except Exception as error:  # whatever PyTorch raises
            self.error = str(error).split("\n")[0]
            return
        self.arguments = [t.detach() for t in tensors]
        self.changed = [i for i, t in enumerate(tensors) if not same(t, before[i])]
        self.nodes = [t.grad_fn.name().split("::")[-1] if t.grad_fn else "-" for t in self.results]
        variables = [t for t in tensors if t.requires_grad]
        if differentiate and variables and any(t.requires_grad for t in self.results):
            self.differentiate(variables, second)

    def differentiate(self, variables, second):
        outputs = [t for t in self.results if t.requires_grad]
        self.weights = [random_like(t) if t.requires_grad else None for t in self.results]
        try:
            self.gradients = list(torch.autograd.grad(
                outputs, variables, [w for w in self.weights if w is not None], allow_unused=True,
                create_graph=second))
        except Exception as error:  # no gradient in PyTorch, such as that of floor_divide
            self.refused = str(error).split("\n")[0]
            return
        again = [g for g in self.gradients if g is not None and g.requires_grad]
        if not again or not second:
            return
        weights = [random_like(g) if g is not None and g.requires_grad else None for g in self.gradients]
        try:
            self.second = list(torch.autograd.grad(
                again, variables, [w for w in weights if w is not None], allow_unused=True))
            self.second_weights = weights
        except Exception:  # no second gradient in PyTorch either
            pass


# --- comparing ------------------------------------------------------------------------------------
def difference(kind, own, right, wide):
    """(kind, sentence) for the first way in which two tensors differ, or None."""
    if own.dtype != right.dtype:
        return "dtype", f"{own.dtype}, not {right.dtype}"
    if own.shape != right.shape:
        return "shape", f"{tuple(own.shape)}, not {tuple(right.shape)}"
    if own.dtype.is_floating_point:
        rtol, atol = (8 * x if wide else x for x in TOLERANCE[own.dtype])
        close = torch.isclose(own, right, rtol, atol, equal_nan=True)
    else:
        close = own == right
    if close.all():
        return None
    at = (~close).flatten().nonzero()[0].item()
    return kind, (f"{own.flatten()[at].item()!r}, not {right.flatten()[at].item()!r}, at element {at}; "
                  f"{int((~close).sum())} of {close.numel()} differ")


def compare_gradients(kind, own, right, strict):
    """With `strict`, a gradient that is 0 differs from none."""
    for k, r in enumerate(right):
        o = own[k] if k < len(own) else None
        if o is None and r is None:
            continue
        if o is None or r is None:
            if not strict and not (r if o is None else o).any():
                continue
            return kind, f"gradient {k} is {'none' if o is None else 'there'}, unlike PyTorch's"
        found = difference(kind, o, r, True)
        if found:
            return kind, f"gradient {k} is {found[1]}"
    return None


def compare(answer, expected, op):
    wide = not isinstance(op, (BinaryUfuncInfo, UnaryUfuncInfo))
    if len(answer.results) != len(expected.results):
        return "shape", f"{len(answer.results)} results, not {len(expected.results)}"
    for k, (own, right) in enumerate(zip(answer.results, expected.results)):
        found = difference("value", own, right.detach(), wide)
        tied = k > 0 and op.name in TIES and expected.arguments[0].unique().numel() < \
            expected.arguments[0].numel()
        if found and (found[0] != "value" or not (op.name in UNDEFINED or tied)):
            return found[0], f"result {k} is {found[1]}"
    for k in sorted({*answer.changed, *expected.changed}):
        if k not in answer.changed:
            return "changed", f"tensor {k} stays as it was"
        found = difference("changed", answer.changed[k], expected.arguments[k], True)
        if found:
            return "changed", f"tensor {k} becomes {found[1]}"
    if expected.refused:
        return None if answer.failed else ("grad", f"the gradient is there, but PyTorch: {expected.refused}")
    if answer.failed:
        return "grad", answer.failed
    found = compare_gradients("grad", answer.gradients, expected.gradients, True)
    if found:
        return found
    if answer.second_failed:
        return "second", answer.second_failed
    return compare_gradients("second", answer.second, expected.second, False)


# --- counting -------------------------------------------------------------------------------------
def short(value):
    if isinstance(value, torch.Tensor):
        text = f"{str(value.dtype)[6:]} {sizes(value.shape)}"
        if value.numel() <= 4:
            text += f" {value.tolist()}"
        return text if value.is_contiguous() else text + f" strides {sizes(value.stride())}"
    if isinstance(value, (list, tuple)):
        return "(" + ", ".join(map(short, value)) + ")"
    return repr(value)


def show(name, args, kwargs):
    return f"{name}({', '.join([short(a) for a in args] + [f'{k}={short(v)}' for k, v in kwargs.items()])})"


class Count(Counts):
    def __init__(self, driver, options):
        super().__init__(driver, options, KINDS)
        self.without, self.compared = set(), collections.Counter()

    def sample(self, op, name, function, args, kwargs, is_error=False):
        differentiate = op.supports_autograd and any(t.requires_grad for t in each_tensor((args, kwargs)))
        tensors = list(each_tensor((args, kwargs)))
        second = (differentiate and not self.options.quick and op.supports_gradgrad and
                  all(t.dtype != torch.float32 for t in tensors) and
                  sum(t.numel() for t in tensors) <= SMALL)
        sent, sent_kwargs = REWRITTEN.get(op.name, lambda *call: call)(args, kwargs)
        try:
            before = request(name, sent, sent_kwargs)  # the call may change its arguments
            expected = Expected(function, args, kwargs, differentiate, second)
            line = before[:-len("weights second end")] + request("", (), {}, expected.weights,
                                                                 expected.second_weights)[4:]
            for t in [] if expected.error else expected.results:
                encode_tensor(t)
        except Unsupported as why:
            self.left_out[str(why)] += 1
            return
        answer = self.driver.ask(line)
        call = show(name, sent, sent_kwargs)
        if is_error and not expected.error:
            self.left_out["expected to be refused, and PyTorch takes it"] += 1
            return
        self.judge(op, answer, expected, call)

    def judge(self, op, answer, expected, call):
        if self.settle(op.name, answer, expected.error, call):
            return
        got = Answer(answer)
        self.compared["gradients"] += bool(got.gradients)
        self.compared["second gradients"] += any(t is not None for t in got.second)
        found = compare(got, expected, op)
        if not found and got.nodes != expected.nodes:
            self.differences[op.name, ", ".join(got.nodes), ", ".join(expected.nodes)] += 1
        self.add(op.name, *(found or ("agree", "")), call)


def samples_of(op, dtype, options):
    """The samples of a dtype; a few, of which some may not be computed, where PyTorch lacks it."""
    supported = dtype in op.dtypes
    grad = supported and dtype.is_floating_point and op.supports_autograd
    limit = 12 if options.quick else None if supported else 4
    torch.manual_seed(0)
    try:
        for i, s in enumerate(op.sample_inputs("cpu", dtype, requires_grad=grad)):
            if limit is not None and i >= limit:
                return
            yield s, not supported
    except Exception:  # the samples themselves cannot be made in this dtype
        return


def run_op(count, op, name):
    in_place = getattr(op.inplace_variant, "__name__", None)
    if in_place == "<lambda>":  # a function with inplace=True
        in_place = name + "_"
    if op.name.endswith("_") or (in_place and in_place.replace(".", "_") not in count.driver.names):
        in_place = None
    for dtype in DTYPES[:3:2] if count.options.quick else DTYPES:
        for s, is_error in samples_of(op, dtype, count.options):
            args, kwargs = leaves([s.input, *s.args]), leaves(s.kwargs)
            count.sample(op, name, op.op, args, kwargs, is_error)
            if in_place and not s.broadcasts_input and isinstance(s.input, torch.Tensor):
                args, kwargs = leaves([s.input, *s.args]), leaves(s.kwargs)
                count.sample(op, in_place, lambda x, *a, **k: op.inplace_variant(x.clone(), *a, **k),
                             args, kwargs, is_error)
    try:
        errors = list(op.error_inputs("cpu"))
    except Exception:  # most ops have none
        errors = []
    for e in errors:
        s = e.sample_input
        count.sample(op, name, op.op, leaves([s.input, *s.args]), leaves(s.kwargs), is_error=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--op", action="append")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--driver", default=os.path.join(ROOT, "build/tests/sample_driver"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    count = Count(Driver(options.driver), options)
    for op in op_db:
        name = op.name.replace(".", "_")
        if f"{name}__{op.variant_test_name}" in count.driver.names:
            name = f"{name}__{op.variant_test_name}"
        if options.op and op.name not in options.op:
            continue
        if name not in count.driver.names:
            count.without.add(op.name)
            continue
        run_op(count, op, name)
    count.list("grad_fn")
    count.report("op", [f"samples with gradients: {count.compared['gradients']}, with second gradients: "
                        f"{count.compared['second gradients']}",
                        f"ops of op_db that Candela lacks: {len(count.without)}"])


if __name__ == "__main__":
    main()
