/* What a tensor consists of, for the library's own files.
 *
 *     cd_tensor -> cd_storage     the bytes; several tensors may share one
 *               -> extension      autograd's part (cd_variable): gradient, grad_fn, hooks
 *               -> base           of a view: the tensor that it is a view of
 *
 * core computes no gradients, and calls autograd through cd_extension. The members of cd_tensor
 * that only autograd uses stand here so that the dispatcher reads them without another load. */
#ifndef CANDELA_CORE_TENSOR_INTERNAL_H
#define CANDELA_CORE_TENSOR_INTERNAL_H

#include "core/device_internal.h"
#include "core/dtype_internal.h"
#include "core/layout_internal.h"
#include "core/object_internal.h"
#include "core/shape_internal.h"
#include "core/tensor.h"

/* The bytes of one or more tensors, in the memory of their device. On the CPU up to 64 bytes are in
 * inline_data, so that a small tensor needs no block of its own. */
typedef struct cd_storage {
    atomic_int references;    /* tensors and saved values of graph nodes */
    _Atomic uint32_t version; /* how often the bytes were written in place */
    size_t bytes;
    char *data;
    void (*deleter)(void *memory, void *user); /* of borrowed memory; may be NULL */
    void *user;                                /* for the deleter */
    bool borrowed;                             /* by cd_wrap */
    unsigned char device;                      /* a cd_device */
    _Atomic uint64_t id;                       /* of cd_storage_id, which sets it; 0 until then */
    _Alignas(64) char inline_data[64];
} cd_storage;

/* The functions of a tensor's extension. */
typedef struct cd_extension {
    /* When the tensor's last owner goes. */
    void (*last_owner)(cd_tensor *t);
    /* Destroys the extension. */
    void (*destroy)(cd_tensor *t);
    /* The name of t's grad_fn; NULL for a leaf, and, with an error, on failure. `t` may also be a
     * view that has no extension yet, whose base has one. */
    const char *(*grad_fn)(const cd_tensor *t);
} cd_extension;

struct cd_tensor {
    cd_object object;
    cd_storage *storage;
    char *data; /* of the first element, so it follows from storage and offset: tensor.c alone sets
                   the three. The host may read it only on the CPU */
    /* autograd's cd_variable, which begins with a pointer to these functions; NULL until autograd
     * needs one. Threads that share a leaf may find NULL at the same time: only one of them sets
     * it. */
    const cd_extension **_Atomic extension;
    bool requires_grad; /* of a leaf; autograd uses it */
    /* The members from here to `base` are autograd's too: see autograd/views.c. */
    bool is_view;       /* made from another tensor by an op that copies no elements */
    bool fixed_history; /* of a view: made while no graph was recorded, or a view of such a view.
                           After a change of its storage in place its grad_fn cannot be renewed */
    _Atomic uint32_t known_version; /* of a view: the storage's version that its grad_fn is for */
    /* Of a view: the tensor, itself not a view, that it is a view of, directly or through other
     * views. One reference. NULL when gradients cannot matter, as for integers. */
    cd_tensor *base;
    union {
        cd_layout layout;
        struct {
            CD_LAYOUT_MEMBERS
        };
    };
};

extern const cd_class cd_tensor_class;

/* In this file `function` is the name of the public call that the user made, for error messages. */

/* A contiguous tensor on the CPU, contents undefined. One owner: the caller. NULL with an error. */
cd_tensor *cd_tensor_new(const char *function, cd_dtype dtype, cd_shape shape);
/* As cd_tensor_new, on a device. */
cd_tensor *cd_tensor_new_on(const char *function, cd_device device, cd_dtype dtype,
                            const cd_shape *shape);
/* A tensor on the storage of `base`, with this shape and these strides. One owner: the caller, who
 * has checked that the elements are inside the storage. */
cd_tensor *cd_tensor_view(const cd_tensor *base, const cd_shape *shape, const int64_t *stride,
                          int64_t offset);
/* As cd_tensor_view, from a storage. */
cd_tensor *cd_storage_view(cd_storage *storage, cd_dtype dtype, const cd_shape *shape,
                           const int64_t *stride, int64_t offset);
/* As cd_storage_view, with a layout that another tensor on this storage had. */
cd_tensor *cd_storage_view_layout(cd_storage *storage, const cd_layout *layout);
/* Exchanges the storages and layouts of two tensors: t stays the same object, with its gradient and
 * its names in modules, but has other's elements, as when a module moves to a device. The version
 * of its storage goes up, so graphs that saved t find that it was changed. */
