/* Grad mode: whether the ops of this thread record a graph. A change of the mode is ended by
 * cd_scope_end, as a scope is. */
#include "autograd/autograd.h"
#include "core/scope_internal.h"

bool cd_grad_enabled(void)
{
    return (cd_modes & CD_MODE_GRAD) != 0;
}

cd_scope cd_grad_mode_begin(bool enabled)
{
    return cd_modes_begin(enabled ? CD_MODE_GRAD : 0, enabled ? 0 : CD_MODE_GRAD);
}
