"""What people torch.save, in every container and protocol, with what a reader must find in it. Writes
pth_forms.gz for tests/test_pth_forms.c.

    python tests/golden/make_pth_forms.py

The unpacked file is a row of cases. A case is a line of five words: name, key to choose by or "-", bytes of
the file, tensors, texts that must be among its metadata. A line follows for each tensor, "name TAB dtype TAB
2x3 TAB CRC-32 of its elements as they are read", and for each text "key TAB value", and then the bytes of the
file. A file that is refused has -1 tensors, and one line: what its error says. Every file that torch.load opens
is opened with it here, and must hold what the lines say."""
import argparse
import collections
import datetime
import decimal
import enum
import functools
import gzip
import io
import os
import pathlib
import struct
import tempfile
import zipfile
import zlib

import numpy
import torch
from old_containers import save_stream, save_tar

here = pathlib.Path(__file__).parent
folder = tempfile.mkdtemp()
path = os.path.join(folder, "m.pth")
out = io.BytesIO()
WIDER = {torch.float16: torch.float32, torch.bfloat16: torch.float32, torch.int8: torch.int32,
         torch.int16: torch.int32}
NAMES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
         torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8",
         torch.bool: "BOOL"}


def count(*shape, dtype=torch.float32):
    n = 1
    for size in shape:
        n *= size
    return torch.arange(n, dtype=torch.float32).reshape(shape).to(dtype)


def crc(t):
    return zlib.crc32(t.detach().to(WIDER.get(t.dtype, t.dtype)).contiguous().numpy().tobytes())


def case(name, state, key="-", texts=(), error=None):
    """Adds the file that lies at `path`. `state` has the tensors that a reader must find."""
    data = open(path, "rb").read()
    tensors = [] if error else [(n, t) for n, t in state.items()]
    out.write(f"{name} {key} {len(data)} {-1 if error else len(tensors)} {len(texts)}\n".encode())
    if error:
        out.write(f"{error}\n".encode())
    for n, t in tensors:
        shape = "x".join(map(str, t.shape)) or "scalar"
        out.write(f"{n}\t{NAMES[t.dtype]}\t{shape}\t{crc(t):08x}\n".encode())
    for pair in texts:
        out.write("\t".join(pair).encode() + b"\n")
    out.write(data)


def opened():
    return torch.load(path, weights_only=False)


def must_equal(found, state):
    assert list(found) == list(state)
    for n in state:
        assert found[n].dtype == state[n].dtype and torch.equal(found[n], state[n]), n


def old_save(thing, protocol=2):
    torch.save(thing, path, pickle_protocol=protocol, _use_new_zipfile_serialization=False)


def new_save(thing, protocol=2):
    torch.save(thing, path, pickle_protocol=protocol)


# The pickle stream has the source text of each class of a module: a line will do.
torch.serialization.get_source_lines_and_file = lambda cls: (["class C: pass\n"], 1, "c.py")

# --- the same tensors in all containers and protocols ----------------------------------------------------------

w = count(4, 6)
tied = torch.nn.Parameter(count(3))
kinds = collections.OrderedDict(
    f32=count(2, 3), f64=count(3, dtype=torch.float64), f16=count(5, dtype=torch.float16),
    bf16=count(5, dtype=torch.bfloat16), i64=count(2, 2, dtype=torch.int64) * 2**40, i32=-count(4, dtype=torch.int32),
    i16=-count(4, dtype=torch.int16), i8=-count(4, dtype=torch.int8), u8=count(7, dtype=torch.uint8),
    bool=torch.tensor([True, False, True]), scalar=torch.tensor(7), empty=torch.zeros(0, 3), whole=w, t=w.t(),
    slice=w[1:3, 2:5], step=w[::2, ::3], expanded=torch.tensor([5.0]).expand(3, 4), parameter=tied, tied=tied)
for protocol in 2, 3, 4, 5:
    for container in "zip", "stream", "tar":
        {"zip": new_save, "stream": old_save, "tar": save_tar}[container](
            *((kinds, path, protocol) if container == "tar" else (kinds, protocol)))
        must_equal(opened(), kinds)
        case(f"kinds-{container}-{protocol}", kinds)

small = collections.OrderedDict(a=count(2, 3), b=count(6).double()[2:5], c=count(2, dtype=torch.int64))
save_tar(small, path, python2=True, pax=True, order=("storages", "tensors", "pickle", "sys_info"))
must_equal(opened(), small)
case("tar-python2-pax-order", small)
root = count(6)
views = {"root": root, "view": root[2:5], "other": root[1:3]}
save_tar(views, path, views=[(views["view"], root), (views["other"], root)])
must_equal(opened(), views)
case("tar-views", views)
save_stream(views, path, views=[(views["view"], root), (views["other"], root)])
must_equal(opened(), views)
case("stream-views", views)
save_stream(small, path, little_endian=False)
must_equal(opened(), small)
case("stream-big-endian-machine", small)
new_save(small)
with zipfile.ZipFile(path) as z:
    entries = {i: z.read(i) for i in z.namelist()}
