"""Counts how far Candela's modules agree with PyTorch's on PyTorch's own samples: those with which
PyTorch tests each of its modules (torch.testing._internal's module_db).

    python tests/golden/module_samples.py [--module NAME]... [--kind KIND] [--report] [--driver FILE]

Run with PyTorch 2.15, after `./run build`, which leaves the program build/tests/sample_driver. Every
sample, in training and in evaluation mode, in float32 and float64, is made and called by both. The
module gets PyTorch's state by the names of its tensors. Compared are its printed form; the names,
kinds, dtypes and shapes of its tensors; the outputs; the buffers after the call; and the gradients of
the inputs and parameters with random weights. module_db's error inputs must fail in both.

A class of nn/modules.def needs nothing here: the arguments have the names of its table of options
(nn/option.h). Where PyTorch has one argument and Candela two options, tests/sample_options.c says so.

What is counted, for each sample:

    agree      all of it is the same, or there is an error in both
    lacking    Candela's class does not take one of the arguments
    accepted   PyTorch refuses to make or to call the module, and Candela does not
    refused    PyTorch makes and calls it, and Candela refuses
    names      the tensors of the module differ in name, kind, order, dtype or shape
    repr       it is printed otherwise
    value      an output differs, in dtype and shape too
    buffers    a buffer differs after the call
    grad       a gradient differs, or is there in one only, or cannot be computed
    crash      the driver ended, or did not answer within a minute

An argument that equals PyTorch's default is left out, so that Candela's defaults are used, unless
Candela requires it. PyTorch prints some options as they were given, (2, 2) or 2, and 1 or 1.0, which
C cannot know, and an attention's out_proj as NonDynamicallyQuantizableLinear, which is Linear here: such
differences are listed, and count as agreement. What Candela cannot be
given, such as a complex number, is not counted where PyTorch refuses it too. --module takes a name of
module_db without nn (Conv2d); --kind lists all disagreements of one kind; --report prints a line for
each module. Tolerances are those of op_samples.py, 8 times as wide as in torch.testing.assert_close."""
import argparse
import inspect
import os
import re
import urllib.parse
import warnings

import torch

from op_samples import (ROOT, SEED, Driver, Unsupported, as_results, difference, compare_gradients, each_tensor,
                        encode, encode_tensor, leaves, random_like, same, short)
from sample_counts import Counts
from torch.testing._internal.common_modules import FunctionInput, module_db

KINDS = ["agree", "lacking", "accepted", "refused", "names", "repr", "value", "buffers", "grad", "crash"]

# The arguments of classes whose constructors take *args.
SIGNATURES = {
    torch.nn.RNN: lambda input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True, batch_first=False,
    dropout=0.0, bidirectional=False, device=None, dtype=None: None,
    torch.nn.GRU: lambda input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
    bidirectional=False, device=None, dtype=None: None,
    torch.nn.LSTM: lambda input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
    bidirectional=False, proj_size=0, device=None, dtype=None: None,
}


# --- what is sent ---------------------------------------------------------------------------------
def remember_arguments():
    """Lets every module know the arguments that it is made with: some are arguments themselves."""
    def new(cls, *args, **kwargs):
        module = object.__new__(cls)
        module.__dict__["made_with"] = (args, kwargs)
        return module
    torch.nn.Module.__new__ = new


def is_default(value, default):
    return type(value) is type(default) and (value is default or value == default)


def arguments(function, args, kwargs):
    """The arguments by name: {name: (value, whether it is the default)}."""
    signature = inspect.signature(SIGNATURES.get(function, function))
    given, found = signature.bind(*args, **kwargs).arguments, {}
    for name, parameter in signature.parameters.items():
        if name in given:
            found[name] = (given[name], is_default(given[name], parameter.default))
        elif parameter.default is not parameter.empty:
            found[name] = (parameter.default, True)
    return found


def encode_option(value, dtype):
    if isinstance(value, torch.nn.Module):
        return encode_object(type(value), *value.made_with, dtype=dtype)
    if callable(value) and not isinstance(value, type):
        return "w:" + value.__name__
    return encode(value.tolist() if isinstance(value, torch.Size) else value)


def encode_object(cls, args, kwargs, without="device", dtype=None):
    """An object and what it is made with, but for the argument `without`."""
    found = arguments(cls, args, kwargs) | ({"dtype": (dtype, False)} if dtype else {})
    words = [f"{name}{'?' if default else ''}= {encode_option(value, dtype)}"
             for name, (value, default) in found.items() if name != without]
    return " ".join([f"o:{cls.__name__} (", *words, ")"])


