/* Medians, modes and quantiles. The elements of an output become keys, unsigned integers in the
 * same order: so that one search does for all dtypes. Outputs are the pieces of the work.
 *
 * A median is found by its leading bits: the keys are counted by their highest 8 bits, the
 * median is among those of one count, which alone go on to the next 8 bits. A mode needs the
 * keys in order. */
#include "core/cpu/order_internal.h"

#include <math.h>
#include <string.h>

#include "core/cpu/keys_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/dtype_internal.h"
#include "core/memory_internal.h"
#include "core/threads_internal.h"

enum {
    PIECE = 16 * 1024, /* elements that are worth a piece */
    CHUNK = 256        /* elements whose keys are compared at once */
};

/* The key of NaN, above all numbers. (That of the largest int64 is the same.) */
static const uint64_t NAN_KEY = UINT64_MAX;

/* --- keys ------------------------------------------------------------------------------------- */

/* cd_key_f32, but a NaN has the key that it has in float64. */
static uint64_t key_f32(float x)
{
    return x != x ? NAN_KEY : cd_key_f32(x);
}

typedef void gather_function(const char *in, int64_t n, int64_t stride, uint64_t *key);
#define GATHER(suffix_, type_, key_)                                                               \
    static void gather_##suffix_(const char *in, int64_t n, int64_t stride, uint64_t *key)         \
    {                                                                                              \
        for (int64_t i = 0; i < n; i++, in += stride) {                                            \
            key[i] = key_(*(const type_ *)(const void *)in);                                       \
        }                                                                                          \
    }
GATHER(f32, float, key_f32)
GATHER(f64, double, cd_key_f64)
GATHER(i64, int64_t, cd_key_i64)
GATHER(i32, int32_t, cd_key_i32)
GATHER(u8, uint8_t, cd_key_u8)

static gather_function *const gather[CD_DTYPE_COUNT] = { CD_CPU_EVERY(gather) };

/* --- the search ------------------------------------------------------------------------------- */

typedef uint64_t bits_count[256];

/* How many keys have each value of the 8 bits at `shift`. */
static void count_bits(const uint64_t *key, int64_t n, int shift, bits_count count)
{
    memset(count, 0, sizeof(bits_count));
    for (int64_t i = 0; i < n; i++) count[key[i] >> shift & 255]++;
}

/* The key of this rank, from 0 on. Changes the order of the keys, and overwrites some. */
static uint64_t select_key(uint64_t *key, int64_t n, int64_t rank)
{
    bits_count count;
    uint64_t left = (uint64_t)rank;
    for (int shift = 56; shift >= 0 && n > 1; shift -= 8) {
        count_bits(key, n, shift, count);
        uint64_t bits = 0;
        while (left >= count[bits]) left -= count[bits++];
        int64_t kept = 0;
        for (int64_t i = 0; i < n; i++) {
            key[kept] = key[i];
            kept += (key[i] >> shift & 255) == bits;
        }
        n = kept;
    }
    return key[0];
}

/* Sorts, from the lowest bits to the highest; `other` has room for as many keys. Bits that are the
 * same in all keys are skipped. */
static void sort_keys(uint64_t *key, uint64_t *other, int64_t n)
{
    bits_count count;
    uint64_t *from = key, *to = other;
    for (int shift = 0; shift < 64; shift += 8) {
        count_bits(from, n, shift, count);
        if (count[from[0] >> shift & 255] == (uint64_t)n) continue;
        uint64_t begin = 0;
        for (int b = 0; b < 256; b++) {
            const uint64_t these = count[b];
            count[b] = begin;
            begin += these;
        }
        for (int64_t i = 0; i < n; i++) to[count[from[i] >> shift & 255]++] = from[i];
        uint64_t *const swap = from;
        from = to;
        to = swap;
    }
    if (from != key) memcpy(key, from, (size_t)n * sizeof *key);
}

/* The key that stands most often among the sorted ones; of several the smallest. `nans` of them, at
 * the end, differ from each other. */
static uint64_t most_frequent(const uint64_t *key, int64_t n, int64_t nans)
{
    uint64_t best = key[0];
    int64_t most = 0;
    for (int64_t begin = 0, end; begin < n - nans; begin = end) {
        for (end = begin; end < n - nans && key[end] == key[begin];) end++;
        if (end - begin > most) {
            most = end - begin;
            best = key[begin];
        }
    }
    return best;
}