width = {"m/data/0": 4, "m/data/1": 8, "m/data/2": 8}
with zipfile.ZipFile(path, "w") as z:
    for i, data in entries.items():
        if i in width:
            data = numpy.frombuffer(data, f"<u{width[i]}").byteswap().tobytes()
        z.writestr(i, b"big" if i.endswith("byteorder") else data)
must_equal(opened(), small)
case("zip-big-endian", small)

# --- modules -----------------------------------------------------------------------------------------------------


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 2), torch.nn.BatchNorm2d(2), torch.nn.ReLU())
        self.again = self.body[0]
        self.none = None
        self.register_buffer("kept", count(3))
        self.register_buffer("dropped", count(4), persistent=False)
        self.scale = torch.nn.Parameter(count(2))
        self.function = functools.partial(torch.nn.functional.relu, inplace=True)
        self.history = {"loss": [1.0, 0.5], 3: {1, 2}, (1, 2): frozenset("a")}

    def forward(self, x):
        return x


net = Net()
with torch.no_grad():
    for i, t in enumerate(net.state_dict().values()):
        t.copy_(count(*t.shape) + i)
assert "dropped" not in net.state_dict() and "again.weight" in net.state_dict()
for protocol in 2, 4:
    old_save(net, protocol)
    must_equal(opened().state_dict(), net.state_dict())
    case(f"module-{protocol}", net.state_dict())
sequential = torch.nn.Sequential(torch.nn.BatchNorm1d(2))
old_save({"epoch": 3, "model": sequential, "ema": None, "optimizer": None})
case("module-under-model", sequential.state_dict(), texts=[("epoch", "3")])
old_save([sequential, {"lr": 0.1}])
case("module-in-a-list", sequential.state_dict())

# --- what stands around and beside a state dict --------------------------------------------------------------------


class Colour(enum.Enum):
    RED = 1


class Settings(dict):
    pass


class State(collections.OrderedDict):
    pass


class Callback:
    def __init__(self):
        self.best = torch.tensor(0.5)
        self.monitor = "val_loss"


model = torch.nn.Linear(2, 2)
with torch.no_grad():
    model.weight.copy_(count(2, 2))
    model.bias.copy_(count(2))
sd = model.state_dict()
optimizer = torch.optim.Adam(model.parameters())
model(torch.ones(1, 2)).sum().backward()
optimizer.step()
with torch.no_grad():
    model.weight.copy_(count(2, 2))
    model.bias.copy_(count(2))
ema = {n: t + 1 for n, t in sd.items()}
step = optimizer.state_dict()
args = argparse.Namespace(lr=0.1, data=pathlib.PurePosixPath("/data"), colour=Colour.RED, when=datetime.datetime(2018, 1, 2))
beside = {
    "counter": collections.Counter("abca"), "set": {1, "a"}, "frozen": frozenset([1]), "complex": 1 + 2j,
    "bytes": b"\0abc", "bytearray": bytearray(b"abc"), "args": args, "day": datetime.date(2018, 1, 2),
    "zone": datetime.timezone.utc, "np": numpy.float64(1.5), "npi": numpy.int64(3), "npa": numpy.arange(3), "enum": Colour.RED,
    "size": torch.Size([1, 2]), "dtype": torch.float32, "device": torch.device("cpu"), "partial": functools.partial(print, 1),
    "deque": collections.deque([1, 2]), "default": collections.defaultdict(list, {"a": [1]}), "decimal": decimal.Decimal("1.5"),
    "settings": Settings(a=1), "callback": Callback(), "class": Callback, "function": torch.nn.functional.relu,
    "range": range(3), "slice": slice(1, 2), "ellipsis": Ellipsis, "long": 2**100, "nested": {"deep": [({"x": (1, {2: 3})},)]},
    "rng": torch.get_rng_state()[:4].clone(), "tuple": (1, (2, (3,))), "text": "\u00e9", "best": 91.78, "done": True,
}
loop = []
loop.append(loop)
beside["loop"] = (loop, loop)
texts = [("best", "91.78"), ("done", "True"), ("text", "\u00e9")]
for protocol in 2, 3, 4, 5:
    old_save({"state_dict": sd, **beside}, protocol)
    case(f"beside-{protocol}", sd, texts=texts)
