/* The parameters and buffers of the best epoch, for .restore_best of cd_fit. */
#include "autograd/ops.h"
#include "core/error.h"
#include "models/fit_internal.h"

bool cd_fit_keep_best(fit *f)
{
    CD_SCOPE();
    CD_NO_GRAD();
    cd_dict *now = cd_state_dict(f->o.model), *copy = cd_dict_new();
    for (int64_t i = 0; cd_ok() && i < cd_dict_count(now); i++) {
        (void)cd_dict_set(copy, cd_dict_name(now, i), cd_clone(cd_dict_at(now, i)));
    }
    return cd_ok() && cd_assign(&f->best_state, copy);
}

bool cd_fit_put_best_back(fit *f)
{
    CD_SCOPE();
    return !f->best_state || cd_load_state_dict(f->o.model, f->best_state);
}
