/* Maps over operands of any layout: the dimensions are simplified, then the loop runs along the
 * last of them. */
#include "core/cpu/iter_internal.h"

#include "core/cpu/copy_internal.h"
#include "core/cpu/cpu_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/threads_internal.h"

enum {
    PIECE = CD_ITER_PIECE,
    ALONE = CD_ITER_ALONE,
    /* Bytes of results that are computed before they are stored past the cache: with more the loads
     * and the stores take turns too slowly, and memory waits. */
    BUFFER = 2048
};

static void swap_dims(cd_iter *it, int a, int b)
{
    int64_t size = it->size[a];
    it->size[a] = it->size[b];
    it->size[b] = size;
    for (int k = 0; k < it->operands; k++) {
        int64_t stride = it->stride[k][a];
        it->stride[k][a] = it->stride[k][b];
        it->stride[k][b] = stride;
    }
}

static void move_dim(cd_iter *it, int to, int from)
{
    it->size[to] = it->size[from];
    for (int k = 0; k < it->operands; k++) it->stride[k][to] = it->stride[k][from];
}

static void drop_ones(cd_iter *it)
{
    int kept = 0;
    for (int d = 0; d < it->ndim; d++) {
        if (it->size[d] == 1) continue;
        if (kept != d) move_dim(it, kept, d);
        kept++;
    }
    it->ndim = kept;
}

/* By insertion, largest stride of the output first. */
static void sort_dims(cd_iter *it)
{
    const int64_t *out = it->stride[0];
    for (int d = 1; d < it->ndim; d++) {
        for (int e = d; e > 0 && cd_magnitude(out[e - 1]) < cd_magnitude(out[e]); e--) {
            swap_dims(it, e - 1, e);
        }
    }
}

/* Whether every operand walks the two dimensions as if they were one. */
static bool merges(const cd_iter *it, int outer, int inner)
{
    for (int k = 0; k < it->operands; k++) {
        if (it->stride[k][outer] != it->stride[k][inner] * it->size[inner]) return false;
    }
    return true;
}

static void merge_dims(cd_iter *it)
{
    int last = 0;
    for (int d = 1; d < it->ndim; d++) {
        if (merges(it, last, d)) {
            int64_t size = it->size[last] * it->size[d];
            move_dim(it, last, d);
            it->size[last] = size;
        } else {
            last++;
            if (last != d) move_dim(it, last, d);
        }
    }
    if (it->ndim > 0) it->ndim = last + 1;
}

void cd_cpu_iter_coalesce(cd_iter *it)
{
    drop_ones(it);
    if (it->ndim < 2) return;
    sort_dims(it);
    merge_dims(it);
}

/* Whether the output is stored past the cache: it is larger than the cache, is none of the inputs,
 * and its last dimension is contiguous. */
static bool is_streamed(const cd_iter *it, int64_t total)
{
    if (it->element == 0 || total < CD_STREAM_BYTES / it->element ||
        !cd_cpu_kernels()->copy->stream || it->stride[0][it->ndim - 1] != it->element ||
        (uintptr_t)it->data[0] % (uintptr_t)it->element != 0) {
        return false;
    }
    for (int k = 1; k < it->operands; k++) {
        if (it->data[k] == it->data[0]) return false;
    }
    return true;
}

/* One run. Its results are computed into a buffer, which stays in the first-level cache, and go
 * from there to memory. All parts but the first begin at a line of memory, which is stored as a
 * whole. */
static void run_streamed(const cd_iter *it, int64_t run, char *const *data, const int64_t *stride,
                         cd_loop *loop, const void *params)
{
    _Alignas(64) char buffer[BUFFER];
    void (*const stream)(void *, const void *, int64_t) = cd_cpu_kernels()->copy->stream;
    char *part[CD_ITER_OPERANDS];
    part[0] = buffer;
    for (int64_t begin = 0, n; begin < run; begin += n) {
        char *out = data[0] + begin * it->element;
        const int64_t room = BUFFER - (int64_t)((uintptr_t)out % BUFFER);
        n = cd_smaller(run - begin, room / it->element);
        for (int k = 1; k < it->operands; k++) part[k] = data[k] + begin * stride[k];
        loop(n, part, stride, params);
        stream(out, buffer, n * it->element);
    }
}

/* Runs the loop over the elements [begin, end), counted in the iter's order, one run along the last
 * dimension after the other. */
static void walk(const cd_iter *it, int64_t begin, int64_t end, cd_loop *loop, const void *params,
                 bool streamed)
{
    char *data[CD_ITER_OPERANDS];
    int64_t index[CD_MAX_DIMS], stride[CD_ITER_OPERANDS];
    const int last = it->ndim - 1;
    for (int k = 0; k < it->operands; k++) {
        data[k] = it->data[k];
        stride[k] = it->stride[k][last];
    }
    int64_t rest = begin;
    for (int d = last; d >= 0; d--) {
        index[d] = rest % it->size[d];
        rest /= it->size[d];
        for (int k = 0; k < it->operands; k++) data[k] += index[d] * it->stride[k][d];
    }
    while (begin < end) {
        int64_t run = it->size[last] - index[last];
        if (run > end - begin) run = end - begin;
        if (streamed) {
            run_streamed(it, run, data, stride, loop, params);
        } else {
            loop(run, data, stride, params);
        }
        begin += run;
        for (int k = 0; k < it->operands; k++) data[k] -= index[last] * stride[k];
        index[last] = 0;
        for (int d = last - 1; d >= 0; d--) {
            for (int k = 0; k < it->operands; k++) data[k] += it->stride[k][d];
            if (++index[d] < it->size[d]) break;
            for (int k = 0; k < it->operands; k++) data[k] -= it->size[d] * it->stride[k][d];
            index[d] = 0;
        }
    }
}

typedef struct map_job {
    const cd_iter *it;
    int64_t total;
    cd_loop *loop;
    const void *params;
    bool streamed;
} map_job;

static void run_piece(int64_t piece, void *context)
{
    const map_job *job = context;
    int64_t begin = piece * PIECE, end = begin + PIECE;
    walk(job->it, begin, end < job->total ? end : job->total, job->loop, job->params,
         job->streamed);
    if (job->streamed) cd_cpu_kernels()->copy->stream_end();
}

void cd_cpu_map(const cd_iter *it, cd_loop *loop, const void *params)
{
    int64_t total = 1;
    for (int d = 0; d < it->ndim; d++) total *= it->size[d];
    if (total == 0) return;
    if (it->ndim <= 1 && total < ALONE) {
        int64_t stride[CD_ITER_OPERANDS] = { 0 };
        for (int k = 0; it->ndim == 1 && k < it->operands; k++) stride[k] = it->stride[k][0];
        loop(total, it->data, stride, params);
    } else if (total < ALONE) {
        walk(it, 0, total, loop, params, false);
    } else {
        map_job job = { .it = it, .total = total, .loop = loop, .params = params };
        job.streamed = is_streamed(it, total);
        cd_parallel((total + PIECE - 1) / PIECE, run_piece, &job);
    }
}
