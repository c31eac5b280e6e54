"""Writes special_values.txt.gz: what PyTorch's elementwise ops and reductions give, and their gradients,
for NaN, infinities, zeros of both signs, denormals and the largest numbers. Read by
tests/test_special_values.c; run with PyTorch 2.15 from this folder.

A line is: op, dtype, p, q, then lists that begin with a letter: a and b are the inputs, y is the
result, A and B the gradients that a and b get from the sum of y. p and q are numbers of the op. "=" stands
for the numbers that the list has in the line before, and 1*3 for 1 1 1."""

import gzip
import io
import itertools
import math
import torch
import torch.nn.functional as F

NAN, INF = math.nan, math.inf


def edges(dtype):
    tiny, most = (1e-40, 3e38) if dtype is torch.float32 else (1e-310, 1e308)
    return [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5, tiny, -tiny, most, -most]


def number(x, single=True):
    if isinstance(x, bool):
        return str(int(x))
    if isinstance(x, float) and math.isfinite(x):
        return f"{x:.9g}" if single else f"{x:.17g}"
    return str(x)


def numbers(values, single):
    runs = [(word, len(list(same))) for word, same in itertools.groupby(number(v, single) for v in values)]
    short = [f"{word}*{count}" for word, count in runs]
    long = [" ".join([word] * count) for word, count in runs]
    return " ".join(min(pair, key=len) for pair in zip(long, short))


before = {}  # the lists of the line before


def line(name, function, inputs, dtype, p=0.0, q=0.0):
    leaves = [torch.tensor(x, dtype=dtype, requires_grad=True) for x in inputs]
    y = function(*leaves)
    lists = dict(zip("ab", inputs))
    lists["y"] = y.detach().flatten().tolist()
    if y.requires_grad:
        grads = torch.autograd.grad(y.sum(), leaves, allow_unused=True)
        for letter, grad, x in zip("AB", grads, leaves):
            lists[letter] = (torch.zeros_like(x) if grad is None else grad).flatten().tolist()
    texts = {k: numbers(values, dtype is torch.float32) for k, values in lists.items()}
    text = " ".join(k + " " + ("=" if before.get(k) == t else t) for k, t in texts.items())
    before.clear()
    before.update(texts)
    print(name, "f32" if dtype is torch.float32 else "f64", number(p), number(q), text, file=out)


UNARY = ["neg", "abs", "sign", "relu", "sqrt", "exp", "log", "sigmoid", "tanh", "reciprocal"]
MATH = ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh",
    "exp2", "expm1", "log2", "log10", "log1p", "rsqrt", "sinc", "erf", "erfc", "erfinv", "lgamma",
    "digamma", "square", "floor", "ceil", "round", "trunc", "frac", "deg2rad", "rad2deg", "logit",
    "nan_to_num"]
QUESTIONS = ["isnan", "isinf", "isfinite", "isposinf", "isneginf", "signbit"]
BINARY = ["add", "sub", "mul", "div", "maximum", "minimum", "pow", "eq", "ne", "lt", "le", "gt", "ge"]
VECTORS = [
    [1.0, NAN, INF], [NAN, NAN], [INF, INF, 1.0], [-INF, -INF], [INF, -INF], [-INF, 1.0],
    [0.0, -0.0], [-0.0, -0.0], [3.0, 1.0, 3.0], [-2.0, 2.0, 1.0], [1e4, 1e4], [1e4, 0.0],
    [1e-40, 1e-40], [5.0],
]


def elementwise():
    for dtype in (torch.float32, torch.float64):
        x = edges(dtype)
        for name in UNARY:
            line(name, getattr(torch, name), [x], dtype)
        for name in MATH + QUESTIONS:
            # Of digamma without two poles, where its gradient in PyTorch is finite or NaN.
            line(name, getattr(torch, name), [x[:6] + x[7:-1] if name == "digamma" else x], dtype)
        for p in (0.0, 0.25, 0.75, -1.0):
            line("logit_eps", lambda x: torch.logit(x, p), [x], dtype, p)
        for p in (1.0, 2.0, -1.0, -2.0):
            line("round_decimals", lambda x: torch.round(x, decimals=int(p)), [x], dtype, p)
        for p, q in ((1.0, -2.0), (INF, NAN)):
            line("nan_to_num_given", lambda x: torch.nan_to_num(x, 0.5, p, q), [x], dtype, p, q)
        for p in (0.0, 1.0, 2.0, 3.0, -1.0, 0.5, -0.5, 2.5, -2.0):
            line("pow_number", lambda x: torch.pow(x, p), [x], dtype, p)
        for p, q in ((-1.0, 1.0), (0.0, 0.0), (1.0, -1.0), (-INF, INF), (NAN, 1.0), (0.0, NAN)):
            line("clamp", lambda x: torch.clamp(x, p, q), [x], dtype, p, q)
        for p in (0.0, 1.0, INF, NAN):
            line("clamp_min", lambda x: torch.clamp_min(x, p), [x], dtype, p)
            line("clamp_max", lambda x: torch.clamp_max(x, p), [x], dtype, p)
        line("number_div", lambda x: 3.0 / x, [x], dtype, 3.0)
        line("number_sub", lambda x: 3.0 - x, [x], dtype, 3.0)