void cd_tensor_exchange(cd_tensor *t, cd_tensor *other);
/* Adds a reference. */
void cd_storage_ref(cd_storage *storage);
/* Takes a reference away; the last one frees the storage. */
void cd_storage_unref(cd_storage *storage);

/* As cd_device_of, for a tensor that is known to be one. */
static inline cd_device cd_tensor_device(const cd_tensor *t)
{
    return (cd_device)t->storage->device;
}

/* The address of the element `offset`, counted in elements of this dtype. */
static inline char *cd_storage_at(const cd_storage *storage, cd_dtype dtype, int64_t offset)
{
    return storage->data + offset * (int64_t)cd_dtype_bytes[dtype];
}

/* Whether the shapes are equal. */
static inline bool cd_same_shape(const cd_tensor *a, const cd_tensor *b)
{
    return cd_same_sizes(&a->shape, &b->shape);
}

/* Raises the version, once for each write in place. The dispatcher does so before the kernel runs:
 * by then nothing can fail. */
static inline void cd_tensor_bump(cd_tensor *t)
{
    atomic_fetch_add_explicit(&t->storage->version, 1, memory_order_relaxed);
}

static inline uint32_t cd_storage_version(const cd_storage *s)
{
    return atomic_load_explicit(&s->version, memory_order_relaxed);
}

/* As cd_check_object, for tensors. */
bool cd_check_tensor(const cd_tensor *t, const char *function, const char *argument);

/* The strides of a contiguous tensor of this shape, in elements. */
void cd_contiguous_strides(cd_shape shape, int64_t *stride);
/* Whether elements with these strides lie row by row, without gaps. */
bool cd_strides_contiguous(const cd_shape *shape, const int64_t *stride);

/* Whether several elements may share memory, as after cd_expand: such a tensor must not be written.
 * True can be wrong for strides that only cd_as_strided makes: those of neither a slice nor a
 * permutation of a contiguous tensor. False is always right. */
bool cd_strides_overlap(cd_shape shape, const int64_t *stride);
/* As cd_strides_overlap, for a tensor. */
bool cd_tensor_overlaps(const cd_tensor *t);

/* Copies src to dst, which has the same shape and device, and converts to its dtype. Leaves the
 * version to the caller. */
void cd_tensor_copy(cd_tensor *dst, const cd_tensor *src);
/* A contiguous copy of t on a device. One owner: the caller. NULL with an error without memory, and
 * if t is on the meta device and the copy would not be. */
cd_tensor *cd_tensor_copy_on(const char *function, cd_device device, const cd_tensor *t);
/* A tensor on the CPU with the elements of t: t itself if it is there, otherwise a copy. End its
 * use with cd_tensor_release_host_copy. NULL with an error. */
const cd_tensor *cd_tensor_on_host(const char *function, const cd_tensor *t);
/* Frees what cd_tensor_on_host returned for t, unless that is t itself. */
static inline void cd_tensor_release_host_copy(const cd_tensor *t, const cd_tensor *host)
{
    if (host != t) cd_object_disown((cd_object *)(uintptr_t)host);
}

/* Reads element i, counted row by row, of a contiguous tensor, in its dtype. Not on the meta
 * device. */
void cd_tensor_get(const cd_tensor *t, int64_t i, void *value);
/* Writes element i, as cd_tensor_get reads it. Leaves the version to the caller. */
void cd_tensor_put(cd_tensor *t, int64_t i, const void *value);

/* Chooses the dtype for cd_from_array and cd_wrap. `elements` is what CD_ELEMENTS_ says of the
 * memory; *dtype is the .dtype of the call or CD_DTYPE_DEFAULT, and becomes the choice. Returns
 * false with CD_ERR_DTYPE when the two contradict each other or neither names a dtype. */
bool cd_elements_dtype(const char *function, cd_dtype elements, cd_dtype *dtype);
/* Whether memory of `bytes` bytes (0 and SIZE_MAX: unknown) holds the n elements of the shape;
 * false with CD_ERR_SHAPE. */
bool cd_elements_fit(const char *function, size_t bytes, cd_dtype dtype, cd_shape shape, int64_t n);

/* Sets *out to the index of dimension `dim`, which may be negative to count from the end: -1 is
 * ndim - 1. As for PyTorch, a 0-d tensor has the dimensions 0 and -1. Returns false with
 * CD_ERR_SHAPE if there is no such dimension. */
bool cd_wrap_dim(const char *function, int ndim, int dim, int *out);

#endif
