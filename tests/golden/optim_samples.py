"""Counts how far Candela's optimizers and schedules agree with PyTorch's.

    python tests/golden/optim_samples.py [--class NAME]... [--kind KIND] [--report] [--driver FILE]

Run with PyTorch 2.15, after `./run build`, which leaves the program build/tests/sample_driver.

Optimizers: PyTorch's own samples of arguments (torch.testing._internal's optim_db), and a few more
(OPTIMIZERS), each for 50 steps on random parameters of several shapes, in float32 and float64. The
gradients are random and the same for both; those of one parameter are zeros at times. Compared are the
parameters and the state under the names that both have. optim_db's error inputs must fail in both; so
must what PyTorch only warns of there. Schedules: the arguments in SCHEDULES and ERRORS, 100 steps, the
rate and momentum before the first step and after each.

foreach, fused and differentiable say how PyTorch computes, not what: they are not sent, and the samples
with them count like the others. Of differentiable only the numbers of the step are compared: Candela does
not record a step. A tensor of one element that PyTorch takes for a number is sent as the number. Groups of
parameters and iterables that are no lists are not written for Candela here; of the error inputs those
that C cannot write are not counted.

What is counted: agree, lacking (Candela's class does not take an argument), accepted (PyTorch refuses,
and Candela does not), refused (the other way round), value (a parameter, rate or momentum differs),
state, crash. --class takes a class; --kind lists all disagreements of one kind; --report prints a line for
each class.

Tolerances: 1e-6, relative and absolute, for rates too; for parameters and state in float32 4e-6 beside
the largest number of the tensor, since 50 steps round 50 times."""
import argparse
import os
import re
import warnings

import torch

from module_samples import encode_object
from op_samples import ROOT, Driver, Unsupported, encode, short
from sample_counts import Counts
from torch.optim import lr_scheduler
from torch.optim.swa_utils import SWALR
from torch.testing._internal.common_optimizers import (_get_optim_inputs_including_global_cliquey_kwargs as
                                                       all_inputs, optim_db)

KINDS = ["agree", "lacking", "accepted", "refused", "value", "state", "crash"]
STEPS, SCHEDULED = 50, 100
SHAPES = [(3, 4), (7,), (), (2, 1, 3), (0, 2)]
HOW = {"foreach", "fused", "differentiable", "capturable"}

