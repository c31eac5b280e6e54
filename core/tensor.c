/* Tensors and their storages: making, destroying, views, wrapped memory, properties, printing. */
#include "core/tensor_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/format_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/shape_internal.h"
#include "core/slab_internal.h"

/* --- storage ---------------------------------------------------------------------------------- */

/* The data of every tensor on the meta device. It is not NULL, since ops are given tensors with
 * data, but no process has memory there, so using it by mistake crashes. */
static char *const meta_data = (char *)64;

/* Sets storage->data for a device other than the CPU; false with an error. */
static __attribute__((noinline, cold)) bool allocate_on_device(cd_storage *storage)
{
    if (storage->device == CD_META) {
        storage->data = meta_data;
        return true;
    }
    const size_t bytes = storage->bytes > 0 ? storage->bytes : 1;
    if (cd_memory_fault_now(bytes)) return false;
    storage->data = cd_device_driver_of((cd_device)storage->device)->allocate(bytes);
    return storage->data != NULL;
}

static cd_storage *storage_new(cd_device device, size_t bytes)
{
    cd_storage *storage = cd_slab_take(sizeof *storage);
    if (!storage) return NULL;
    atomic_init(&storage->references, 1);
    storage->bytes = bytes;
    storage->device = (unsigned char)device;
    if (device == CD_CPU) {
        storage->data =
            bytes <= sizeof storage->inline_data ? storage->inline_data : cd_alloc(bytes);
        if (storage->data) return storage;
    } else if (allocate_on_device(storage)) {
        return storage;
    }
    cd_slab_give(storage, sizeof *storage);
    return NULL;
}

static cd_storage *storage_wrap(void *memory, size_t bytes, void (*deleter)(void *, void *),
                                void *user)
{
    cd_storage *storage = cd_slab_take(sizeof *storage);
    if (!storage) return NULL;
    atomic_init(&storage->references, 1);
    storage->bytes = bytes;
    storage->data = memory;
    storage->deleter = deleter;
    storage->user = user;
    storage->borrowed = true;
    storage->device = CD_CPU;
    return storage;
}

void cd_storage_ref(cd_storage *storage)
{
    atomic_fetch_add_explicit(&storage->references, 1, memory_order_relaxed);
}

static __attribute__((noinline, cold)) void release_on_device(const cd_storage *storage)
{
    if (storage->device == CD_META) return;
    const size_t bytes = storage->bytes > 0 ? storage->bytes : 1;
    cd_device_driver_of((cd_device)storage->device)->release(storage->data, bytes);
}

void cd_storage_unref(cd_storage *storage)
{
    if (atomic_fetch_sub_explicit(&storage->references, 1, memory_order_acq_rel) != 1) return;
    if (storage->device != CD_CPU) {
        release_on_device(storage);
    } else if (storage->borrowed) {
        if (storage->deleter) storage->deleter(storage->data, storage->user);
    } else if (storage->data != storage->inline_data) {
        cd_free(storage->data);
    }
    cd_slab_give(storage, sizeof *storage);
}

/* --- the object ------------------------------------------------------------------------------- */

static void last_owner(cd_object *object)
{
    cd_tensor *t = (cd_tensor *)object;
    if (t->extension && (*t->extension)->last_owner) (*t->extension)->last_owner(t);
}

static void destroy(cd_object *object)
{
    cd_tensor *t = (cd_tensor *)object;
    if (t->extension) (*t->extension)->destroy(t);
    if (t->base) cd_object_unref(&t->base->object);
    cd_storage_unref(t->storage);
}

const cd_class cd_tensor_class = {
    .kind = CD_KIND_TENSOR, .name = "tensor", .last_owner = last_owner, .destroy = destroy
};

bool cd_check_tensor(const cd_tensor *t, const char *function, const char *argument)
{
    if (t && atomic_load_explicit(&t->object.kind, memory_order_relaxed) == CD_KIND_TENSOR) {
        return true;
    }
    return cd_check_object(t, &cd_tensor_class, function, argument);
}

void cd_contiguous_strides(cd_shape shape, int64_t *stride)
{
    int64_t step = 1;
    for (int i = shape.ndim; i-- > 0;) {
        stride[i] = step;
        step *= shape.dim[i] > 0 ? shape.dim[i] : 1;
    }
}

bool cd_strides_contiguous(const cd_shape *shape, const int64_t *stride)
{
    int64_t step = 1;
    bool in_order = true;
    for (int i = shape->ndim; i-- > 0;) {
        if (shape->dim[i] == 0) return true; /* an empty tensor, whatever the strides are */
        in_order &= shape->dim[i] == 1 || stride[i] == step;
        step *= shape->dim[i];
    }
    return in_order;
}

/* Goes through the dimensions from the smallest stride to the largest: each stride must be larger
 * than the offset of the last element that the dimensions before it reach. */
