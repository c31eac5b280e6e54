"""Golden values of optimizers and schedules: tests/golden/optim.safetensors, read by
tests/test_optimizers.c and tests/test_schedules.c, which make the same calls.

Run with PyTorch 2.15 and safetensors. "w" is a parameter, "g" its gradients in 50 steps, and
"NAME/VARIANT" the parameter after the steps 1, 2, 5, 20 and 50, in float64. "schedule/NAME" are the
rates before and after each of 50 steps, and "momentum/NAME" the momenta, or beta1. Lion, which
torch.optim has not, is computed here by the formula of its paper."""
import os
import warnings

import torch
from safetensors.torch import save_file
from torch.optim import lr_scheduler as S
from torch.optim.swa_utils import SWALR

warnings.simplefilter("ignore")
kept = {}
torch.manual_seed(5)
w0, grads = torch.randn(7, dtype=torch.float64), torch.randn(50, 7, dtype=torch.float64)
grads[3, 2] = grads[20] = 0  # signs of zero, and a step without a gradient's direction
kept["w"], kept["g"] = w0, grads
SEEN = (1, 2, 5, 20, 50)


class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.sub_(torch.sign(b1 * m + (1 - b1) * p.grad), alpha=group["lr"])
                m.copy_(b2 * m + (1 - b2) * p.grad)


def optimizer(name, make, **options):
    w = torch.nn.Parameter(w0.clone())
    o = make([w], **options)
    seen = []
    for t, g in enumerate(grads, 1):
        w.grad = g.clone()
        o.step()
        if t in SEEN:
            seen.append(w.detach().clone())
    kept[name] = torch.stack(seen)


T = torch.optim
optimizer("SGD/maximize", T.SGD, lr=0.1, momentum=0.9, maximize=True, weight_decay=0.1)
optimizer("SGD/everything", T.SGD, lr=0.1, momentum=0.8, dampening=0.25, weight_decay=0.1)
optimizer("SGD/nesterov", T.SGD, lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.1)
for name, make in (("Adam", T.Adam), ("AdamW", T.AdamW)):
    optimizer(f"{name}/default", make)
    optimizer(f"{name}/options", make, lr=0.1, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1)
    optimizer(f"{name}/amsgrad", make, lr=0.1, betas=(0.7, 0.5), weight_decay=0.2, amsgrad=True,
              maximize=True)
optimizer("Adamax/default", T.Adamax)
optimizer("Adamax/options", T.Adamax, lr=0.1, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1,
          maximize=True)
optimizer("NAdam/default", T.NAdam)
optimizer("NAdam/options", T.NAdam, lr=0.1, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1,
          momentum_decay=0.1)
optimizer("NAdam/decoupled", T.NAdam, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True,
          maximize=True)
optimizer("RAdam/default", T.RAdam)
optimizer("RAdam/options", T.RAdam, lr=0.1, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1)
optimizer("RAdam/decoupled", T.RAdam, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True,
          maximize=True)
optimizer("Adagrad/default", T.Adagrad)
optimizer("Adagrad/options", T.Adagrad, lr=0.1, lr_decay=0.1, weight_decay=0.1,
          initial_accumulator_value=0.5, eps=1e-3, maximize=True)
optimizer("Adadelta/default", T.Adadelta)
optimizer("Adadelta/options", T.Adadelta, lr=0.1, rho=0.7, eps=1e-2, weight_decay=0.1, maximize=True)
optimizer("RMSprop/default", T.RMSprop)
optimizer("RMSprop/momentum", T.RMSprop, lr=0.05, alpha=0.9, eps=1e-3, weight_decay=0.1, momentum=0.9)
optimizer("RMSprop/centered", T.RMSprop, lr=0.05, alpha=0.9, eps=0.1, centered=True, maximize=True)
optimizer("RMSprop/everything", T.RMSprop, lr=0.05, alpha=0.9, eps=0.1, centered=True, momentum=0.5)
optimizer("Rprop/default", T.Rprop)
optimizer("Rprop/options", T.Rprop, lr=0.1, etas=(0.7, 1.5), step_sizes=(0.05, 0.2), maximize=True)
optimizer("Lion/default", Lion)
optimizer("Lion/options", Lion, lr=0.1, betas=(0.7, 0.8), weight_decay=0.1)


def schedule(name, make, momentum=False, base=0.3):
    ps = [torch.nn.Parameter(torch.zeros(1)), torch.nn.Parameter(torch.zeros(1))]
    o = T.SGD([dict(params=ps[:1]), dict(params=ps[1:], lr=base / 4)], lr=base, momentum=0.5)
    s = make(o)
    rates, momenta = [], []
    for t in range(51):
        rates.append([g["lr"] for g in o.param_groups])
        momenta.append(o.param_groups[0]["momentum"])
        if t < 50:
            o.step()
            if isinstance(s, S.ReduceLROnPlateau):
                s.step(METRIC[t])
            else:
                s.step()
    kept[f"schedule/{name}"] = torch.tensor(rates, dtype=torch.float64)
    if momentum:
        kept[f"momentum/{name}"] = torch.tensor(momenta, dtype=torch.float64)


