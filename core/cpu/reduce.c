#include "core/cpu/reduce_internal.h"

#include "core/cpu/cpu_internal.h"
#include "core/threads_internal.h"

enum {
    PIECE = 32 * 1024,  /* elements that are worth a piece */
    ALONE = 2 * PIECE,  /* elements below which one thread does it all */
    TILE = 1024,        /* columns of a tile, at most */
    STATE = 16,         /* bytes of a state, at most: an i64 and its index */
    NARROW = 512,       /* columns that lie side by side are not cut into fewer than this */
    SPLITS = 64,        /* parts the reduced elements are cut into, at most */
    PARTIAL = 64 * 1024 /* bytes for the states of all parts: it stands on the stack */
};

/* The same walk as a cd_reduce_shape, cleaned: no sizes of 1, and dimensions merged. */
typedef struct walk {
    int kept, reduced;
    int64_t kept_size[CD_MAX_DIMS + 1], kept_stride[CD_MAX_DIMS + 1];
    int64_t size[CD_MAX_DIMS + 1], stride[CD_MAX_DIMS + 1];
    int64_t outputs, elements; /* elements per output */
} walk;

typedef struct reduction {
    const cd_fold *fold;
    walk walk;
    const char *in;
    char *out;
    int64_t *indices;
    int64_t piece; /* outputs of a piece, or elements of a split */
    char *partial; /* the states, all outputs of one split after the other */
} reduction;

/* Adds a dimension inside those there are. */
static void add_dim(int *count, int64_t *sizes, int64_t *strides, int64_t size, int64_t stride)
{
    if (size == 1) return;
    int last = *count - 1;
    if (last >= 0 && strides[last] == stride * size) {
        sizes[last] *= size;
        strides[last] = stride;
        return;
    }
    sizes[*count] = size;
    strides[*count] = stride;
    (*count)++;
}

static int64_t magnitude(int64_t stride)
{
    return stride < 0 ? -stride : stride;
}

/* Sums do not ask in which order their elements come: largest stride first reads memory in order.
 */
static void sort_reduced(cd_reduce_shape *shape)
{
    int64_t *size = shape->size + shape->kept, *stride = shape->stride + shape->kept;
    for (int d = 1; d < shape->reduced; d++) {
        for (int e = d; e > 0 && magnitude(stride[e - 1]) < magnitude(stride[e]); e--) {
            int64_t held_size = size[e], held_stride = stride[e];
            size[e] = size[e - 1];
            stride[e] = stride[e - 1];
            size[e - 1] = held_size;
            stride[e - 1] = held_stride;
        }
    }
}

static walk make_walk(const cd_reduce_shape *shape)
{
    walk w = { .outputs = 1, .elements = 1 };
    for (int d = 0; d < shape->kept + shape->reduced; d++) {
        int64_t size = shape->size[d], stride = shape->stride[d];
        if (d < shape->kept) {
            w.outputs *= size;
            add_dim(&w.kept, w.kept_size, w.kept_stride, size, stride);
        } else {
            w.elements *= size;
            add_dim(&w.reduced, w.size, w.stride, size, stride);
        }
    }
    /* There is a last dimension of each kind, if only of size 1. */
    if (w.kept == 0) w.kept_size[w.kept++] = 1;
    if (w.reduced == 0) w.size[w.reduced++] = 1;
    return w;
}

/* Bytes from the start of the input to the element with this number; *left is how many elements
 * there are from it on along the last dimension. */