bool cd_strides_overlap(cd_shape shape, const int64_t *stride)
{
    int order[CD_MAX_DIMS], dims = 0;
    for (int i = 0; i < shape.ndim; i++) {
        if (shape.dim[i] == 0) return false;
        if (shape.dim[i] == 1) continue;
        int k = dims++;
        for (; k > 0 && stride[order[k - 1]] > stride[i]; k--) order[k] = order[k - 1];
        order[k] = i;
    }
    int64_t last = 0; /* the offset of the last element reached so far */
    for (int k = 0; k < dims; k++) {
        if (stride[order[k]] <= last) return true;
        last += (shape.dim[order[k]] - 1) * stride[order[k]];
    }
    return false;
}

bool cd_tensor_overlaps(const cd_tensor *t)
{
    return !t->contiguous && cd_strides_overlap(t->shape, t->stride);
}

/* Sets the error for a shape or dtype that no tensor can have. */
static __attribute__((noinline, cold)) bool refuse_new(const char *function, cd_dtype dtype,
                                                       cd_shape shape)
{
    if (cd_dtype_size(dtype) == 0) {
        return cd_fail(CD_ERR_DTYPE, "%s: %d is no dtype", function, (int)dtype);
    }
    if (shape.ndim < 0 || shape.ndim > CD_MAX_DIMS) {
        return cd_fail(CD_ERR_SHAPE, "%s: a tensor has 0 to %d dimensions, not %d", function,
                       CD_MAX_DIMS, shape.ndim);
    }
    for (int i = 0; i < shape.ndim; i++) {
        if (shape.dim[i] < 0) {
            return cd_fail(CD_ERR_SHAPE, "%s: size %lld of dimension %d is negative", function,
                           (long long)shape.dim[i], i);
        }
    }
    char text[CD_SHAPE_TEXT];
    return cd_fail(CD_ERR_SHAPE, "%s: shape %s has more elements than can be counted", function,
                   cd_shape_text(shape, text));
}

/* Checks the dtype and the shape, and counts the elements. */
static inline bool check_new(const char *function, cd_dtype dtype, const cd_shape *shape,
                             int64_t *elements)
{
    const bool known = (unsigned)dtype - 1 < CD_DTYPE_COUNT - 1;
    return (known && cd_shape_count(shape, elements)) || refuse_new(function, dtype, *shape);
}

_Static_assert(sizeof(cd_tensor) <= CD_SLAB_MAX, "a tensor is a piece of a slab");

/* A tensor on the storage, without a layout. */
static inline cd_tensor *bare_tensor(cd_storage *storage)
{
    cd_tensor *t = cd_slab_take(sizeof *t);
    if (!t) return NULL;
    cd_object_init(&t->object, &cd_tensor_class, sizeof *t);
    t->storage = storage;
    t->data = storage->data;
    return t;
}

/* A contiguous tensor on the storage, whose reference it takes over. NULL stays NULL. */
static inline cd_tensor *tensor_on(cd_storage *storage, cd_dtype dtype, const cd_shape *shape,
                                   int64_t elements)
{
    cd_tensor *t = storage ? bare_tensor(storage) : NULL;
    if (!t) return NULL;
    t->dtype = dtype;
    t->numel = elements;
    t->contiguous = true;
    t->shape.ndim = shape->ndim;
    int64_t step = 1;
    for (int i = shape->ndim; i-- > 0;) {
        const int64_t size = shape->dim[i];
        t->shape.dim[i] = size;
        t->stride[i] = step;
        step *= size > 0 ? size : 1;
    }
    return t;
}

cd_tensor *cd_tensor_new_on(const char *function, cd_device device, cd_dtype dtype,
                            const cd_shape *shape)
{
    int64_t elements = 0;
    if (!check_new(function, dtype, shape, &elements)) return NULL;
    cd_storage *storage = storage_new(device, (size_t)elements * cd_dtype_bytes[dtype]);
    cd_tensor *t = tensor_on(storage, dtype, shape, elements);
    if (!t && storage) cd_storage_unref(storage);
    return t;
}

cd_tensor *cd_tensor_new(const char *function, cd_dtype dtype, cd_shape shape)
{
    return cd_tensor_new_on(function, CD_CPU, dtype, &shape);
}

cd_tensor *cd_storage_view(cd_storage *storage, cd_dtype dtype, const cd_shape *shape,
                           const int64_t *stride, int64_t offset)
{
    int64_t elements = 0;
    if (!check_new("view", dtype, shape, &elements)) return NULL;
    cd_tensor *t = tensor_on(storage, dtype, shape, elements);
    if (!t) return NULL;
    cd_storage_ref(storage);
    t->data = cd_storage_at(storage, dtype, offset);
    t->offset = offset;
    for (int i = 0; i < shape->ndim; i++) t->stride[i] = stride[i];
    t->contiguous = cd_strides_contiguous(shape, stride);
    return t;
}