# gelu without infinities and numbers near them, where PyTorch's vector code has NaN or inf; and without
# -2.5, where its float32 has lost digits.
ACTIVATIONS = ["silu", "mish", "logsigmoid", "softplus", "elu", "selu", "leaky_relu", "hardswish", "hardsigmoid",
               "softsign", "tanhshrink"]
# Where x is NaN these have the gradient 0 by PyTorch's vector code, which takes 32 elements, and 1 by its
# scalar code, which takes fewer.
VECTORISED = ["softshrink", "hardshrink", "hardtanh", "relu6"]


def activations():
    for dtype in (torch.float32, torch.float64):
        x = edges(dtype)
        for name in ACTIVATIONS:
            line(name, getattr(F, name), [x], dtype)
        for name in VECTORISED:
            line(name, getattr(F, name), [(x * 3)[:32]], dtype)
        near = [v for v in x if v != -2.5]
        line("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), [near], dtype)
        line("gelu", F.gelu, [[v for v in near if not abs(v) > 1e30]], dtype)
        line("celu", lambda x: F.celu(x, 2.0), [x], dtype)
        for p in (-0.5, INF):
            line("elu_alpha", lambda x: F.elu(x, p), [x], dtype, p)
        for p, q in ((0.0, 5.0), (NAN, 1.0), (0.0, NAN), (INF, -0.0), (-INF, 1.0)):
            line("threshold", lambda x: F.threshold(x, p, q), [x], dtype, p, q)
        line("prelu", lambda a, b: F.prelu(a, b), [x, [0.25]], dtype)
        line("glu", lambda a: F.glu(a.view(13, 1).repeat(1, 2)).view(13), [x], dtype)


def pairs():
    x = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 1e-40, -2.0]
    a, b = [v for v in x for _ in x], [v for _ in x for v in x]
    for name in BINARY:
        line(name, getattr(torch, name), [a, b], torch.float32)
    line("clamp_min_tensor", torch.clamp_min, [a, b], torch.float32)
    line("clamp_max_tensor", torch.clamp_max, [a, b], torch.float32)


def reductions():
    for x in VECTORS:
        for name in ("sum", "mean", "max", "min", "argmax", "argmin", "amax", "amin", "any", "all",
                     "count_nonzero", "var", "std", "prod", "nansum", "nanmean", "median",
                     "nanmedian"):
            line(name, getattr(torch, name), [x], torch.float32)
        for name in ("cumsum", "cumprod", "logcumsumexp"):
            if name == "cumprod" and (INF in map(abs, x) or x[0] == 1e-40):
                continue  # PyTorch divides by x; Candela multiplies the others
            line(name, lambda x: getattr(torch, name)(x, 0), [x], torch.float32)
        for name in ("cummax", "cummin"):
            line(name, lambda x: getattr(torch, name)(x, 0)[0], [x], torch.float32)
        line("mode", lambda x: torch.mode(x, 0)[0], [x], torch.float32)
        line("max_dim", lambda x: torch.max(x, 0)[0], [x], torch.float32)
        line("min_dim", lambda x: torch.min(x, 0)[0], [x], torch.float32)
        for name in ("logsumexp", "softmax", "log_softmax"):
            line(name, lambda x: getattr(torch, name)(x, 0), [x], torch.float32)
        for p in (0.0, 1.0, 2.0, 3.0, 0.5, -1.0, INF, -INF):
            if p == 2 and x[0] == 1e-40:
                continue  # Candela's squares are doubles and do not underflow
            line("norm", lambda x: torch.linalg.vector_norm(x, p), [x], torch.float32, p)


ARITHMETIC = ["remainder", "fmod", "atan2", "hypot", "logaddexp", "xlogy", "fmax", "fmin", "copysign"]


