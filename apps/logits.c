/* Runs a model and checks that it gives logits. */
#include "apps/logits.h"

/* A visitor: stops at the first parameter of floating point, with its dtype. */
static bool find_dtype(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    const cd_dtype dtype = cd_dtype_of(t);
    if (kind != CD_PARAMETER || (dtype != CD_F32 && dtype != CD_F64)) return true;
    *(cd_dtype *)user = dtype;
    return false;
}

cd_dtype model_dtype(cd_module *model)
{
    cd_dtype dtype = CD_F32;
    (void)cd_visit(model, find_dtype, &dtype);
    return dtype;
}

cd_tensor *model_logits(cd_module *model, cd_tensor *x, int64_t classes)
{
    char shape[CD_SHAPE_TEXT];
    cd_tensor *y = x ? cd_forward(model, cd_to(x, model_dtype(model))) : NULL;
    if (!y) return NULL;
    const int64_t count = cd_size(x, 0);
    if (classes == 1 && cd_ndim(y) == 1 && cd_size(y, 0) == count) y = cd_unsqueeze(y, 1);
    const bool rows = cd_ndim(y) == 2 && cd_size(y, 0) == count && cd_size(y, 1) > 0;
    if (rows && (classes == 0 || cd_size(y, 1) == classes)) return cd_to(y, CD_F32);
    if (classes > 0) {
        (void)cd_fail(CD_ERR_SHAPE, "the model gives %s for %lld samples of %lld classes",
                      cd_shape_text(cd_shape_of(y), shape), (long long)count, (long long)classes);
    } else {
        (void)cd_fail(CD_ERR_SHAPE,
                      "the model gives %s for %lld samples, and a classifier gives a row of "
                      "numbers for each, one per class",
                      cd_shape_text(cd_shape_of(y), shape), (long long)count);
    }
    return NULL;
}