lightning = {
    "epoch": 4, "global_step": 100, "pytorch-lightning_version": "2.1.0", "state_dict": sd,
    "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 1}}}},
    "callbacks": {"ModelCheckpoint{'monitor': 'val_loss'}": {"best_model_score": torch.tensor(0.5), "dirpath": "/x"},
                  Callback: Callback()},
    "optimizer_states": [step], "lr_schedulers": [{"base_lrs": [0.1], "_step_count": 1}],
    "hparams_name": "kwargs", "hyper_parameters": Settings(lr=0.1, net=args),
}
wrappers = {
    "lightning": (lightning, sd, "-", [("epoch", "4"), ("pytorch-lightning_version", "2.1.0")]),
    "timm": ({"epoch": 1, "arch": "vit", "state_dict": sd, "optimizer": step, "version": 2, "args": args,
              "amp_scaler": {"scale": 65536.0}, "metric": numpy.float64(81.2)}, sd, "-", [("arch", "vit")]),
    "fairseq": ({"args": None, "cfg": {"model": args, "task": {"a": 1}}, "model": sd, "criterion": None,
                 "optimizer_history": [{"num_updates": 3, "criterion_name": "X"}], "task_state": {},
                 "extra_state": {"val_loss": 1.5}, "last_optimizer_state": step}, sd, "-", []),
    "imagenet-example": ({"epoch": 90, "arch": "resnet18", "state_dict": {f"module.{n}": t for n, t in sd.items()},
                          "best_acc1": torch.tensor(69.76), "optimizer": step, "scheduler": {"_step_count": 1}},
                         {f"module.{n}": t for n, t in sd.items()}, "-", [("epoch", "90")]),
    "tutorial": ({"epoch": 1, "model_state_dict": sd, "optimizer_state_dict": step, "loss": torch.tensor(0.4)}, sd, "-", []),
    "any-key": ({"my_net": sd, "optim": step, "iteration": 7}, sd, "-", [("iteration", "7")]),
    "nested": ({"checkpoint": {"step": 3, "model": sd}, "version": 1}, sd, "-", [("step", "3"), ("version", "1")]),
    "criterion": ({"model": sd, "criterion": {"empty_weight": count(3)}}, sd, "-", []),
    "pair": ((sd, step), sd, "-", []),
    "three": ([None, sd, "text"], sd, "-", []),
    "subclass": (State(sd), sd, "-", []),
    "default-dict": (collections.defaultdict(int, sd), sd, "-", []),
    "subclass-inside": ({"weights": State(sd), "x": 1}, sd, "-", [("x", "1")]),
    "flat": ({**sd, "epoch": 3, "optimizer": step}, sd, "-", [("epoch", "3")]),
    "ema-chosen": ({"model": sd, "model_ema": ema}, ema, "model_ema", []),
    "student-chosen": ({"teacher": ema, "student": sd, "optimizer": step}, sd, "student", []),
    "deep-chosen": ({"a": {"b": [sd, ema]}}, ema, "a.b.1", []),
    "dotted-chosen": ({"a.b": sd, "a": {"c": ema}}, sd, "a.b", []),
    "outermost-chosen": ({**sd, "average": ema}, sd, "", []),
    "optimizer-chosen": ({"model": sd, "optimizer": step}, {k: v for k, v in step["state"][0].items()},
                         "optimizer.state.0", []),
    "two-of-one": ({"state_dict": sd, "model": sd}, sd, "-", []),
}
for name, (thing, state, key, found) in wrappers.items():
    old_save(thing)
    case(name, state, key=key or '""', texts=found)
refused = {
    "ema": ({"model": sd, "model_ema": ema}, "-", 'several dictionaries of tensors ("model", "model_ema")'),
    "prefixed-ema": ({"state_dict": sd, "ema": {f"module.{n}": t for n, t in ema.items()}}, "-", '("state_dict", "ema")'),
    "teacher": ({"teacher": ema, "student": sd, "optimizer": step}, "-", 'by .key = "student" or --key student'),
    "gan": ({"generator": sd, "discriminator": {"x": count(2)}}, "-", '("generator", "discriminator")'),
    "average": ({**sd, "average": ema}, "-", '("", "average")'),
    "no-such-key": ({"model": sd, "optimizer": step}, "modle", 'under the key "modle": it has "model", "optimizer.state.0"'),
    "namespace": (args, "-", "it holds an object of argparse.Namespace, and not a dictionary"),
    "only-optimizer": ({"optimizer": step}, "-", "there are no tensors in its dictionary"),
    "list-of-tensors": ([count(2), count(2)], "-", "it holds a list"),
    "sparse": ({"w": count(2, 2).to_sparse()}, "-", 'the tensor "w" cannot be read: it is sparse'),
    "meta": ({"w": torch.zeros(2, device="meta")}, "-", 'the tensor "w" cannot be read: it was on the device "meta"'),
    "quantised": ({"w": torch.quantize_per_tensor(count(2), 1.0, 0, torch.qint8)}, "-", "it is quantised: save it as"),
    "conjugate": ({"w": torch.ones(2, dtype=torch.complex64).conj()}, "-", "it has PyTorch's conjugate bit"),
}


class Mine(torch.Tensor):
    pass


refused["subclass-of-tensor"] = ({"w": count(2).as_subclass(Mine)}, "-", 'the tensor "w" cannot be read: it is of a class')
for name, (thing, key, error) in refused.items():
    old_save(thing)
    case(f"refused-{name}", {}, key=key, error=error)

data = gzip.compress(out.getvalue(), 9, mtime=0)
(here / "pth_forms.gz").write_bytes(data)
print(len(out.getvalue()), "bytes,", len(data), "packed")
