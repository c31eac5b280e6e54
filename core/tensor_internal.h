/* Tensors from the inside, for core and the layer above. */
#ifndef CANDELA_CORE_TENSOR_INTERNAL_H
#define CANDELA_CORE_TENSOR_INTERNAL_H

#include "core/device_internal.h"
#include "core/dtype_internal.h"
#include "core/layout_internal.h"
#include "core/object_internal.h"
#include "core/shape_internal.h"
#include "core/tensor.h"

/* Bytes that tensors share, in the memory of their device. Small ones of the processor's lie in the
 * storage's own slab piece. */
typedef struct cd_storage {
    atomic_int references;
    _Atomic uint32_t version;
    size_t bytes;
    char *data;
    void (*deleter)(void *memory, void *user); /* borrowed memory only */
    void *user;
    bool borrowed;
    unsigned char device; /* a cd_device */
    _Atomic uint64_t id;  /* 0 until somebody asks: see cd_storage_id */
    _Alignas(64) char near[64];
} cd_storage;

/* What the layer above hangs on a tensor begins with these. */
typedef struct cd_extension {
    void (*last_owner)(cd_tensor *t);
    void (*destroy)(cd_tensor *t);
    /* The name of it, or NULL; of a view without an extension too. NULL and an error if it fails.
     */
    const char *(*grad_fn)(const cd_tensor *t);
} cd_extension;

struct cd_tensor {
    cd_object object;
    cd_storage *storage;
    /* NULL until the layer above needs it; points to its struct. Threads that share a leaf may
     * both find it NULL, and set it once. */
    const cd_extension **_Atomic extension;
    bool requires_grad; /* of a leaf: the layer above reads it */
    bool is_view;       /* made by an op from another tensor, whose history it follows */
    bool fixed_history; /* of a view: its history, if any, is not one to be made anew, since it was
                           made while no graph was recorded, or is a view of such a one */
    /* Of a view: its storage's version that its history is right for. */
    _Atomic uint32_t known_version;
    /* Of a view: the tensor, itself no view, that it shows a part of; holds a reference. NULL where
     * no history can matter. */
    cd_tensor *base;
    union {
        cd_layout layout;
        struct {
            CD_LAYOUT_MEMBERS
        };
    };
};

extern const cd_class cd_tensor_class;

/* Contiguous, contents undefined, one owner: the caller; on the processor where no device is given.
 * `what` names the caller in the sentence when the shape or dtype is impossible. */
cd_tensor *cd_tensor_new(const char *what, cd_dtype dtype, cd_shape shape);
cd_tensor *cd_tensor_of(const char *what, cd_device device, cd_dtype dtype, const cd_shape *shape);
/* Another tensor over the same storage, one owner: the caller. The caller answers for the bounds.
 */
cd_tensor *cd_tensor_view(const cd_tensor *base, const cd_shape *shape, const int64_t *stride,
                          int64_t offset);
/* The same over a storage whose tensor may be gone. */
cd_tensor *cd_storage_view(cd_storage *storage, cd_dtype dtype, const cd_shape *shape,
                           const int64_t *stride, int64_t offset);
/* The same for a layout that a tensor over it had. */
cd_tensor *cd_storage_shown(cd_storage *storage, const cd_layout *layout);
/* Both show from now on what the other did: the elements of t, wherever they go, belong to the same
 * tensor as before. To graphs that have saved t it has been written to. */
void cd_tensor_exchange(cd_tensor *t, cd_tensor *other);
void cd_storage_ref(cd_storage *storage);
void cd_storage_unref(cd_storage *storage);

static inline cd_device cd_device_at(const cd_tensor *t)
{
    return (cd_device)t->storage->device;
}

/* The first element, where the host may look only when the device is the processor. */
static inline char *cd_tensor_data(const cd_tensor *t)
{
    return t->storage->data + t->offset * (int64_t)cd_dtype_bytes(t->dtype);
}

/* cd_shape_equal of two tensors' shapes, which are sound. */
static inline bool cd_same_shape(const cd_tensor *a, const cd_tensor *b)
{
    return cd_same_sizes(&a->shape, &b->shape);
}

static inline void cd_tensor_bump(cd_tensor *t)
{
    atomic_fetch_add_explicit(&t->storage->version, 1, memory_order_relaxed);
}

static inline uint32_t cd_storage_version(const cd_storage *s)
{
    return atomic_load_explicit(&s->version, memory_order_relaxed);
}

/* cd_check_object for tensors. */
bool cd_check_tensor(const cd_tensor *t, const char *function, const char *argument);

/* Strides of a contiguous tensor. */
void cd_contiguous_strides(cd_shape shape, int64_t *stride);
/* True if walking shape by these strides is the same as row by row. */
bool cd_strides_contiguous(const cd_shape *shape, const int64_t *stride);

/* Several elements may lie in one place, as after cd_expand: such a tensor cannot be written to.
 * Of strides that are neither those of a part nor of a permutation of a contiguous tensor (only
 * cd_as_strided makes them) this may be said wrongly. */
bool cd_tensor_overlaps(const cd_tensor *t);
bool cd_strides_overlap(cd_shape shape, const int64_t *stride);

/* Copies src into dst, which has the same shape and device, converting the dtype. The versions are
 * the caller's affair. */
void cd_tensor_copy(cd_tensor *dst, const cd_tensor *src);
/* A contiguous copy of the elements on a device, which may be another than t's; one owner: the
 * caller. NULL with an error in the name of `what`: without memory, and where t is on the meta
 * device and the copy would not be. */
cd_tensor *cd_tensor_copy_on(const char *what, cd_device device, const cd_tensor *t);
/* A tensor of the same elements that the host can look at: t itself, or such a copy, which
 * cd_tensor_off_host gives up. NULL with an error. */
const cd_tensor *cd_tensor_on_host(const char *what, const cd_tensor *t);
static inline void cd_tensor_off_host(const cd_tensor *t, const cd_tensor *host)
{
    if (host != t) cd_object_disown((cd_object *)(uintptr_t)host);
}

/* Element i of a contiguous tensor, row by row, in its dtype; its device is not the meta device.
 * The versions are the caller's affair. */
void cd_tensor_get(const cd_tensor *t, int64_t i, void *value);
void cd_tensor_put(cd_tensor *t, int64_t i, const void *value);

/* The dtype of memory whose type says `elements`, where *dtype was asked for; either may be
 * CD_DTYPE_DEFAULT, and `elements` CD_DTYPE_COUNT for a type that is no dtype's. CD_ERR_DTYPE, and
 * false, when they contradict each other or leave it open. */
bool cd_elements_dtype(const char *what, cd_dtype elements, cd_dtype *dtype);
/* Whether memory of `bytes` (0 and SIZE_MAX: unknown) holds n elements; else CD_ERR_SHAPE. */
bool cd_elements_fit(const char *what, size_t bytes, cd_dtype dtype, cd_shape shape, int64_t n);

/* A dimension counted from the end made plain: -1 is ndim - 1 (0-d tensors take 0 and -1).
 * CD_ERR_SHAPE, and false, when there is no such one. */
bool cd_plain_dim(const char *what, int ndim, int dim, int *out);

#endif
