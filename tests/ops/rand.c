/* Samples and bad calls of rand: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *make(cd_tensor *const *in, const double *p)
{
    (void)in;
    cd_generator *g = cd_generator_new(3);
    return g ? cd_rand(shape_from(p + 1), .dtype = (cd_dtype)p[0], .generator = g) : NULL;
}

static cd_tensor *like(cd_tensor *const *in, const double *p)
{
    cd_generator *g = cd_generator_new(3);
    cd_tensor *x = cd_clone(in[0]);
    return g && x ? cd_rand_like(x, .dtype = (cd_dtype)p[0], .generator = g) : NULL;
}

static cd_tensor *like_transposed(cd_tensor *const *in, const double *p)
{
    (void)p;
    cd_generator *g = cd_generator_new(3);
    cd_tensor *x = cd_t(cd_clone(in[0]));
    return g && x ? cd_rand_like(x, .generator = g) : NULL;
}

static void samples(cd_samples *s)
{
    cd_sample_drawn(s, make, like);
    cd_sample(s, like_transposed, { cd_zeros(CD_SHAPE(3, 7)) });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "rand_like", NULL };
    s->names = names;
    cd_misuse_drawn(s, cd_rand_with, cd_rand_like_with);
}

const op_cases cases_rand = { samples, misuse };