/* --- one output ------------------------------------------------------------------------------- */

typedef struct order_job {
    cd_order_statistic what;
    int64_t rank; /* of CD_KTH */
    gather_function *gather;
    bool floating;
    const cd_reduce_shape *shape;
    int64_t element; /* bytes */
    int64_t outputs, n, piece;
    const char *in;
    char *out;
    int64_t *indices;
    uint64_t *keys;
    const cd_quantile *quantile; /* NULL for a median or a mode */
    cd_dtype dtype;
} order_job;

/* The first element of an output. */
static const char *start_of(const order_job *job, int64_t output)
{
    int64_t left;
    const cd_reduce_shape *s = job->shape;
    return job->in + cd_reduce_offset(output, s->kept, s->size, s->stride, &left);
}

/* The offset of reduced element `number`, and how many follow it along the last dimension. */
static int64_t offset_of(const order_job *job, int64_t number, int64_t *left)
{
    const cd_reduce_shape *s = job->shape;
    return cd_reduce_offset(number, s->reduced, s->size + s->kept, s->stride + s->kept, left);
}

/* The keys of the reduced elements [begin, end). */
static void keys_of(const order_job *job, const char *in, int64_t begin, int64_t end, uint64_t *key)
{
    const cd_reduce_shape *s = job->shape;
    const int64_t stride = s->reduced > 0 ? s->stride[s->kept + s->reduced - 1] : 0;
    for (int64_t n; begin < end; begin += n, key += n) {
        int64_t left;
        const int64_t offset = offset_of(job, begin, &left);
        n = cd_smaller(left, end - begin);
        job->gather(in + offset, n, stride, key);
    }
}

/* The index of the first element with this key, or of the last. */
static int64_t find(const order_job *job, const char *in, uint64_t wanted, bool last)
{
    uint64_t chunk[CHUNK];
    int64_t found = 0;
    for (int64_t begin = 0; begin < job->n; begin += CHUNK) {
        const int64_t n = cd_smaller(CHUNK, job->n - begin);
        keys_of(job, in, begin, begin + n, chunk);
        for (int64_t i = 0; i < n; i++) {
            if (chunk[i] != wanted) continue;
            found = begin + i;
            if (!last) return found;
        }
    }
    return found;
}

static uint64_t statistic(const order_job *job, uint64_t *key)
{
    const int64_t n = job->n;
    int64_t nans = 0;
    if (job->what == CD_KTH) return select_key(key, n, job->rank);
    for (int64_t i = 0; job->floating && i < n; i++) nans += key[i] == NAN_KEY;
    if (job->what == CD_MODE) {
        sort_keys(key, key + n, n);
        return nans == n ? NAN_KEY : most_frequent(key, n, nans);
    }
    if (nans == n || (nans > 0 && job->what == CD_MEDIAN)) return NAN_KEY;
    return select_key(key, n, (n - nans - 1) / 2);
}

static void run_output(const order_job *job, int64_t output)
{
    int64_t left;
    const char *in = start_of(job, output);
    uint64_t *key = job->keys + output * job->n * (job->what == CD_MODE ? 2 : 1);
    keys_of(job, in, 0, job->n, key);
    const uint64_t chosen = statistic(job, key);
    const bool last = job->what == CD_MODE && !(job->floating && chosen == NAN_KEY);
    const int64_t index = find(job, in, chosen, last);
    const int64_t offset = offset_of(job, index, &left);
    memcpy(job->out + output * job->element, in + offset, (size_t)job->element);
    if (job->indices) job->indices[output] = index;
}

/* --- quantiles -------------------------------------------------------------------------------- */

/* The number in the dtype in which quantiles are computed, as PyTorch does. */
static double rounded(const order_job *job, double x)
{
    return job->dtype == CD_F32 ? (double)(float)x : x;
}

/* The rank of the quantile among n elements. Only q is rounded: a rank that is rounded to float32
 * may lie behind the last of 2^24 elements and more. */
static double rank_of(const order_job *job, int64_t n)
{
    const double rank = rounded(job, job->quantile->q) * (double)(n - 1);
    switch (job->quantile->interpolation) {
    case CD_BELOW:
        return floor(rank);
    case CD_ABOVE:
        return ceil(rank);
    case CD_NEARER:
        return nearbyint(rank);
    default:
        return rank;
    }
}

