/* Parameters and modules by name: freezing by a pattern, the features of a module. */
#include <fnmatch.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "nn/module_internal.h"
#include "nn/state_dict.h"

bool cd_name_matches(const char *name, const char *pattern)
{
    return fnmatch(pattern, name, 0) == 0;
}

/* --- freezing --------------------------------------------------------------------------------- */

typedef struct freezing {
    const char *pattern;
    bool frozen;
    int64_t count;
    cd_tensor_list seen; /* a parameter has the first of its names only, as in named_parameters */
} freezing;

static bool freeze_one(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    freezing *f = user;
    bool again = false;
    if (kind == CD_PARAMETER && !cd_tensor_list_add(&f->seen, t, &again)) return false;
    if (kind != CD_PARAMETER || again || !cd_name_matches(name, f->pattern)) return true;
    f->count++;
    if (!cd_dtype_is_floating(t->dtype)) return true;
    if (!cd_set_requires_grad(t, !f->frozen)) return false;
    return !f->frozen || cd_grad_drop(t);
}

static int64_t freeze_all(cd_module *m, const char *pattern, bool frozen, const char *function)
{
    freezing f = { .pattern = pattern, .frozen = frozen };
    if (!cd_ok() || !cd_check_module(m, function, "the module")) return 0;
    if (!pattern) (void)cd_fail(CD_ERR_ARGUMENT, "%s: the pattern is NULL", function);
    const bool done = cd_ok() && cd_visit(m, freeze_one, &f);
    cd_free(f.seen.tensor);
    if (!done) return 0;
    if (f.count == 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: no parameter's name matches \"%s\"", function, pattern);
    }
    return f.count;
}

int64_t cd_freeze_matching(cd_module *m, const char *pattern)
{
    return freeze_all(m, pattern, true, "freeze_matching");
}

int64_t cd_unfreeze_matching(cd_module *m, const char *pattern)
{
    return freeze_all(m, pattern, false, "unfreeze_matching");
}

/* --- features --------------------------------------------------------------------------------- */

static bool take_output(cd_module *m, const cd_arguments *a, void *user)
{
    (void)m;
    return cd_assign(user, a->out[0]);
}

cd_tensor *cd_features(cd_module *model, cd_tensor *x, const char *path)
{
    CD_SCOPE();
    cd_tensor *features = NULL;
    cd_module *m = cd_module_get(model, path);
    const int64_t hook = m ? cd_register_forward_hook(m, take_output, .user = &features) : 0;
    if (!hook) return NULL;
    cd_tensor *y = cd_forward(model, x);
    cd_error error; /* the hook goes, whatever happened */
    const bool failed = cd_error_take(&error);
    (void)cd_module_remove_hook(m, hook);
    if (failed) (void)cd_fail(error.code, "%s", error.message);
    if (y && !features) {
        (void)cd_fail(CD_ERR_ARGUMENT, "features: \"%s\" was not called by the %s", path,
                      cd_module_name(model));
    }
    cd_tensor *result = cd_ok() ? cd_hand_shared(features) : NULL;
    if (features) (void)cd_release(features);
    return cd_escape(result);
}