def is_switch(parameter):
    """Whether a parameter of forward is no input, but says how the call is done."""
    return isinstance(parameter.default, bool) or parameter.name.endswith("is_causal")


def inputs_of(forward, args, kwargs):
    """The inputs in order, without None at the end, and the switches that differ from the default."""
    found, signature = arguments(forward, args, kwargs), inspect.signature(forward).parameters
    inputs = [v for k, (v, _) in found.items() if not is_switch(signature[k])]
    switches = {k: v for k, (v, default) in found.items() if is_switch(signature[k]) and not default and v}
    while inputs and inputs[-1] is None:
        inputs.pop()
    return inputs, switches


def request(construction, module, inputs, switches, training, weights):
    state = [f"{k}= {encode_tensor(v)}" for k, v in (module.state_dict() if module else {}).items()]
    words = ["module", construction, "train" if training else "eval", str(SEED), *state, "inputs"]
    words += [encode(v) for v in inputs] + [f"{k}= {encode(v)}" for k, v in switches.items()]
    return " ".join(words + ["weights"] + [encode(w) for w in weights] + ["end"])


# --- what is computed -----------------------------------------------------------------------------
class Expected:
    """What PyTorch computes."""

    def __init__(self, cls, construction, forward, training, dtype):
        self.module, self.inputs, self.switches, self.weights = None, [], {}, []
        self.results, self.gradients, self.error = [], [], None
        try:
            self.module = cls(*construction.args, **construction.kwargs).to(dtype).train(training)
            # Some are made of numbers that are not set: any memory.
            for p in self.module.parameters():
                torch.nn.init.uniform_(p, -1, 1)
            self.inputs, self.switches = inputs_of(self.module.forward, forward.args, forward.kwargs)
            self.line = request("{}", self.module, self.inputs, self.switches, training, [])
            self.call(forward)
        except Unsupported:
            raise
        except Exception as error:  # whatever PyTorch raises
            self.error = str(error).split("\n")[0] or type(error).__name__

    def call(self, forward):
        torch.manual_seed(SEED)
        self.results = as_results(self.module(*forward.args, **forward.kwargs))
        variables = [t for t in each_tensor(self.inputs) if t.requires_grad]
        variables += list(self.module.parameters())
        self.weights = [random_like(t) if t.requires_grad else None for t in self.results]
        outputs = [t for t in self.results if t.requires_grad]
        if outputs and variables:
            weights = [w for w in self.weights if w is not None]
            self.gradients = list(torch.autograd.grad(outputs, variables, weights, allow_unused=True))

    def state(self):
        parameters = dict(self.module.named_parameters())
        return [(k, "parameter" if k in parameters else "buffer", v)
                for k, v in self.module.state_dict().items()]


class Answer:
    """What the driver answered to a call that succeeded."""

    def __init__(self, text):
        self.words, self.at = text.split(" "), 3
        self.printed = urllib.parse.unquote(self.words[1]).rstrip("\n")  # print ends the line
        self.results = self.tensors("state")
        while self.results and self.results[-1] is None:
            self.results.pop()
        self.state = []
        while self.words[self.at] != "gradients":
            name, kind = self.words[self.at:self.at + 2]
            self.at += 2
            self.state.append((name, kind, self.tensor()))
        self.at += 1
        self.failed = None
        if self.words[self.at] == "failed":
            self.failed = " ".join(self.words[self.at + 1:-1])
        self.gradients = [] if self.failed else self.tensors("end")

    def tensors(self, last):
        found = []
        while self.words[self.at] != last:
            found.append(self.tensor())
        self.at += 1
        return found

    def tensor(self):
        word, self.at = self.words[self.at], self.at + 1
        if word == "none":
            return None
        dtype, shape = getattr(torch, word), self.words[self.at]
        shape = [] if shape == "." else [int(n) for n in shape.split("x")]
        count = torch.Size(shape).numel()
        words = self.words[self.at + 2:self.at + 2 + count]
        self.at += 2 + count
        convert = float.fromhex if dtype.is_floating_point else int
        return torch.tensor([convert(w) for w in words], dtype=dtype).reshape(shape)


# --- comparing ------------------------------------------------------------------------------------
def as_printed(text):
    """A printed form in which 1 stands for 1.0, 2 for (2, 2), (2, 2, 2) and (2,), and Linear for
    the class by which PyTorch says that out_proj cannot be quantized."""
    text = text.replace("NonDynamicallyQuantizableLinear", "Linear")
    text = re.sub(r"(\d)\.0\b", r"\1", text)
    return re.sub(r"\((-?\w+)(?:, \1)*,?\)", r"\1", text)