# More arguments of optimizers than optim_db has.
OPTIMIZERS = {
    "SGD": [{"lr": 0.1, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.01},
            {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True}, {"lr": 0.0}],
    "Adam": [{"lr": 0.1, "betas": (0.5, 0.75), "eps": 0.1, "amsgrad": True}, {"betas": (0.0, 0.0)}, {"eps": 0.0}],
    "AdamW": [{"lr": 0.1, "weight_decay": 0.0}, {"betas": (0.5, 0.75), "eps": 0.1, "maximize": True}],
    "Adamax": [{"lr": 0.1, "betas": (0.5, 0.75), "eps": 0.1, "weight_decay": 0.1}],
    "NAdam": [{"lr": 0.1, "betas": (0.5, 0.75), "momentum_decay": 0.1, "decoupled_weight_decay": True,
               "weight_decay": 0.1}, {"momentum_decay": 0.0}],
    "RAdam": [{"lr": 0.1, "betas": (0.5, 0.99), "eps": 0.1, "maximize": True}, {"betas": (0.9, 0.5)}],
    "Adagrad": [{"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 0.1}],
    "Adadelta": [{"lr": 0.1, "rho": 0.5, "eps": 0.1, "maximize": True}, {"rho": 0.0}],
    "RMSprop": [{"lr": 0.1, "alpha": 0.5, "eps": 0.1, "centered": True, "momentum": 0.5, "weight_decay": 0.1}],
    "Rprop": [{"lr": 0.1, "etas": (0.25, 2.0), "step_sizes": (0.01, 0.5), "maximize": True}],
}
# Arguments that PyTorch refuses, besides optim_db's.
REFUSED = {
    "SGD": [{"lr": -1.0}, {"weight_decay": -1.0}, {"nesterov": True}, {"momentum": 0.9, "nesterov": True, "dampening": 1.0}],
    "Adam": [{"lr": -1.0}, {"eps": -1.0}, {"betas": (-0.1, 0.9)}, {"betas": (0.9, 1.0)}],
    "AdamW": [{"lr": -1.0}, {"betas": (0.9, 1.5)}], "Adamax": [{"eps": -1.0}, {"weight_decay": -1.0}],
    "NAdam": [{"eps": -1.0}, {"betas": (0.9, 1.0)}], "RAdam": [{"lr": -1.0}, {"betas": (0.9, 1.0)}],
    "Adagrad": [{"initial_accumulator_value": -1.0}, {"eps": -1.0}, {"weight_decay": -1.0}],
    "Adadelta": [{"rho": 1.5}, {"eps": -1.0}], "RMSprop": [{"alpha": -1.0}, {"momentum": -1.0}],
    "Rprop": [{"etas": (0.5, 0.9)}, {"lr": -1.0}],
}


# The functions of LambdaLR and MultiplicativeLR; sample_optim.c has the same.
def shrink(t):
    return 0.95 ** t


def warm_up(t):
    return (t + 1) / 10 if t < 10 else 1.0


def steady(_):
    return 0.9


S = lr_scheduler
MOMENTUM = {"lr": 0.5, "momentum": 0.9}
WITHOUT = {"cycle_momentum": False}
# A class and arguments; an optimizer if it is not SGD with a rate of 0.5; and whether it is an error.
SCHEDULES = [
    (S.StepLR, {"step_size": 7}), (S.StepLR, {"step_size": 1, "gamma": 0.99}), (S.StepLR, {"step_size": 30, "gamma": 2.0}),
    (S.StepLR, {"step_size": 3, "gamma": 0.0}), (S.StepLR, {"step_size": 1000}),
    (S.MultiStepLR, {"milestones": [5, 20, 60]}), (S.MultiStepLR, {"milestones": [2, 2, 9], "gamma": 0.5}),
    (S.MultiStepLR, {"milestones": [0, 30], "gamma": 0.5}), (S.MultiStepLR, {"milestones": []}),
    (S.MultiStepLR, {"milestones": [50, 10], "gamma": 0.3}),
    (S.ExponentialLR, {"gamma": 0.9}), (S.ExponentialLR, {"gamma": 1.01}), (S.ExponentialLR, {"gamma": 0.0}),
    (S.ExponentialLR, {"gamma": 1.0}),
    (S.ConstantLR, {}), (S.ConstantLR, {"factor": 0.5, "total_iters": 20}), (S.ConstantLR, {"factor": 1.0}),
    (S.ConstantLR, {"factor": 0.25, "total_iters": 1000}),
    (S.LinearLR, {}), (S.LinearLR, {"start_factor": 0.1, "total_iters": 30}),
    (S.LinearLR, {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 50}),
    (S.LinearLR, {"start_factor": 0.5, "end_factor": 0.25, "total_iters": 1}),
    (S.LinearLR, {"start_factor": 1e-4, "total_iters": 1000}),
    (S.PolynomialLR, {}), (S.PolynomialLR, {"total_iters": 60, "power": 2.0}),
    (S.PolynomialLR, {"total_iters": 60, "power": 0.5}), (S.PolynomialLR, {"total_iters": 1}),
    (S.PolynomialLR, {"total_iters": 30, "power": 0.0}),
    (S.CosineAnnealingLR, {"T_max": 100}), (S.CosineAnnealingLR, {"T_max": 10, "eta_min": 0.01}),
    (S.CosineAnnealingLR, {"T_max": 33}), (S.CosineAnnealingLR, {"T_max": 1}), (S.CosineAnnealingLR, {"T_max": 2}),
    (S.CosineAnnealingLR, {"T_max": 20, "eta_min": 1.0}),
    (S.CosineAnnealingWarmRestarts, {"T_0": 10}), (S.CosineAnnealingWarmRestarts, {"T_0": 5, "T_mult": 2}),
    (S.CosineAnnealingWarmRestarts, {"T_0": 3, "T_mult": 3, "eta_min": 0.1}),
    (S.CosineAnnealingWarmRestarts, {"T_0": 1}),
    (S.OneCycleLR, {"max_lr": 1.0, "total_steps": 101}, MOMENTUM),
    (S.OneCycleLR, {"max_lr": 1.0, "total_steps": 101, "anneal_strategy": "linear"}, MOMENTUM),
    (S.OneCycleLR, {"max_lr": 0.1, "total_steps": 200, "three_phase": True, "pct_start": 0.4}, MOMENTUM),
    (S.OneCycleLR, {"max_lr": 0.1, "total_steps": 101, "three_phase": True, "anneal_strategy": "linear"}, MOMENTUM),
    (S.OneCycleLR, {"max_lr": 0.1, "total_steps": 150, "div_factor": 10.0, "final_div_factor": 100.0,
                    "base_momentum": 0.5, "max_momentum": 0.99, "pct_start": 0.1}, MOMENTUM),
    (S.OneCycleLR, {"max_lr": 0.1, "total_steps": 120} | WITHOUT),
    (S.CyclicLR, {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 10}, MOMENTUM),
    (S.CyclicLR, {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 7, "step_size_down": 3}, MOMENTUM),
    (S.CyclicLR, {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 10, "mode": "triangular2"}, MOMENTUM),
    (S.CyclicLR, {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 10, "mode": "exp_range", "gamma": 0.98}, MOMENTUM),
    (S.CyclicLR, {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 10, "base_momentum": 0.2, "max_momentum": 0.5}, MOMENTUM),
    (S.CyclicLR, {"base_lr": 0.01, "max_lr": 0.1} | WITHOUT),
    (S.CyclicLR, {"base_lr": 0.1, "max_lr": 0.01, "step_size_up": 5, "step_size_down": 20} | WITHOUT),
    (S.LambdaLR, {"lr_lambda": shrink}), (S.LambdaLR, {"lr_lambda": warm_up}), (S.LambdaLR, {"lr_lambda": steady}),
    (S.MultiplicativeLR, {"lr_lambda": steady}), (S.MultiplicativeLR, {"lr_lambda": shrink}),
    (SWALR, {"swa_lr": 0.05}), (SWALR, {"swa_lr": 0.05, "anneal_epochs": 30, "anneal_strategy": "linear"}),
    (SWALR, {"swa_lr": 1.0, "anneal_epochs": 0}), (SWALR, {"swa_lr": 0.0, "anneal_epochs": 3}),
    (S.SequentialLR, {"schedulers": [(S.LinearLR, {"start_factor": 0.1, "total_iters": 10}),
                                     (S.CosineAnnealingLR, {"T_max": 90})], "milestones": [10]}),
    (S.SequentialLR, {"schedulers": [(S.ConstantLR, {"factor": 0.1}), (S.ExponentialLR, {"gamma": 0.9}),
                                     (S.StepLR, {"step_size": 5})], "milestones": [4, 40]}),
    (S.SequentialLR, {"schedulers": [(S.ExponentialLR, {"gamma": 0.9}), (S.MultiplicativeLR, {"lr_lambda": steady})],
                      "milestones": [20]}),
    (S.SequentialLR, {"schedulers": [(S.LambdaLR, {"lr_lambda": warm_up}),
                                     (S.CosineAnnealingWarmRestarts, {"T_0": 10})], "milestones": [15]}),
    (S.SequentialLR, {"schedulers": [(S.PolynomialLR, {"total_iters": 20}), (SWALR, {"swa_lr": 0.1})],
                      "milestones": [10]}),
    (S.ChainedScheduler, {"schedulers": [(S.ConstantLR, {"factor": 0.1}), (S.ExponentialLR, {"gamma": 0.9})]}),
    (S.ChainedScheduler, {"schedulers": [(S.LinearLR, {"total_iters": 20}), (S.StepLR, {"step_size": 9, "gamma": 0.5}),
                                         (S.MultiStepLR, {"milestones": [30, 60], "gamma": 0.5})]}),
    (S.ChainedScheduler, {"schedulers": [(S.CosineAnnealingLR, {"T_max": 40}), (S.ExponentialLR, {"gamma": 0.95})]}),
    (S.ChainedScheduler, {"schedulers": [(S.PolynomialLR, {"total_iters": 50}), (S.MultiplicativeLR, {"lr_lambda": steady})]}),
    (S.ReduceLROnPlateau, {}), (S.ReduceLROnPlateau, {"patience": 0, "factor": 0.5}),
    (S.ReduceLROnPlateau, {"patience": 3, "cooldown": 5}), (S.ReduceLROnPlateau, {"mode": "max", "patience": 2}),
    (S.ReduceLROnPlateau, {"patience": 1, "min_lr": 0.01}), (S.ReduceLROnPlateau, {"patience": 1, "eps": 0.1}),
    (S.ReduceLROnPlateau, {"patience": 2, "threshold": 0.3, "threshold_mode": "abs"}),
    (S.ReduceLROnPlateau, {"patience": 2, "threshold": 0.3, "mode": "max", "threshold_mode": "abs"}),
    (S.ReduceLROnPlateau, {"patience": 2, "threshold": 0.0}),
]
# What PyTorch refuses to make, or to step.
ERRORS = [
    (S.ConstantLR, {"factor": 1.5}), (S.ConstantLR, {"factor": -0.5}), (S.LinearLR, {"start_factor": 0.0}),
    (S.LinearLR, {"start_factor": 1.5}), (S.LinearLR, {"end_factor": 1.5}), (S.LinearLR, {"end_factor": -0.5}),
    (S.CosineAnnealingWarmRestarts, {"T_0": 0}), (S.CosineAnnealingWarmRestarts, {"T_0": 5, "T_mult": 0}),
    (S.CosineAnnealingWarmRestarts, {"T_0": -5}), (S.OneCycleLR, {"max_lr": 0.1, "total_steps": 0}, MOMENTUM),
    (S.OneCycleLR, {"max_lr": 0.1, "total_steps": 100, "pct_start": 1.5}, MOMENTUM),
    (S.OneCycleLR, {"max_lr": 0.1, "total_steps": 100, "pct_start": -0.5}, MOMENTUM),
    (S.OneCycleLR, {"max_lr": 0.1, "total_steps": 100, "anneal_strategy": "up"}, MOMENTUM),
    (S.OneCycleLR, {"max_lr": 0.1, "total_steps": 50}, MOMENTUM), (S.OneCycleLR, {"max_lr": 0.1}, MOMENTUM),
    (S.OneCycleLR, {"max_lr": 0.1, "total_steps": 100}, {"class": "Adagrad"}),
    (S.CyclicLR, {"base_lr": 0.01, "max_lr": 0.1, "mode": "up"}, MOMENTUM),
    (S.CyclicLR, {"base_lr": 0.01, "max_lr": 0.1}, {"class": "Adagrad"}),
    (S.ReduceLROnPlateau, {"factor": 1.0}), (S.ReduceLROnPlateau, {"mode": "up"}),
    (S.ReduceLROnPlateau, {"threshold_mode": "up"}), (SWALR, {"swa_lr": 0.1, "anneal_strategy": "up"}),
    (SWALR, {"swa_lr": 0.1, "anneal_epochs": -1}),
    (S.SequentialLR, {"schedulers": [(S.ConstantLR, {})], "milestones": [3]}),
    (S.SequentialLR, {"schedulers": [(S.ConstantLR, {}), (S.ReduceLROnPlateau, {})], "milestones": [3]}),
    (S.SequentialLR, {"schedulers": [], "milestones": []}), (S.ChainedScheduler, {"schedulers": []}),
    (S.ChainedScheduler, {"schedulers": [(S.ConstantLR, {}), (S.ReduceLROnPlateau, {})]}),
]


# --- comparing ------------------------------------------------------------------------------------
def read_tensors(words):
    """The tensors of an answer; a word before a tensor is its name."""
    at, found = 0, []
    while at < len(words):
        name = None
        if not hasattr(torch, words[at]):
            name, at = words[at], at + 1
        dtype, shape = getattr(torch, words[at]), words[at + 1]
        shape = [] if shape == "." else [int(n) for n in shape.split("x")]
        count = torch.Size(shape).numel()
        convert = float.fromhex if dtype.is_floating_point else int
        numbers = [convert(w) for w in words[at + 3:at + 3 + count]]
        found.append((name, torch.tensor(numbers, dtype=dtype).reshape(shape)))
        at += 3 + count
    return found


def difference(own, right):
    if own.shape != right.shape:
        return f"{tuple(own.shape)}, not {tuple(right.shape)}"
    scale = right.abs().max().item() if right.numel() and right.dtype == torch.float32 else 0
    own, right = own.double(), right.double()
    close = torch.isclose(own, right, 1e-6, 1e-6, equal_nan=True) | ((own - right).abs() <= 4e-6 * scale)
    if close.all():
        return None
    at = (~close).flatten().nonzero()[0].item()
    return f"{own.flatten()[at].item()!r}, not {right.flatten()[at].item()!r}, at element {at}"


class Count(Counts):
    def judge(self, name, line, error, compare, call):
        """Sends a request. `error` is what PyTorch says, `compare` a function of an answer that is ok."""
        answer = self.driver.ask(line)
        if not self.settle(name, answer, error, call):
            self.add(name, *(compare(answer.partition(" ")[2]) or ("agree", "")), call)


# --- optimizers -----------------------------------------------------------------------------------
def gradients_of(parameters):
    """A row for each step. The last parameter gets zeros at times, as where nothing is learnt."""
    rows = [torch.randn(STEPS, *p.shape, dtype=torch.float64).to(p.dtype) for p in parameters]
    rows[-1][::3] = 0
    return rows


def optimize(cls, parameters, gradients, kwargs):
    """PyTorch's optimizer after the steps."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer = cls(parameters, **kwargs)
    for t in range(STEPS):
        for p, g in zip(parameters, gradients):
            p.grad = g[t].clone()
        optimizer.step()
    return optimizer


def compare_optimizer(rest, parameters, optimizer):
    words = rest.split(" ")
    at = words.index("state")
    for k, ((_, own), right) in enumerate(zip(read_tensors(words[1:at]), parameters)):
        found = difference(own, right.detach())
        if own.dtype != right.dtype or found:
            return "value", f"parameter {k} is {found}"
    state = dict(read_tensors(words[at + 1:-1]))
    for k, p in enumerate(parameters):
        for name, right in optimizer.state[p].items():
            own = state.get(f"{k}.{name}")
            if own is None and right is None:
                continue
            found = "missing" if own is None else difference(own, torch.as_tensor(right).detach())
            if found:
                return "state", f"{name} of parameter {k} is {found}"
    return None


def as_number(value):
    return value.item() if isinstance(value, torch.Tensor) and value.numel() == 1 else value


def run_optimizer(count, cls, kwargs, dtype, parameters=None):
    name = cls.__name__
    call = f"{name}({', '.join(f'{k}={short(v)}' for k, v in kwargs.items())}) {str(dtype)[6:]}"
    if parameters is None:
        parameters = [torch.randn(shape, dtype=dtype) for shape in SHAPES]
    leaf = not kwargs.get("differentiable")
    try:
        if not isinstance(parameters, list):
            raise TypeError
        words = [encode(p.detach().requires_grad_(True)) if not any(p is q for q in parameters[:k]) else
                 f"i:{next(i for i, q in enumerate(parameters) if p is q)}" for k, p in enumerate(parameters)]
        for p in parameters:
            p.requires_grad_(leaf)
        gradients = gradients_of(parameters)
    except (Unsupported, TypeError, AttributeError):
        count.left_out["parameters that are no list of tensors"] += 1
        return
    error = optimizer = None
    try:
        optimizer = optimize(cls, parameters, gradients, kwargs)
    except (Exception, Warning) as raised:  # whatever PyTorch raises
        error = str(raised).split("\n")[0]
    known = {k: v if error else as_number(v) for k, v in kwargs.items() if k not in HOW}
    line = " ".join(["optimizer", encode_object(cls, [None], known, "params"), *words, "gradients",
                     *map(encode, gradients), "end"])
    count.judge(name, line, error, lambda rest: compare_optimizer(rest, parameters, optimizer), call)


def run_optimizers(count, names):
    for info in optim_db:
        cls = info.optim_cls
        if cls.__name__ not in names:
            continue
        for dtype in (torch.float32, torch.float64):
            torch.manual_seed(0)
            for s in all_inputs("cpu", dtype, info):
                run_optimizer(count, cls, s.kwargs, dtype)
            for kwargs in OPTIMIZERS[cls.__name__] + REFUSED[cls.__name__]:
                run_optimizer(count, cls, kwargs, dtype)
            for e in info.optim_error_inputs_func("cpu", dtype):
                run_optimizer(count, cls, e.optimizer_error_input.kwargs, dtype, e.optimizer_error_input.params)


# --- schedules ------------------------------------------------------------------------------------
def make_schedule(cls, kwargs, optimizer):
    if "schedulers" in kwargs:
        parts = [make_schedule(*part, optimizer) for part in kwargs["schedulers"]]
        # ChainedScheduler takes the optimizer from its parts.
        chained = cls is S.ChainedScheduler and parts
        rest = {k: v for k, v in kwargs.items() if k != "schedulers"}
        return cls(parts, **rest) if chained else cls(*([optimizer] if cls is S.SequentialLR else []), schedulers=parts, **rest)
    return cls(optimizer, **kwargs)


def encode_schedule(cls, kwargs):
    if "schedulers" not in kwargs:
        return encode_object(cls, [None], kwargs, "optimizer")
    parts = " ".join(encode_schedule(*part) for part in kwargs["schedulers"])
    milestones = f" milestones= {encode(kwargs['milestones'])}" if "milestones" in kwargs else ""
    return f"o:{cls.__name__} ( schedulers= [ {parts}{' ' if parts else ''}]{milestones} )"


def momentum_of(optimizer):
    group = optimizer.param_groups[0]
    return float(group.get("momentum", group.get("betas", [0])[0]))


def run_schedule(count, cls, kwargs, of=None):
    of = dict(of or {"lr": 0.5})
    optimizer_class = getattr(torch.optim, of.pop("class", "SGD"))
    torch.manual_seed(0)
    metrics = torch.randn(SCHEDULED, dtype=torch.float64).cumsum(0) / 4 if cls is S.ReduceLROnPlateau else None
    line = " ".join(["schedule", encode_schedule(cls, kwargs), encode_object(optimizer_class, [None], of, "params"),
                     f"i:{SCHEDULED}", encode(metrics)])
    optimizer = optimizer_class([torch.nn.Parameter(torch.zeros(1))], **of)
    rates, momenta, error = [], [], None
    try:
        schedule = make_schedule(cls, kwargs, optimizer)
        for t in range(SCHEDULED + 1):
            if t > 0:
                schedule.step(*([] if metrics is None else [metrics[t - 1].item()]))
            rates.append(float(optimizer.param_groups[0]["lr"]))
            momenta.append(momentum_of(optimizer))
    except Exception as raised:  # whatever PyTorch raises
        error = str(raised).split("\n")[0] or type(raised).__name__

    def compare(rest):
        found = [difference(own, torch.tensor(right, dtype=torch.float64)) for (_, own), right in
                 zip(read_tensors(rest.split(" ")), (rates, momenta))]
        return next((("value", f"the {what} is {f}") for f, what in zip(found, ("rate", "momentum")) if f), None)

    given = ", ".join(f"{k}={short_schedule(v)}" for k, v in kwargs.items())
    count.judge(cls.__name__, line, error, compare, f"{cls.__name__}({given})")


def short_schedule(value):
    if callable(value):
        return value.__name__
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(short_schedule, value)) + "]"
    return repr(value)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--class", action="append", dest="classes")
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--driver", default=os.path.join(ROOT, "build/tests/sample_driver"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    count = Count(Driver(options.driver), options, KINDS)
    names = set(count.driver.ask("optimizers").split())
    if options.classes:
        names &= set(options.classes)
    run_optimizers(count, names)
    for sample in SCHEDULES + ERRORS:
        if sample[0].__name__ in names:
            run_schedule(count, *sample)
    count.list("")
    count.report("class")


if __name__ == "__main__":
    main()
