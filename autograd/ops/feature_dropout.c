/* feature_dropout: dropout of whole features, as dropout1d, dropout2d and dropout3d call it.
 *
 * The noise has a number for each feature, and is drawn row by row. A tensor of one dimension less
 * than N x C x L and N x C x D x H x W has no N. Saves the noise. Kernels: core/random_draw.c, and
 * mul of core/cpu/. */
#include "autograd/families/dropout_internal.h"
#include "core/error_internal.h"

/* The dimensions that count features: N and C, or C alone. False with an error. */
static bool features_of(const char *name, const cd_tensor *x, int with_n, bool may_lack_n,
                        bool strict, int *kept)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(x, name, "x")) return false;
    const int ndim = x->shape.ndim;
    const bool fits = ndim == with_n || ndim == with_n - 1;
    *kept = may_lack_n && ndim == with_n - 1 ? 1 : 2;
    if (fits) return true;
    (void)cd_sizes_text(&x->shape, text);
    if (strict) {
        return cd_fail(CD_ERR_SHAPE, "%s: x (%s) must have %d or %d dimensions", name, text,
                       with_n - 1, with_n);
    }
    cd_log_line(CD_LOG_WARNING,
                "%s: x (%s) should have %d or %d dimensions, and is taken as N x C "
                "x ...",
                name, text, with_n - 1, with_n);
    return true;
}

static cd_tensor *dropout1d(const char *name, const cd_dropout_options *o, bool in_place)
{
    int kept;
    if (!features_of(name, o->x, 3, true, true, &kept)) return NULL;
    return cd_dropout_call(&cd_op_feature_dropout, name, o, kept, in_place);
}

/* Without an N that may be missing: of three dimensions the first is N, as in PyTorch. */
static cd_tensor *dropout2d(const char *name, const cd_dropout_options *o, bool in_place)
{
    int kept;
    if (!features_of(name, o->x, 4, false, false, &kept)) return NULL;
    return cd_dropout_call(&cd_op_feature_dropout, name, o, kept, in_place);
}

static cd_tensor *dropout3d(const char *name, const cd_dropout_options *o, bool in_place)
{
    int kept;
    if (!features_of(name, o->x, 5, true, false, &kept)) return NULL;
    return cd_dropout_call(&cd_op_feature_dropout, name, o, kept, in_place);
}

cd_tensor *cd_dropout1d_with(cd_dropout_options o)
{
    return dropout1d("dropout1d", &o, false);
}

cd_tensor *cd_dropout1d_with_(cd_dropout_options o)
{
    return dropout1d("dropout1d", &o, true);
}

cd_tensor *cd_dropout2d_with(cd_dropout_options o)
{
    return dropout2d("dropout2d", &o, false);
}

cd_tensor *cd_dropout2d_with_(cd_dropout_options o)
{
    return dropout2d("dropout2d", &o, true);
}

cd_tensor *cd_dropout3d_with(cd_dropout_options o)
{
    return dropout3d("dropout3d", &o, false);
}

cd_tensor *cd_dropout3d_with_(cd_dropout_options o)
{
    return dropout3d("dropout3d", &o, true);
}

const cd_op cd_op_feature_dropout = {
    .name = "feature_dropout",
    .grad_fn = "MulBackward0",
    .like = "torch.nn.functional.dropout2d(x, p)",
    .formula = "y[n,c,...] = x[n,c,...] noise[n,c], with a noise of 0 with probability p, else "
               "1 / (1 - p)",
    .gradient = "dx = dy noise",
    CD_DROPOUT_OP,
    .cpu = { .workspace = cd_dropout_workspace, .run = cd_run_dropout },
};
