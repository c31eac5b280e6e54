"""Writes what torch.save of PyTorch 0.1.6 wrote: a TAR archive of the members sys_info, pickle, tensors
and storages. torch.load(weights_only=False) still opens it."""
import collections
import io
import pickle
import struct
import sys
import tarfile

import torch


def dump(out, thing, protocol):
    pickle.dump(thing, out, protocol=protocol)


def save_tar(thing, path, protocol=2, views=(), order=("sys_info", "pickle", "tensors", "storages"), mtime=1484123456.25):
    """`views` has tensors whose storage is written as a view of another tensor's: (tensor, root, offset)."""
    tensors, storages, view_of = {}, {}, {}

    class Pickler(pickle._Pickler):
        def persistent_id(self, obj):
            if isinstance(obj, type) and issubclass(obj, torch.nn.Module):
                return (obj, None, None)
            if isinstance(obj, torch.Tensor) and type(obj) is torch.Tensor:
                key = key_of(obj)
                tensors[key] = obj
                return str(key)
            return None

        def reducer_override(self, obj):
            return NotImplemented

        def save(self, obj, save_persistent_id=True):
            # A Parameter of PyTorch 0.1: Parameter(), then BUILD with (data, grad, hooks, requires_grad, volatile).
            if type(obj) is torch.nn.Parameter:
                if id(obj) in self.memo:
                    return self.write(self.get(self.memo[id(obj)][0]))
                self.save_global(torch.nn.Parameter, "Parameter") if False else self.save(torch.nn.Parameter)
                self.write(pickle.EMPTY_TUPLE + pickle.NEWOBJ)
                self.memoize(obj)
                keep.append(obj.data)
                self.save((obj.data, None, collections.OrderedDict(), True, False))
                return self.write(pickle.BUILD)
            return super().save(obj, save_persistent_id)

    keep, keys = [], {}

    def key_of(obj):
        if id(obj) not in keys:
            keep.append(obj)
            keys[id(obj)] = 94000000000000 + 128 * len(keys)
        return keys[id(obj)]

    out_pickle = io.BytesIO()
    Pickler(out_pickle, protocol).dump(thing)
    roots = {}

    def storage_key(t):
        pointer = t.untyped_storage().data_ptr() or id(t)
        roots.setdefault(pointer, (700000000000 + 64 * len(roots), t))
        return roots[pointer][0]

    out_tensors = io.BytesIO()
    dump(out_tensors, len(tensors), protocol)
    for key, t in tensors.items():
        legacy = getattr(torch, t.type().split(".")[-1])
        view = [v for v in views if v[0] is t]
        storage = storage_key(view[0][1] if view else t)
        offset = t.storage_offset()
        if view:
            view_of[key + 1] = (storage, view[0][2], t.numel())
            storage, offset = key + 1, 0
        dump(out_tensors, (key, storage, legacy), protocol)
        out_tensors.write(struct.pack("<q", t.dim()))
        out_tensors.write(struct.pack("<%dq" % t.dim(), *t.size()))
        out_tensors.write(struct.pack("<%dq" % t.dim(), *t.stride()))
        out_tensors.write(struct.pack("<q", offset))

    out_storages = io.BytesIO()
    dump(out_storages, len(roots), protocol)
    for key, t in roots.values():
        storage = t.untyped_storage()
        class_name = t.type().split(".")[-1].replace("Tensor", "Storage")
        dump(out_storages, (key, "cpu", getattr(torch, class_name)), protocol)
        data = bytes(storage)
        out_storages.write(struct.pack("<q", len(data) // t.element_size()))
        out_storages.write(data)
    dump(out_storages, [(k, *v) for k, v in view_of.items()], protocol)

    info = {
        "protocol_version": 1000,
        "little_endian": sys.byteorder == "little",
        "type_sizes": {"short": 2, "int": 4, "long": 4},
    }
    out_info = io.BytesIO()
    dump(out_info, info, protocol)
    contents = {"sys_info": out_info, "pickle": out_pickle, "tensors": out_tensors, "storages": out_storages}
    with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as tar:
        for name in order:
            member = tarfile.TarInfo(name)
            member.size = len(contents[name].getvalue())
            member.mtime = mtime
            tar.addfile(member, io.BytesIO(contents[name].getvalue()))