METRIC = [1 / (1 + t) if t < 12 else 0.2 if t % 7 else 0.01 * (60 - t) for t in range(50)]
kept["metric"] = torch.tensor(METRIC, dtype=torch.float64)
schedule("step", lambda o: S.StepLR(o, 7))
schedule("step_gamma", lambda o: S.StepLR(o, 3, gamma=0.7))
schedule("multi_step", lambda o: S.MultiStepLR(o, [4, 9, 9, 30], gamma=0.5))
schedule("exponential", lambda o: S.ExponentialLR(o, 0.9))
schedule("constant", lambda o: S.ConstantLR(o))
schedule("constant_options", lambda o: S.ConstantLR(o, factor=0.5, total_iters=12))
schedule("linear", lambda o: S.LinearLR(o))
schedule("linear_options", lambda o: S.LinearLR(o, start_factor=0.1, end_factor=0.6, total_iters=20))
schedule("polynomial", lambda o: S.PolynomialLR(o))
schedule("polynomial_options", lambda o: S.PolynomialLR(o, total_iters=30, power=2.5))
schedule("cosine", lambda o: S.CosineAnnealingLR(o, 12, eta_min=0.01))
schedule("cosine_above", lambda o: S.CosineAnnealingLR(o, 9, eta_min=0.5))
schedule("cosine_one", lambda o: S.CosineAnnealingLR(o, 1))
schedule("cosine_restarts", lambda o: S.CosineAnnealingWarmRestarts(o, 7, eta_min=0.01))
schedule("cosine_restarts_longer", lambda o: S.CosineAnnealingWarmRestarts(o, 3, T_mult=2))
schedule("one_cycle", lambda o: S.OneCycleLR(o, 0.4, total_steps=51), True)
schedule("one_cycle_linear", lambda o: S.OneCycleLR(
    o, 0.4, total_steps=60, pct_start=0.4, anneal_strategy="linear", three_phase=True,
    base_momentum=0.6, max_momentum=0.7, div_factor=10, final_div_factor=100), True)
schedule("one_cycle_still", lambda o: S.OneCycleLR(o, 0.4, total_steps=51, cycle_momentum=False), True)
schedule("cyclic", lambda o: S.CyclicLR(o, 0.1, 0.4, step_size_up=6), True)
schedule("cyclic_halving", lambda o: S.CyclicLR(
    o, 0.1, 0.4, step_size_up=5, step_size_down=8, mode="triangular2", base_momentum=0.5,
    max_momentum=0.8), True)
schedule("cyclic_range", lambda o: S.CyclicLR(
    o, 0.1, 0.4, step_size_up=6, mode="exp_range", gamma=0.97, cycle_momentum=False), True)
schedule("plateau", lambda o: S.ReduceLROnPlateau(o))
schedule("plateau_options", lambda o: S.ReduceLROnPlateau(
    o, factor=0.5, patience=2, threshold=0.1, threshold_mode="abs", cooldown=3, min_lr=0.05))
schedule("plateau_max", lambda o: S.ReduceLROnPlateau(o, mode="max", patience=1, factor=0.9,
                                                        threshold=0.2))
schedule("plateau_impatient", lambda o: S.ReduceLROnPlateau(o, patience=0, factor=0.8, eps=0.01))
schedule("lambda", lambda o: S.LambdaLR(o, lambda t: 0.95 ** t + 0.1))
schedule("multiplicative", lambda o: S.MultiplicativeLR(o, lambda t: 1 - 0.5 / (t + 1)))
schedule("sequential", lambda o: S.SequentialLR(
    o, [S.LinearLR(o, 0.1, total_iters=5), S.CosineAnnealingLR(o, 20), S.ConstantLR(o, 0.5, 4)],
    [5, 30]))
schedule("sequential_multiplicative", lambda o: S.SequentialLR(
    o, [S.MultiplicativeLR(o, lambda t: 0.9), S.LinearLR(o, 0.1, 0.6, total_iters=5),
        S.MultiplicativeLR(o, lambda t: 1 - 0.5 / (t + 1))], [4, 11]))
schedule("swa", lambda o: SWALR(o, 0.05))
schedule("swa_linear", lambda o: SWALR(o, 0.4, anneal_epochs=7, anneal_strategy="linear"))
schedule("swa_at_once", lambda o: SWALR(o, 0.05, anneal_epochs=0))
schedule("chained", lambda o: S.ChainedScheduler(
    [S.ConstantLR(o, 0.5, 10), S.ExponentialLR(o, 0.9), S.StepLR(o, 8, 0.5)]))
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "optim.safetensors")
save_file(kept, path)
print(len(kept), "tensors,", os.path.getsize(path), "bytes")