def arithmetic():
    x = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 2.5, -7.0]
    a, b = [v for v in x for _ in x], [v for _ in x for v in x]
    for name in ARITHMETIC:
        line(name, getattr(torch, name), [a, b], torch.float32)
    line("div_trunc", lambda a, b: torch.div(a, b, rounding_mode="trunc"), [a, b], torch.float32)
    line("div_floor", lambda a, b: torch.div(a, b, rounding_mode="floor"), [a, b], torch.float32)
    line("heaviside", lambda a, b: torch.heaviside(a.detach(), b.detach()), [a, b], torch.float32)
    for p in (0.0, 0.3, 0.5, 1.0):
        line("lerp", lambda a, b: torch.lerp(a, b, p), [a, b], torch.float32, p)
    # The logarithm of 2^-1 + 2^-1 is 0, which PyTorch misses by 1e-8.
    a, b = ([-3.0 if v == -1 else v for v in x] for x in (a, b))
    line("logaddexp2", torch.logaddexp2, [a, b], torch.float32)


def losses():
    x = [NAN, INF, -INF, 0.0, 1.0, -2.5, 1e30]
    a, b = [v for v in x for _ in x], [v for _ in x for v in x]
    for name in ("l1_loss", "smooth_l1_loss", "huber_loss", "hinge_embedding_loss", "kl_div",
                 "poisson_nll_loss"):
        line(name, lambda a, b: getattr(F, name)(a, b, reduction="none"), [a, b], torch.float32)
    line("soft_margin_loss", lambda a, b: F.soft_margin_loss(a, b.detach(), reduction="none"), [a, b],
         torch.float32)
    x = [0.0, -0.0, 1.0, 0.5, 1e-40]
    a, b = [v for v in x for _ in x], [v for _ in x for v in x]
    line("binary_cross_entropy", lambda a, b: F.binary_cross_entropy(a, b, reduction="none"), [a, b],
         torch.float32)
    for p in (1.0, 2.0):
        for target in range(3):
            for x in ([NAN, 1.0, 2.0], [INF, 1.0, 2.0], [INF, INF, 0.0], [-INF, 1.0, INF], [-INF, -INF, 0.0]):
                line("multi_margin_loss", lambda x: F.multi_margin_loss(x, torch.tensor(target), p=int(p)), [x],
                     torch.float32, p, target)


SPECIAL = [NAN, INF, -INF, 0.0, -0.0, 1.0, -2.0, 1e-40, 3e38]


def products():
    """Products of vectors and matrices: of each pair of special numbers beside ordinary ones."""
    for x, z in ((NAN, 0.0), (INF, 0.0), (INF, -INF), (-0.0, 0.0), (-0.0, -0.0), (1e-40, 0.5), (3e38, 3e38)):
        a, b = [x, 1.0, -2.0, 0.5], [z, 0.5, 3.0, -1.0]
        line("vdot", torch.vdot, [a, b], torch.float32)
        line("inner", torch.inner, [a, b], torch.float32)
        line("vecdot", lambda a, b: torch.linalg.vecdot(a.view(2, 2), b.view(2, 2)), [a, b], torch.float32)
        line("cross", torch.cross, [a[:3], b[:3]], torch.float32)
        line("kron", torch.kron, [a[:2], b[:2]], torch.float32)
        line("addr", lambda a, b: torch.addr(a, a, b, beta=0.5, alpha=2), [a, b], torch.float32)
        line("multi_dot", lambda a, b: torch.linalg.multi_dot([a.view(2, 2), b.view(2, 2), b.view(2, 2)]),
             [a, b], torch.float32)
        line("bilinear", lambda a, b: F.bilinear(a.view(2, 2), b.view(2, 2), torch.ones(1, 2, 2)), [a, b],
             torch.float32)
    for x in SPECIAL:
        for n in (2, 3):
            line("matrix_power", lambda a: torch.matrix_power(a.view(2, 2), n), [[x, 1.0, 0.5, 2.0]],
                 torch.float32, n)