cd_tensor *cd_storage_view_layout(cd_storage *storage, const cd_layout *layout)
{
    cd_tensor *t = bare_tensor(storage);
    if (!t) return NULL;
    cd_storage_ref(storage);
    t->data = cd_storage_at(storage, layout->dtype, layout->offset);
    t->layout = *layout;
    return t;
}

cd_tensor *cd_tensor_view(const cd_tensor *base, const cd_shape *shape, const int64_t *stride,
                          int64_t offset)
{
    return cd_storage_view(base->storage, base->dtype, shape, stride, offset);
}

void cd_tensor_exchange(cd_tensor *t, cd_tensor *other)
{
    cd_storage *storage = t->storage;
    char *data = t->data;
    const cd_layout layout = t->layout;
    atomic_store(&other->storage->version, cd_storage_version(storage) + 1);
    t->storage = other->storage;
    t->data = other->data;
    t->layout = other->layout;
    other->storage = storage;
    other->data = data;
    other->layout = layout;
}

bool cd_elements_dtype(const char *function, cd_dtype elements, cd_dtype *dtype)
{
    cd_dtype asked = *dtype;
    if (elements == (cd_dtype)CD_DTYPE_COUNT) {
        return asked ||
               cd_fail(CD_ERR_DTYPE,
                       "%s: no dtype belongs to the type of the array's elements: name one "
                       "with .dtype, or, for an array of arrays, pass &a[0][0]",
                       function);
    }
    if (!asked) *dtype = elements ? elements : CD_F32;
    if (!asked || !elements || elements == CD_U8 || asked == elements) return true;
    return cd_fail(CD_ERR_DTYPE,
                   "%s: the array's elements are %s, and .dtype says %s: leave .dtype out, and "
                   "convert with cd_to",
                   function, cd_dtype_name(elements), cd_dtype_name(asked));
}

bool cd_elements_fit(const char *function, size_t bytes, cd_dtype dtype, cd_shape shape, int64_t n)
{
    char text[CD_SHAPE_TEXT];
    size_t size = cd_dtype_size(dtype);
    if (bytes == 0 || bytes / size >= (size_t)n) return true;
    return cd_fail(CD_ERR_SHAPE, "%s: the array has %zu bytes, too few for %s elements of %s",
                   function, bytes, cd_shape_text(shape, text), cd_dtype_name(dtype));
}

cd_tensor *cd_wrap_with(cd_wrap_options options)
{
    if (!cd_check_not_captured("wrap", "the memory is the program's") ||
        !cd_elements_dtype("wrap", options.elements, &options.dtype)) {
        return NULL;
    }
    cd_dtype dtype = options.dtype;
    int64_t elements = 0;
    if (!check_new("wrap", dtype, &options.shape, &elements) ||
        !cd_elements_fit("wrap", options.bytes, dtype, options.shape, elements)) {
        return NULL;
    }
    if (!options.memory && elements > 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "wrap: the memory is NULL");
        return NULL;
    }
    if ((uintptr_t)options.memory % cd_dtype_size(dtype) != 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "wrap: the memory is not aligned to %zu bytes, a %s's size",
                      cd_dtype_size(dtype), cd_dtype_name(dtype));
        return NULL;
    }
    if (options.requires_grad && !cd_dtype_is_floating(dtype)) {
        (void)cd_fail(CD_ERR_DTYPE, "wrap: only floating tensors can require gradients, not %s",
                      cd_dtype_name(dtype));
        return NULL;
    }
    cd_storage *storage =
        storage_wrap(options.memory, (size_t)elements * cd_dtype_size(dtype), NULL, options.user);
    cd_tensor *t = tensor_on(storage, dtype, &options.shape, elements);
    if (!t) {
        if (storage) cd_storage_unref(storage);
        return NULL;
    }
    t->requires_grad = options.requires_grad;
    /* The deleter must not run if cd_hand fails: it is set after that, and the reference keeps the
     * storage until then. */
    cd_object_ref(&t->object);
    cd_tensor *handed = cd_hand(t);
    if (handed) storage->deleter = options.deleter;
    cd_object_unref(&t->object);
    return handed;
}

/* --- properties ------------------------------------------------------------------------------- */

int cd_ndim(const cd_tensor *t)
{
    return cd_check_tensor(t, "ndim", "the tensor") ? t->shape.ndim : 0;
}

cd_shape cd_shape_of(const cd_tensor *t)
{
    return cd_check_tensor(t, "shape_of", "the tensor") ? t->shape : (cd_shape){ .ndim = 0 };
}

