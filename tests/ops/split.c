/* Samples and bad calls of split: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* Part p[2] of x, cut into parts of p[0] along p[1]. */
static cd_tensor *part(cd_tensor *const *in, const double *p)
{
    cd_tensors parts = cd_split(in[0], (int64_t)p[0], (int)p[1]);
    return parts.count > 0 ? parts.tensor[(int)p[2]] : NULL;
}

/* All parts, the last one twice, so that each has another gradient. */
static cd_tensor *joined(cd_tensor *const *in, const double *p)
{
    cd_tensors parts = cd_split(in[0], (int64_t)p[0], (int)p[1]);
    if (parts.count == 0) return NULL;
    cd_tensor *twice = cd_cat(CD_TENSORS(parts.tensor[parts.count - 1], parts.tensor[0]), 0);
    return cd_mul(twice, twice);
}

static cd_tensor *by_sizes(cd_tensor *const *in, const double *p)
{
    cd_tensor *a = NULL, *b = NULL, *c = NULL;
    const int64_t sizes[3] = { (int64_t)p[0], (int64_t)p[1], (int64_t)p[2] };
    if (!cd_unpack(cd_split_sizes(in[0], (cd_sizes){ sizes, 3 }, (int)p[3]), &a, &b, &c)) {
        return NULL;
    }
    return p[4] > 0 ? b : cd_cat(CD_TENSORS(c, a), (int)p[3]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, part, { RANDOM(5, 2) }, { 2, 0, 1 });
    cd_sample(s, part, { RANDOM(5, 2) }, { 2, 0, 2 });
    cd_sample(s, part, { RANDOM(2, 3) }, { 5, -1, 0 });
    cd_sample(s, part, { RANDOM(2, 0) }, { 0, 1, 0 });
    cd_sample(s, part, { cd_t(RANDOM(4, 3)) }, { 1, 1, 3 });
    cd_sample(s, part, { cd_arange(6) }, { 4, 0, 1 });
    cd_sample(s, joined, { RANDOM(4) }, { 2, 0 });
    cd_sample(s, joined, { RANDOM(3, 2) }, { 3, 0 });
    cd_sample(s, by_sizes, { RANDOM(6, 2) }, { 1, 2, 3, 0, 1 });
    cd_sample(s, by_sizes, { RANDOM(2, 4) }, { 2, 0, 2, -1, 0 });
    cd_sample(s, by_sizes, { RANDOM(2, 4) }, { 4, 0, 0, 1, 1 });
}

#define FAILS(code_, text_, call_) cd_expect_error(s, code_, text_, (call_).tensor)

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 3));
    static const char *const names[] = { "split_sizes", NULL };
    s->names = names;
    FAILS(CD_ERR_ARGUMENT, "NULL", cd_split(NULL, 1, 0));
    FAILS(CD_ERR_ARGUMENT, "size 0, of a dimension of size 4", cd_split(x, 0, 0));
    FAILS(CD_ERR_ARGUMENT, "size -1", cd_split(x, -1, 0));
    FAILS(CD_ERR_SHAPE, "dimension 2", cd_split(x, 1, 2));
    FAILS(CD_ERR_SHAPE, "scalar", cd_split(cd_zeros(CD_SCALAR), 1, 0));
    FAILS(CD_ERR_ARGUMENT, "NULL", cd_split_sizes(NULL, CD_SIZES(1), 0));
    FAILS(CD_ERR_SHAPE, "add up to 3, and dimension 0 of x (4x3) has 4",
          cd_split_sizes(x, CD_SIZES(1, 2), 0));
    FAILS(CD_ERR_SHAPE, "add up to 9223372036854775807",
          cd_split_sizes(x, CD_SIZES(INT64_MAX, 5), 0));
    FAILS(CD_ERR_ARGUMENT, "size -1 of part 1", cd_split_sizes(x, CD_SIZES(5, -1), 0));
    FAILS(CD_ERR_ARGUMENT, "at least one", cd_split_sizes(x, (cd_sizes){ NULL, 2 }, 0));
}

const op_cases cases_split = { samples, misuse };