def distances():
    for x, z in ((NAN, 1.0), (INF, 1.0), (INF, INF), (-INF, INF), (0.0, -0.0), (2.0, 2.0)):
        a, b = [x, 1.0, 0.5, -2.0], [z, 1.0, 0.5, 3.0]
        for p in (0.0, 1.0, 2.0, 3.0, INF):
            if p != 0:  # PyTorch's backward pass of dist fails for 0
                line("dist", lambda a, b: torch.dist(a, b, p), [a, b], torch.float32, p)
            if p == INF and math.isnan(x - z):
                continue  # PyTorch skips a difference that is NaN
            if abs(x - z) == INF and p == 3:
                continue
            line("cdist", lambda a, b: torch.cdist(a.view(2, 2), b.view(2, 2), p), [a, b], torch.float32, p)
            line("pdist", lambda a: F.pdist(a.view(2, 2), p), [a], torch.float32, p)
    for x in SPECIAL[:-1]:
        for p, most in ((1.0, 2.0), (2.0, 0.0), (INF, 1.0)):
            if p == INF == abs(x):
                continue  # the gradient of what is not the largest is 0 in Candela, and NaN in PyTorch
            line("renorm", lambda a: torch.renorm(a.view(2, 2), p, 0, most), [[x, 1.0, 0.25, 0.5]],
                 torch.float32, p, most)


def statistics():
    for x in SPECIAL[:-1]:  # where squares overflow Candela has more digits
        a = [x, 1.0, -2.0, 0.5, 3.0, 1.0]
        line("cov", lambda a: torch.cov(a.view(2, 3)), [a], torch.float32)
        line("corrcoef", lambda a: torch.corrcoef(a.view(2, 3)), [a], torch.float32)
        line("trapezoid", torch.trapezoid, [a[:3], [0.0, 1.0, 3.0]], torch.float32)
        line("trapezoid", torch.trapezoid, [[0.0, 1.0, 3.0], a[:3]], torch.float32)
        line("cumulative_trapezoid", torch.cumulative_trapezoid, [a[:3], [0.0, 1.0, 3.0]], torch.float32)
        line("instance_norm", lambda a: F.instance_norm(a.view(1, 2, 3)), [a], torch.float32)
    line("histc", lambda a: torch.histc(a, 4, -2, 2), [SPECIAL], torch.float32)
    line("vander", lambda a: torch.vander(a.detach(), 3), [SPECIAL], torch.float32)
    for p in (0.0, 1.0, 2.0, -1.0, 0.5, INF, NAN):
        line("float_power", lambda a: torch.float_power(a, p), [SPECIAL], torch.float32, p)


def by_index():
    """The index sends the first two elements of the source to the first of x, the others to the second."""
    index = torch.tensor([0, 0, 1, 1])
    sources = [[x, z, 1.0, 2.0] for x, z in
               ((NAN, 2.0), (INF, -INF), (0.0, INF), (0.0, -0.0), (-0.0, 2.0), (2.0, 2.0))]
    for how, name in enumerate(("sum", "prod", "mean", "amax", "amin")):
        for self in (True, False):
            for b in sources:
                a = [2.0, -0.0, NAN]
                line("scatter_reduce", lambda a, b: torch.scatter_reduce(a, 0, index, b, name, include_self=self),
                     [a, b], torch.float32, how, not self)
                if name != "sum":
                    line("index_reduce", lambda a, b: torch.index_reduce(a, 0, index, b, name, include_self=self),
                         [a, b], torch.float32, how, not self)


def arranged():
    """Ops that only move elements: they keep NaN and the sign of zeros, and give every gradient back."""
    a, b = [NAN, INF, -0.0], [-INF, -0.0, 1.0]
    for p in (2.0, 3.0):
        line("combinations", lambda a: torch.combinations(a, int(p)), [a], torch.float32, p)
    line("cartesian_prod", torch.cartesian_prod, [a, b], torch.float32)
    line("block_diag", torch.block_diag, [a, b], torch.float32)
    line("fliplr", lambda a: torch.fliplr(a.view(1, 3)), [a], torch.float32)
    line("flipud", torch.flipud, [a], torch.float32)
    for p in (0.0, 1.0, -1.0):
        line("diagflat", lambda a: torch.diagflat(a, int(p)), [a], torch.float32, p)
    line("diagonal_scatter", lambda a, b: torch.diagonal_scatter(torch.zeros(3, 3) * a, b), [a, b], torch.float32)
    for p, mode in enumerate(("constant", "reflect", "replicate", "circular")):
        for q in (0.0, INF, -0.0, NAN) if mode == "constant" else (0.0,):
            line("pad", lambda a: F.pad(a.view(1, 1, 3), (2, 1), mode, q if mode == "constant" else None), [a],
                 torch.float32, p, q)


with (
    open("special_values.txt.gz", "wb") as file,
    gzip.GzipFile("", "wb", 9, file, mtime=0) as packed,
    io.TextIOWrapper(packed) as out,
):
    elementwise()
    activations()
    pairs()
    reductions()
    arithmetic()
    losses()
    products()
    distances()
    statistics()
    by_index()
    arranged()