def heads(state):
    return [(name, kind, str(t.dtype), tuple(t.shape)) for name, kind, t in state]


def compare(answer, expected):
    own, right = heads(answer.state), heads(expected.state())
    if own != right:
        return "names", next(f"{a}, not {b}" for a, b in zip(own + [None], right + [None]) if a != b)
    if as_printed(answer.printed) != as_printed(repr(expected.module)):
        return "repr", f"{answer.printed!r}, not {expected.module!r}"
    if len(answer.results) != len(expected.results):
        return "value", f"{len(answer.results)} outputs, not {len(expected.results)}"
    for k, (a, b) in enumerate(zip(answer.results, expected.results)):
        found = difference("value", a, b.detach(), True)
        if found:
            return "value", f"output {k} is {found[1]}"
    for (name, kind, a), (_, _, b) in zip(answer.state, expected.state()):
        found = kind == "buffer" and difference("buffers", a, b, True)
        if found:
            return "buffers", f"{name} is {found[1]}"
    if answer.failed:
        return "grad", answer.failed
    return compare_gradients("grad", answer.gradients, expected.gradients, True)


# --- counting -------------------------------------------------------------------------------------
def show(cls, construction, forward, dtype, training):
    made = [short(a) for a in construction.args] + [f"{k}={short(v)}" for k, v in construction.kwargs.items()]
    called = [short(a) for a in forward.args] + [f"{k}={short(v)}" for k, v in forward.kwargs.items()]
    made = [re.sub(r"\s+", " ", text)[:60] for text in made]
    return f"{cls.__name__}({', '.join(made)})({', '.join(called)}) {str(dtype)[6:]}" + ("" if training else " eval")


class Count(Counts):
    def __init__(self, driver, options):
        super().__init__(driver, options, KINDS)
        self.without, self.gradients = [], 0

    def sample(self, cls, construction, forward, training, dtype):
        forward = forward or FunctionInput()
        forward.args, forward.kwargs = leaves(list(forward.args)), leaves(forward.kwargs)
        call = show(cls, construction, forward, dtype, training)
        try:
            made = encode_object(cls, construction.args, construction.kwargs, dtype=dtype)
            expected = Expected(cls, construction, forward, training, dtype)
            line = expected.line if expected.module else request("{}", None, [], {}, training, [])
            line = line[:-len("weights end")] + request("", None, [], {}, 0, expected.weights).partition("inputs ")[2]
        except (Unsupported, TypeError) as why:
            self.left_out[str(why).split("\n")[0]] += 1
            return
        answer = self.driver.ask(line.replace("{}", made, 1))
        self.judge(cls.__name__, answer, expected, call)

    def judge(self, name, answer, expected, call):
        if self.settle(name, answer, expected.error, call):
            return
        got = Answer(answer)
        self.gradients += bool(got.gradients)
        found = compare(got, expected)
        for own, right in zip(got.printed.split("\n"), repr(expected.module).split("\n")):
            if not found and own != right:
                self.differences[name, own.strip(), right.strip()] += 1
        self.add(name, *(found or ("agree", "")), call)


def run_module(count, info):
    cls = info.module_cls
    for dtype in (torch.float32, torch.float64):
        for training in (True, False):
            torch.manual_seed(0)
            known = {"device": "cpu", "dtype": dtype, "requires_grad": True, "training": training}
            for s in info.module_inputs_func(info, **known):
                count.sample(cls, s.constructor_input, s.forward_input, training, dtype)
            if info.module_error_inputs_func:
                for e in info.module_error_inputs_func(info, **known):
                    s = e.module_error_input
                    count.sample(cls, s.constructor_input, s.forward_input, training, dtype)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--module", action="append")
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--driver", default=os.path.join(ROOT, "build/tests/sample_driver"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    remember_arguments()
    count = Count(Driver(options.driver), options)
    classes = set(count.driver.ask("modules").split())
    for info in module_db:
        if options.module and info.module_cls.__name__ not in options.module:
            continue
        if info.module_cls.__name__ not in classes:
            count.without.append(info.module_cls.__name__)
            continue
        run_module(count, info)
    count.list("printed")
    count.report("module", [f"samples with gradients: {count.gradients}",
                            f"modules of module_db that Candela lacks: {len(count.without)}: "
                            f"{' '.join(count.without)}"])


if __name__ == "__main__":
    main()
