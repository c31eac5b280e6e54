/* Reductions: how the input is walked, and how the work is cut into pieces. The folds of
 * reduce_sums.c and reduce_min_max.c do the arithmetic. */
#include "core/cpu/reduce_internal.h"

#include "core/cpu/cpu_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/threads_internal.h"

enum {
    PIECE = 32 * 1024,  /* elements that are worth a piece */
    ALONE = 2 * PIECE,  /* with fewer elements there is one piece */
    TILE = 1024,        /* columns of a tile, at most */
    STATE = 24,         /* bytes of a state, at most: three doubles */
    NARROW = 512,       /* contiguous columns are not cut into fewer than this */
    SPLITS = 64,        /* parts that the reduced elements are split into, at most */
    PARTIAL = 64 * 1024 /* bytes for the states of all splits, on the stack */
};

/* A cd_reduce_shape without sizes of 1, with dimensions merged where their strides allow it. Sizes
 * and strides without a prefix are those of the reduced dimensions. */
typedef struct merged_shape {
    int kept, reduced;
    int64_t kept_size[CD_MAX_DIMS + 1], kept_stride[CD_MAX_DIMS + 1];
    int64_t size[CD_MAX_DIMS + 1], stride[CD_MAX_DIMS + 1];
    int64_t outputs, elements; /* elements: of one output */
} merged_shape;

typedef struct reduction {
    const cd_fold *fold;
    merged_shape shape;
    const char *in;
    char *out, *second;
    const void *params;
    int64_t piece_size; /* outputs; in elements_piece: elements of each output */
    char *partial;      /* the states of all outputs, for one split after the other */
} reduction;

/* Appends an inner dimension. */
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

/* Orders the reduced dimensions by stride, the largest first, so that memory is read in order. Not
 * for minima and maxima, whose indices count the elements in the given order. */
static void sort_reduced(cd_reduce_shape *shape)
{
    int64_t *size = shape->size + shape->kept, *stride = shape->stride + shape->kept;
    for (int d = 1; d < shape->reduced; d++) {
        for (int e = d; e > 0 && cd_magnitude(stride[e - 1]) < cd_magnitude(stride[e]); e--) {
            int64_t inner_size = size[e], inner_stride = stride[e];
            size[e] = size[e - 1];
            stride[e] = stride[e - 1];
            size[e - 1] = inner_size;
            stride[e - 1] = inner_stride;
        }
    }
}

static merged_shape merge(const cd_reduce_shape *shape)
{
    merged_shape s = { .outputs = 1, .elements = 1 };
    for (int d = 0; d < shape->kept + shape->reduced; d++) {
        int64_t size = shape->size[d], stride = shape->stride[d];
        if (d < shape->kept) {
            s.outputs *= size;
            add_dim(&s.kept, s.kept_size, s.kept_stride, size, stride);
        } else {
            s.elements *= size;
            add_dim(&s.reduced, s.size, s.stride, size, stride);
        }
    }
    /* Each kind has a last dimension, even if it has to be of size 1. */
    if (s.kept == 0) s.kept_size[s.kept++] = 1;
    if (s.reduced == 0) s.size[s.reduced++] = 1;
    return s;
}

/* Folds the reduced elements [begin, end) of `columns` outputs, which are neighbours along the last
 * kept dimension. `in` is the first of these outputs' first elements. */
static void fold_range(const reduction *job, const char *in, int64_t columns, int64_t begin,
                       int64_t end, void *states)
{
    const merged_shape *s = &job->shape;
    cd_reduce_tile tile = { .columns = columns,
                            .column_stride = s->kept_stride[s->kept - 1],
                            .row_stride = s->stride[s->reduced - 1] };
    while (begin < end) {
        tile.first = begin;
        tile.in = in + cd_reduce_offset(begin, s->reduced, s->size, s->stride, &tile.rows);
        tile.rows = cd_smaller(tile.rows, end - begin);
        job->fold->fold(&tile, states);
        begin += tile.rows;
    }
}

/* A piece of outputs, each with all its elements. */
static void outputs_piece(int64_t piece, void *context)
{
    const reduction *job = context;
    const merged_shape *s = &job->shape;
    _Alignas(64) char states[TILE * STATE];
    int64_t output = piece * job->piece_size,
            end = cd_smaller(output + job->piece_size, s->outputs);
    while (output < end) {
        int64_t columns = 0;
        const char *in =
            job->in + cd_reduce_offset(output, s->kept, s->kept_size, s->kept_stride, &columns);
        columns = cd_smaller(cd_smaller(columns, TILE), end - output);
        job->fold->start(columns, states);
        fold_range(job, in, columns, 0, s->elements, states);
        job->fold->finish(
            columns, states, job->out ? job->out + output * (int64_t)job->fold->result : NULL,
            job->second ? job->second + output * (int64_t)job->fold->second : NULL, job->params);
        output += columns;
    }
}

