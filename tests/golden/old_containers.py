"""Writes files as old versions of torch.save wrote them: the TAR container of PyTorch 0.1.1 to 0.1.9, and a
pickle stream with views of storages. torch.load(weights_only=False) still opens both."""
import collections
import io
import pickle
import struct
import tarfile

import torch


class Python2(pickle._Pickler):
    """As cPickle of Python 2: integers of more than 32 bits are lines of text even in protocol 2, and texts
    without other letters are byte strings."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_int(self, value):
        if -(2**31) <= value < 2**31:
            return pickle._Pickler.save_long(self, value)
        self.write(b"I%d\n" % value)

    def save_text(self, value):
        data = value.encode("ascii")
        self.write(b"U" + bytes([len(data)]) + data)
        self.memoize(value)

    dispatch[int] = save_int
    dispatch[str] = save_text


def bytes_of(t):
    """The bytes of the whole storage of a tensor."""
    return torch.tensor([], dtype=torch.uint8).set_(t.untyped_storage()).numpy().tobytes()


def dump(out, thing, protocol, python2=False):
    (Python2 if python2 else pickle._Pickler)(out, protocol).dump(thing)


def class_of(t, what):
    """torch.FloatStorage or torch.FloatTensor."""
    return getattr(torch, t.type().split(".")[-1].replace("Tensor", what))


def save_tar(thing, path, protocol=2, views=(), order=("sys_info", "pickle", "tensors", "storages"),
             python2=False, pax=False):
    """`views` has tensors whose storage is written as a view of another tensor's storage: (tensor, root)."""
    tensors, keep, keys, roots, view_of = {}, [], {}, {}, []

    def key_of(obj):
        if id(obj) not in keys:
            keep.append(obj)
            keys[id(obj)] = 94000000000000 + 128 * len(keys)
        return keys[id(obj)]

    class Pickler(Python2 if python2 else pickle._Pickler):
        def persistent_id(self, obj):
            if isinstance(obj, type) and issubclass(obj, torch.nn.Module):
                return (obj, None, None)
            if type(obj) is torch.Tensor:
                tensors[key_of(obj)] = obj
                return str(key_of(obj))
            return None

        def save(self, obj, save_persistent_id=True):
            # Parameter() by NEWOBJ, then BUILD with (data, grad, hooks, requires_grad, volatile).
            if type(obj) is not torch.nn.Parameter:
                return super().save(obj, save_persistent_id)
            if id(obj) in self.memo:
                return self.write(self.get(self.memo[id(obj)][0]))
            super().save(torch.nn.Parameter)
            self.write(pickle.EMPTY_TUPLE + pickle.NEWOBJ)
            self.memoize(obj)
            keep.append(obj.data)
            super().save((keep[-1], None, collections.OrderedDict(), True, False))
            return self.write(pickle.BUILD)

    def storage_key(t):
        pointer = t.untyped_storage().data_ptr() or id(t)
        roots.setdefault(pointer, (70000000000000 + 64 * len(roots), t))
        return roots[pointer][0]

    out = {name: io.BytesIO() for name in order}
    Pickler(out["pickle"], protocol).dump(thing)
    dump(out["tensors"], len(tensors), protocol, python2)
    for key, t in tensors.items():
        root = [view[1] for view in views if view[0] is t]
        storage, offset = storage_key(root[0] if root else t), t.storage_offset()
        if root:
            view_of.append((key + 1, storage, offset, t.numel()))
            storage, offset = key + 1, 0
        dump(out["tensors"], (key, storage, class_of(t, "Tensor")), protocol, python2)
        out["tensors"].write(struct.pack("<q", t.dim()))
        out["tensors"].write(struct.pack("<%dq" % t.dim(), *t.size()))
        out["tensors"].write(struct.pack("<%dq" % t.dim(), *t.stride()))
        out["tensors"].write(struct.pack("<q", offset))
    dump(out["storages"], len(roots), protocol, python2)
    for key, t in roots.values():
        data = bytes_of(t)
        dump(out["storages"], (key, "cpu", class_of(t, "Storage")), protocol, python2)
        out["storages"].write(struct.pack("<q", len(data) // t.element_size()) + data)
    dump(out["storages"], view_of, protocol, python2)
    sizes = {"short": 2, "int": 4, "long": 8}
    dump(out["sys_info"], {"protocol_version": 1000, "little_endian": True, "type_sizes": sizes}, protocol, python2)

    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:", format=tarfile.PAX_FORMAT) as tar:
        for name in order:
            member = tarfile.TarInfo(name)
            member.size = len(out[name].getvalue())
            member.mtime = 1484123456.25 if pax else 1484123456
            tar.addfile(member, io.BytesIO(out[name].getvalue()))
    data = archive.getvalue().rstrip(b"\0")
    with open(path, "wb") as f:  # as far as two empty blocks behind the last member
        f.write(data + bytes(1024 + -len(data) % 512))


def save_stream(thing, path, views=(), little_endian=True, protocol=2):
    """The pickle stream, in which `views` are as in save_tar."""
    storages = {}

    class Tensor:
        """Stands for a tensor: persistent ids are made of storages, and one may be a view."""

        def __init__(self, t, root):
            self.t, self.root = t, root

    class Pickler(pickle._Pickler):
        def persistent_id(self, obj):
            if not isinstance(obj, Tensor):
                return None
            t, root = obj.t, obj.root
            whole = t if root is None else root
            key = str(93000000000000 + 16 * list(storages).index(id(whole))) if id(whole) in storages else None
            if key is None:
                storages[id(whole)] = whole
                key = str(93000000000000 + 16 * (len(storages) - 1))
            numel = whole.untyped_storage().nbytes() // whole.element_size()
            view = None if root is None else (f"{key}{t.storage_offset()}", t.storage_offset(), t.numel())
            return ("storage", class_of(t, "Storage"), key, "cpu", numel, view)

        def save(self, obj, save_persistent_id=True):
            if type(obj) is not torch.Tensor:
                return super().save(obj, save_persistent_id)
            root = [view[1] for view in views if view[0] is obj]
            super().save(torch._utils._rebuild_tensor_v2)
            offset = 0 if root else obj.storage_offset()
            args = (Tensor(obj, root[0] if root else None), offset, tuple(obj.size()), obj.stride(), False,
                    collections.OrderedDict())
            super().save(args)
            return self.write(pickle.REDUCE)

    with open(path, "wb") as f:
        dump(f, 0x1950A86A20F9469CFC6C, protocol)
        dump(f, 1001, protocol)
        sizes = {"short": 2, "int": 4, "long": 8}
        dump(f, {"protocol_version": 1001, "little_endian": little_endian, "type_sizes": sizes}, protocol)
        Pickler(f, protocol).dump(thing)
        keys = [str(93000000000000 + 16 * i) for i in range(len(storages))]
        dump(f, keys, protocol)
        for whole in storages.values():
            data = bytes_of(whole)
            f.write(struct.pack("<q", len(data) // whole.element_size()) + data)