static int64_t offset_of(int64_t number, int count, const int64_t *sizes, const int64_t *strides,
                         int64_t *left)
{
    int64_t offset = 0;
    for (int d = count - 1; d >= 0; d--) {
        int64_t index = number % sizes[d];
        if (d == count - 1) *left = sizes[d] - index;
        offset += index * strides[d];
        number /= sizes[d];
    }
    return offset;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Folds the reduced elements [begin, end) of `columns` outputs that lie along the last kept
 * dimension, from `in` on. */
static void fold_range(const reduction *job, const char *in, int64_t columns, int64_t begin,
                       int64_t end, void *states)
{
    const walk *w = &job->walk;
    cd_tile tile = { .columns = columns,
                     .column_stride = w->kept_stride[w->kept - 1],
                     .row_stride = w->stride[w->reduced - 1] };
    while (begin < end) {
        tile.first = begin;
        tile.in = in + offset_of(begin, w->reduced, w->size, w->stride, &tile.rows);
        tile.rows = least(tile.rows, end - begin);
        job->fold->fold(&tile, states);
        begin += tile.rows;
    }
}

/* Outputs of one piece, from their first element to their last. */
static void outputs_piece(int64_t piece, void *context)
{
    const reduction *job = context;
    const walk *w = &job->walk;
    _Alignas(64) char states[TILE * STATE];
    int64_t output = piece * job->piece, end = least(output + job->piece, w->outputs);
    while (output < end) {
        int64_t columns = 0;
        const char *in =
            job->in + offset_of(output, w->kept, w->kept_size, w->kept_stride, &columns);
        columns = least(least(columns, TILE), end - output);
        job->fold->start(columns, states);
        fold_range(job, in, columns, 0, w->elements, states);
        job->fold->finish(columns, states,
                          job->out ? job->out + output * (int64_t)job->fold->result : NULL,
                          job->indices ? job->indices + output : NULL);
        output += columns;
    }
}

/* Some of the elements of every output, into states of their own. */
static void elements_piece(int64_t piece, void *context)
{
    const reduction *job = context;
    const walk *w = &job->walk;
    const int64_t state = (int64_t)job->fold->state;
    char *states = job->partial + piece * w->outputs * state;
    int64_t begin = piece * job->piece, end = least(begin + job->piece, w->elements);
    for (int64_t output = 0, columns = 0; output < w->outputs; output += columns) {
        const char *in =
            job->in + offset_of(output, w->kept, w->kept_size, w->kept_stride, &columns);
        job->fold->start(columns, states + output * state);
        fold_range(job, in, columns, begin, end, states + output * state);
    }
}

static void run_split(reduction *job, int64_t splits)
{
    _Alignas(64) char partial[PARTIAL];
    const cd_fold *fold = job->fold;
    const int64_t outputs = job->walk.outputs;
    job->piece = (job->walk.elements + splits - 1) / splits;
    splits = (job->walk.elements + job->piece - 1) / job->piece;
    job->partial = partial;
    cd_parallel(splits, elements_piece, job);
    for (int64_t s = 1; s < splits; s++) {
        fold->join(outputs, partial, partial + s * outputs * (int64_t)fold->state);
    }
    fold->finish(outputs, partial, job->out, job->indices);
}

/* How the work is cut follows from the shape alone. Over outputs if there are enough of them, else
 * over the elements that meet in one output. */
static void run(reduction *job)
{
    const walk *w = &job->walk;
    if (w->outputs == 0) return;
    job->piece = w->outputs;
    if (w->elements == 0 || w->outputs < (ALONE + w->elements - 1) / w->elements) {
        outputs_piece(0, job);
        return;
    }
    bool side_by_side = w->kept_stride[w->kept - 1] == (int64_t)job->fold->element;
    int64_t piece = PIECE / w->elements;
    if (side_by_side && piece < NARROW) piece = NARROW;
    if (piece < 1) piece = 1;
    int64_t pieces = (w->outputs + piece - 1) / piece;
    int64_t states = w->outputs * (int64_t)job->fold->state;
    if (pieces < 8 && states <= PARTIAL) {
        int64_t splits = least(SPLITS, least(PARTIAL / states, w->outputs * w->elements / PIECE));
        if (splits > pieces) {
            run_split(job, splits);
            return;
        }
    }
    job->piece = piece;
    cd_parallel(pieces, outputs_piece, job);
}

static void reduce(const cd_fold *fold, const cd_reduce_shape *shape, const void *in, void *out,
                   int64_t *indices)
{
    reduction job = {
        .fold = fold, .walk = make_walk(shape), .in = in, .out = out, .indices = indices
    };
    run(&job);
}

static void reduce_in_memory_order(const cd_fold *fold, const cd_reduce_shape *shape,
                                   const void *in, void *out)
{
    cd_reduce_shape sorted = *shape;
    sort_reduced(&sorted);
    reduce(fold, &sorted, in, out, NULL);
}

void cd_cpu_sum(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out)
{
    reduce_in_memory_order(&cd_cpu_kernels()->sums->sum[dtype], shape, in, out);
}

void cd_cpu_prod(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out)
{
    reduce_in_memory_order(&cd_cpu_kernels()->sums->prod[dtype], shape, in, out);
}

void cd_cpu_norm(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out)
{
    reduce_in_memory_order(&cd_cpu_kernels()->sums->norm[dtype], shape, in, out);
}

void cd_cpu_max(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out,
                int64_t *indices)
{
    const struct cd_cpu_min_max *min_max = cd_cpu_kernels()->min_max;
    reduce(indices ? &min_max->argmax[dtype] : &min_max->max[dtype], shape, in, out, indices);
}

void cd_cpu_min(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out,
                int64_t *indices)
{
    const struct cd_cpu_min_max *min_max = cd_cpu_kernels()->min_max;
    reduce(indices ? &min_max->argmin[dtype] : &min_max->min[dtype], shape, in, out, indices);
}