bool cd_wrap_dim(const char *function, int ndim, int dim, int *out)
{
    int dims = ndim > 0 ? ndim : 1;
    if (dim < -dims || dim >= dims) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: dimension %d is out of range: a tensor of %d dimension%s has "
                       "%d to %d",
                       function, dim, ndim, ndim == 1 ? "" : "s", -dims, dims - 1);
    }
    *out = dim < 0 ? dim + dims : dim;
    return true;
}

int64_t cd_size(const cd_tensor *t, int dim)
{
    int plain = 0;
    if (!cd_check_tensor(t, "size", "the tensor")) return 0;
    if (t->shape.ndim == 0) {
        (void)cd_fail(CD_ERR_SHAPE, "size: the tensor is a scalar and has no dimension %d", dim);
        return 0;
    }
    return cd_wrap_dim("size", t->shape.ndim, dim, &plain) ? t->shape.dim[plain] : 0;
}

int64_t cd_stride(const cd_tensor *t, int dim)
{
    int plain = 0;
    if (!cd_check_tensor(t, "stride", "the tensor")) return 0;
    if (t->shape.ndim == 0) {
        (void)cd_fail(CD_ERR_SHAPE, "stride: the tensor is a scalar and has no dimension %d", dim);
        return 0;
    }
    return cd_wrap_dim("stride", t->shape.ndim, dim, &plain) ? t->stride[plain] : 0;
}

int64_t cd_storage_offset(const cd_tensor *t)
{
    return cd_check_tensor(t, "storage_offset", "the tensor") ? t->offset : 0;
}

int64_t cd_numel(const cd_tensor *t)
{
    return cd_check_tensor(t, "numel", "the tensor") ? t->numel : 0;
}

cd_dtype cd_dtype_of(const cd_tensor *t)
{
    return cd_check_tensor(t, "dtype_of", "the tensor") ? t->dtype : CD_DTYPE_DEFAULT;
}

cd_device cd_device_of(const cd_tensor *t)
{
    return cd_check_tensor(t, "device_of", "the tensor") ? cd_tensor_device(t) : CD_DEVICE_DEFAULT;
}

bool cd_is_contiguous(const cd_tensor *t)
{
    return cd_check_tensor(t, "is_contiguous", "the tensor") && t->contiguous;
}

uint32_t cd_version(const cd_tensor *t)
{
    return cd_check_tensor(t, "version", "the tensor") ? cd_storage_version(t->storage) : 0;
}

/* --- printing --------------------------------------------------------------------------------- */

static const char *grad_fn_of(const cd_tensor *t)
{
    /* A view without an extension asks its base's. */
    const cd_tensor *with = t->extension || !t->base ? t : t->base;
    return with->extension ? (*with->extension)->grad_fn(t) : NULL;
}

static char *format_elements(const cd_tensor *t, const char *grad)
{
    const cd_device device = cd_tensor_device(t);
    const char *name = device == CD_CPU ? NULL : cd_device_name(device);
    if (device == CD_META) return cd_format_array(t->dtype, t->shape, NULL, NULL, name, grad);
    const cd_tensor *host = cd_tensor_on_host("print", t);
    if (!host) return NULL;
    char *text = cd_format_array(t->dtype, t->shape, host->stride, host->data, name, grad);
    cd_tensor_release_host_copy(t, host);
    return text;
}

static char *format(const cd_tensor *t)
{
    char suffix[128];
    cd_code before = cd_error_code();
    const char *name = grad_fn_of(t);
    if (cd_error_code() != before) return NULL;
    bool marked =
        name || t->requires_grad || (t->base && (t->base->requires_grad || grad_fn_of(t->base)));
    if (name) {
        char shown[100];
        (void)snprintf(suffix, sizeof suffix, "grad_fn=<%s>",
                       cd_escape_text(shown, sizeof shown, name));
    } else {
        (void)snprintf(suffix, sizeof suffix, "requires_grad=True");
    }
    return format_elements(t, marked ? suffix : NULL);
}

char *cd_to_string(const cd_tensor *t)
{
    if (!cd_check_tensor(t, "to_string", "the tensor") ||
        !cd_check_not_captured("to_string", "it reads elements")) {
        return NULL;
    }
    char *text = format(t);
    char *copy = text ? strdup(text) : NULL; /* the caller frees it with free(), not cd_free */
    if (text && !copy) (void)cd_fail(CD_ERR_MEMORY, "to_string: out of memory");
    cd_free(text);
    return copy;
}

bool cd_print(FILE *stream, const cd_tensor *t)
{
    if (!cd_check_tensor(t, "print", "the tensor")) return false;
    if (!stream) return cd_fail(CD_ERR_ARGUMENT, "print: the stream is NULL");
    if (!cd_check_not_captured("print", "it reads elements")) return false;
    char *text = format(t);
    if (!text) return false;
    bool written = fprintf(stream, "%s\n", text) >= 0;
    cd_free(text);
    return written || cd_fail(CD_ERR_IO, "print: the stream could not be written to");
}
