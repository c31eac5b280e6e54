/* Tensors of random numbers. Everything that can fail has been done before the first is drawn. */
#include "core/error.h"
#include "core/random_internal.h"
#include "core/tensor_internal.h"

/* A tensor in x's order, or, without an x, row by row. */
static cd_tensor *draw(const char *what, const cd_draw *from, cd_create options, const cd_tensor *x)
{
    cd_dtype dtype = options.dtype ? options.dtype : CD_F32;
    if (!cd_generator_check(options.generator, what) || !cd_draw_check(from, dtype, what)) {
        return NULL;
    }
    cd_tensor *t = cd_hand(cd_tensor_make(what, options.shape, dtype, options.requires_grad));
    if (!t) return NULL;
    const cd_argument to = { cd_tensor_data(t), &t->layout };
    cd_draw_into(cd_generator_lock(options.generator), from, &to, x ? &x->layout : &t->layout);
    cd_generator_unlock(options.generator);
    return t;
}

static const cd_draw uniform = { CD_DRAW_UNIFORM, 0, 1 }, normal = { CD_DRAW_NORMAL, 0, 1 };

cd_tensor *cd_rand_with(cd_create options)
{
    return draw("rand", &uniform, options, NULL);
}

cd_tensor *cd_randn_with(cd_create options)
{
    return draw("randn", &normal, options, NULL);
}

static cd_tensor *draw_like(const char *what, const cd_draw *from, cd_like options)
{
    const cd_tensor *x = options.x;
    if (!cd_check_tensor(x, what, "x")) return NULL;
    cd_create create = { .shape = x->shape,
                         .dtype = options.dtype ? options.dtype : x->dtype,
                         .requires_grad = options.requires_grad,
                         .generator = options.generator };
    return draw(what, from, create, x);
}

cd_tensor *cd_rand_like_with(cd_like options)
{
    return draw_like("rand_like", &uniform, options);
}

cd_tensor *cd_randn_like_with(cd_like options)
{
    return draw_like("randn_like", &normal, options);
}

cd_tensor *cd_randint_with(cd_randint_options o)
{
    cd_dtype dtype = o.dtype ? o.dtype : CD_I64;
    if (!cd_generator_check(o.generator, "randint") ||
        !cd_random_check_integers(dtype, o.low, o.high)) {
        return NULL;
    }
    cd_tensor *t = cd_hand(cd_tensor_make("randint", o.shape, dtype, o.requires_grad));
    if (!t) return NULL;
    cd_generator_state *state = cd_generator_lock(o.generator);
    (void)cd_random_integers(state, dtype, cd_tensor_data(t), t->numel, o.low, o.high);
    cd_generator_unlock(o.generator);
    return t;
}

cd_tensor *cd_randperm_with(cd_randperm_options o)
{
    if (!cd_generator_check(o.generator, "randperm")) return NULL;
    if (o.n < 0) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "randperm: there is no permutation of %lld numbers: 0 or more",
                      (long long)o.n);
        return NULL;
    }
    cd_shape shape = { .ndim = 1, .dim = { o.n } };
    cd_tensor *t = cd_hand(cd_tensor_make("randperm", shape, CD_I64, false));
    if (!t) return NULL;
    cd_generator_state *state = cd_generator_lock(o.generator);
    (void)cd_random_permutation(state, (int64_t *)(void *)cd_tensor_data(t), o.n);
    cd_generator_unlock(o.generator);
    return t;
}