/* The value of one rank, and its index. */
static double value_at(const order_job *job, const char *in, uint64_t *key, int64_t rank,
                       int64_t *index)
{
    int64_t left;
    keys_of(job, in, 0, job->n, key);
    *index = find(job, in, rank < 0 ? NAN_KEY : select_key(key, job->n, rank), false);
    return cd_real_at(job->dtype, in + offset_of(job, *index, &left), 0);
}

/* From a to b, as torch.lerp: NaN if both are one infinity. */
static double between(const order_job *job, double a, double b, double weight)
{
    const double d = rounded(job, b - a);
    if (weight < 0.5) return rounded(job, a + rounded(job, weight * d));
    return rounded(job, b - rounded(job, d * rounded(job, 1 - weight)));
}

static void run_quantile(const order_job *job, int64_t output)
{
    const cd_quantile *what = job->quantile;
    int64_t nans = 0, index[2];
    const char *in = start_of(job, output);
    uint64_t *key = job->keys + output * job->n;
    keys_of(job, in, 0, job->n, key);
    for (int64_t i = 0; i < job->n; i++) nans += key[i] == NAN_KEY;
    const bool is_nan = nans == job->n || (nans > 0 && !what->ignore_nan);
    const double rank = is_nan ? -1 : rank_of(job, job->n - nans);
    double weight = rounded(job, rank - floor(rank));
    if (what->interpolation == CD_MIDDLE && !is_nan) weight = 0.5;
    const double below = value_at(job, in, key, (int64_t)floor(rank), &index[0]);
    double above = below;
    index[1] = index[0];
    if (weight > 0) above = value_at(job, in, key, (int64_t)ceil(rank), &index[1]);
    const bool mixed = what->interpolation == CD_ON_LINE || what->interpolation == CD_MIDDLE;
    cd_put_real(job->dtype, job->out, output, mixed ? between(job, below, above, weight) : below);
    if (!what->below) return;
    what->below[output] = index[0];
    what->above[output] = index[1];
    cd_put_real(job->dtype, what->weight, output, weight);
}

static void run_piece(int64_t piece, void *context)
{
    const order_job *job = context;
    const int64_t begin = piece * job->piece;
    const int64_t end = cd_smaller(begin + job->piece, job->outputs);
    for (int64_t o = begin; o < end; o++) (job->quantile ? run_quantile : run_output)(job, o);
}

/* --- all -------------------------------------------------------------------------------------- */

size_t cd_cpu_order_bytes(cd_order_statistic what, int64_t elements)
{
    size_t bytes;
    const size_t each = sizeof(uint64_t) * (what == CD_MODE ? 2 : 1);
    return cd_checked_mul((size_t)elements, each, &bytes) ? bytes : SIZE_MAX;
}

static void run(order_job job)
{
    const cd_reduce_shape *shape = job.shape;
    for (int d = 0; d < shape->kept + shape->reduced; d++) {
        *(d < shape->kept ? &job.outputs : &job.n) *= shape->size[d];
    }
    if (job.outputs == 0) return;
    job.piece = cd_larger(1, PIECE / job.n);
    cd_parallel(cd_divide_up(job.outputs, job.piece), run_piece, &job);
}

void cd_cpu_quantile(const cd_quantile *what, cd_dtype dtype, const cd_reduce_shape *shape,
                     const void *in, void *out, uint64_t *keys)
{
    run((order_job){ .quantile = what,
                     .dtype = dtype,
                     .gather = gather[dtype],
                     .floating = true,
                     .shape = shape,
                     .outputs = 1,
                     .n = 1,
                     .in = in,
                     .out = out,
                     .keys = keys });
}

void cd_cpu_order(cd_order_statistic what, int64_t rank, cd_dtype dtype,
                  const cd_reduce_shape *shape, const void *in, void *out, int64_t *indices,
                  uint64_t *keys)
{
    order_job job = { .what = what,
                      .rank = rank,
                      .dtype = dtype,
                      .gather = gather[dtype],
                      .floating = cd_dtype_is_floating(dtype),
                      .shape = shape,
                      .element = (int64_t)cd_dtype_size(dtype),
                      .outputs = 1,
                      .n = 1,
                      .in = in,
                      .out = out,
                      .indices = indices,
                      .keys = keys };
    run(job);
}
