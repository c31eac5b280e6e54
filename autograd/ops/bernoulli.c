/* autograd/ops/bernoulli.c
 *
 *   y = 1 with probability p, else 0          dp = 0
 *
 * Shape and dtype of p, which is floating; drawn row by row. Saves nothing. */
#include <string.h>

#include "autograd/op_internal.h"

/* Drawn into y when nothing can fail any more. */
static void draw(cd_tensor *y, const cd_tensor *p, cd_generator *generator)
{
    cd_generator_state *state = cd_generator_lock(generator);
    (void)cd_random_bernoulli_each(state, y->dtype, cd_tensor_data(y), y->numel, p->dtype,
                                   cd_tensor_data(p));
    cd_generator_unlock(generator);
}

cd_tensor *cd_bernoulli_with(cd_bernoulli_options o)
{
    cd_call call;
    if (!cd_op_begin(&call, &cd_op_bernoulli, o.p)) return NULL;
    call.failed =
        !cd_generator_check(o.generator, "bernoulli") || !cd_op_check_floating(&call, o.p->dtype);
    cd_tensor *p = cd_op_contiguous(&call, o.p);
    if (p && !cd_random_check_each(p->dtype, cd_tensor_data(p), p->numel)) call.failed = true;
    cd_tensor *y = cd_op_output(&call, o.p->dtype, o.p->shape);
    if (y) memset(cd_tensor_data(y), 0, y->storage->bytes); /* anomaly mode looks at it now */
    if (p) cd_object_own(&p->object);                       /* a temporary would go with the call */
    y = cd_op_end(&call);
    if (y) draw(y, p, o.generator);
    cd_object_disown((cd_object *)p);
    return y;
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_bernoulli(cd_sigmoid(in[0]), .generator = cd_generator_new(3));
}

static cd_tensor *as_it_is(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_bernoulli(in[0], .generator = cd_generator_new(3));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, as_it_is, { cd_rand(CD_SHAPE(2, 20)) });
    cd_sample(s, as_it_is, { cd_t(cd_rand(CD_SHAPE(3, 7))) });
}

static void misuse(cd_samples *s)
{
    const float wrong[] = { 0, 0.5F, -0.25F };
    cd_tensor *p = cd_from_array(wrong, CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_bernoulli(NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "p[2] is -0.25", cd_bernoulli(p));
    cd_expect_error(s, CD_ERR_ARGUMENT, "nan", cd_bernoulli(cd_full(CD_SCALAR, NAN)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "not a generator",
                    cd_bernoulli(p, .generator = (cd_generator *)(void *)p));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_bernoulli(cd_arange(2)));
}

const cd_op cd_op_bernoulli = {
    .name = "bernoulli",
    .grad_fn = "BernoulliBackward0",
    .like = "torch.bernoulli(p)",
    .formula = "y = 1 with probability p, else 0",
    .gradient = "dp = 0",
    .dtypes = "floating",
    .random = true,
    .backward = cd_zero_backward,
    .samples = samples,
    .misuse = misuse,
};