/* A split: some of the elements of every output, folded into states of the split's own. */
static void elements_piece(int64_t piece, void *context)
{
    const reduction *job = context;
    const merged_shape *s = &job->shape;
    const int64_t state = (int64_t)job->fold->state;
    char *states = job->partial + piece * s->outputs * state;
    int64_t begin = piece * job->piece_size, end = cd_smaller(begin + job->piece_size, s->elements);
    for (int64_t output = 0, columns = 0; output < s->outputs; output += columns) {
        const char *in =
            job->in + cd_reduce_offset(output, s->kept, s->kept_size, s->kept_stride, &columns);
        job->fold->start(columns, states + output * state);
        fold_range(job, in, columns, begin, end, states + output * state);
    }
}

/* Splits are the pieces. Their states are joined in order. */
static void run_split(reduction *job, int64_t splits)
{
    _Alignas(64) char partial[PARTIAL];
    const cd_fold *fold = job->fold;
    const int64_t outputs = job->shape.outputs;
    job->piece_size = cd_divide_up(job->shape.elements, splits);
    splits = cd_divide_up(job->shape.elements, job->piece_size);
    job->partial = partial;
    cd_parallel(splits, elements_piece, job);
    for (int64_t s = 1; s < splits; s++) {
        fold->join(outputs, partial, partial + s * outputs * (int64_t)fold->state);
    }
    fold->finish(outputs, partial, job->out, job->second, job->params);
}

/* How the work is cut depends on the shape alone. Pieces are outputs if there are enough of them,
 * else splits of the elements of one output. */
static void run(reduction *job)
{
    const merged_shape *s = &job->shape;
    if (s->outputs == 0) return;
    job->piece_size = s->outputs;
    if (s->elements == 0 || s->outputs < cd_divide_up(ALONE, s->elements)) {
        outputs_piece(0, job);
        return;
    }
    bool side_by_side = s->kept_stride[s->kept - 1] == (int64_t)job->fold->element;
    int64_t piece = PIECE / s->elements;
    if (side_by_side && piece < NARROW) piece = NARROW;
    if (piece < 1) piece = 1;
    int64_t pieces = cd_divide_up(s->outputs, piece);
    int64_t states = s->outputs * (int64_t)job->fold->state;
    if (pieces < 8 && states <= PARTIAL) {
        int64_t splits =
            cd_smaller(SPLITS, cd_smaller(PARTIAL / states, s->outputs * s->elements / PIECE));
        if (splits > pieces) {
            run_split(job, splits);
            return;
        }
    }
    job->piece_size = piece;
    cd_parallel(pieces, outputs_piece, job);
}

static void reduce(const cd_fold *fold, const cd_reduce_shape *shape, const void *in, void *out,
                   void *second, const void *params)
{
    reduction job = { .fold = fold,
                      .shape = merge(shape),
                      .in = in,
                      .out = out,
                      .second = second,
                      .params = params };
    run(&job);
}

static void reduce_in_memory_order(const cd_fold *fold, const cd_reduce_shape *shape,
                                   const void *in, void *out)
{
    cd_reduce_shape sorted = *shape;
    sort_reduced(&sorted);
    reduce(fold, &sorted, in, out, NULL, NULL);
}

void cd_cpu_sum(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out)
{
    reduce_in_memory_order(&cd_cpu_kernels()->sums->sum[dtype], shape, in, out);
}

void cd_cpu_nansum(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out)
{
    reduce_in_memory_order(&cd_cpu_kernels()->sums->nansum[dtype], shape, in, out);
}

void cd_cpu_prod(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out)
{
    reduce_in_memory_order(&cd_cpu_kernels()->sums->prod[dtype], shape, in, out);
}

void cd_cpu_norm(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out)
{
    reduce_in_memory_order(&cd_cpu_kernels()->sums->norm[dtype], shape, in, out);
}

void cd_cpu_var(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out, void *mean,
                const cd_spread *spread)
{
    cd_reduce_shape sorted = *shape;
    sort_reduced(&sorted);
    reduce(&cd_cpu_kernels()->moments->moments[dtype], &sorted, in, out, mean, spread);
}

void cd_cpu_any(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out)
{
    reduce_in_memory_order(&cd_cpu_kernels()->truth->any[dtype], shape, in, out);
}

void cd_cpu_all(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out)
{
    reduce_in_memory_order(&cd_cpu_kernels()->truth->all[dtype], shape, in, out);
}

void cd_cpu_count_nonzero(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out)
{
    reduce_in_memory_order(&cd_cpu_kernels()->truth->count[dtype], shape, in, out);
}

void cd_cpu_max(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out,
                int64_t *indices)
{
    const struct cd_cpu_min_max_table *min_max = cd_cpu_kernels()->min_max;
    reduce(indices ? &min_max->argmax[dtype] : &min_max->max[dtype], shape, in, out, indices, NULL);
}

void cd_cpu_min(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out,
                int64_t *indices)
{
    const struct cd_cpu_min_max_table *min_max = cd_cpu_kernels()->min_max;
    reduce(indices ? &min_max->argmin[dtype] : &min_max->min[dtype], shape, in, out, indices, NULL);
}
