/* What the tests of tensors' hooks share: hooks that note what they get. */
#ifndef CANDELA_TESTS_HOOKS_H
#define CANDELA_TESTS_HOOKS_H

#include "test.h"

#include "autograd/hooks.h"
#include "autograd/ops.h"
#include "core/memory_internal.h"
#include "core/tensor_internal.h"

/* What the hooks got, in order: "a3,3 b6,6 " after hook a got the gradient 3,3 and hook b 6,6. */
static char seen[512];
static int destroyed;

static inline void see(const char *name, cd_tensor *gradient)
{
    size_t used = strlen(seen);
    used += (size_t)snprintf(seen + used, sizeof seen - used, "%s", name);
    for (int64_t i = 0; gradient && i < gradient->numel; i++) {
        CD_SCOPE();
        cd_tensor *one = gradient->shape.ndim > 0 ? cd_index(cd_detach(gradient), i) : gradient;
        used += (size_t)snprintf(seen + used, sizeof seen - used, i ? ",%g" : "%g", cd_item(one));
    }
    (void)snprintf(seen + used, sizeof seen - used, " ");
}

static inline cd_tensor *look(cd_tensor *gradient, void *user)
{
    see(user, gradient);
    return NULL;
}

static inline cd_tensor *twice(cd_tensor *gradient, void *user)
{
    if (user) see(user, gradient);
    return cd_mul(gradient, 2);
}

static inline cd_tensor *plus_one(cd_tensor *gradient, void *user)
{
    if (user) see(user, gradient);
    return cd_add(gradient, 1);
}

static inline cd_tensor *squared(cd_tensor *gradient, void *user)
{
    (void)user;
    return cd_mul(gradient, gradient);
}

static inline cd_tensor *give(cd_tensor *gradient, void *user)
{
    (void)gradient;
    return user;
}

static inline cd_tensor *refuse(cd_tensor *gradient, void *user)
{
    (void)gradient;
    (void)cd_fail(CD_ERR_STATE, "refused by %s", (const char *)user);
    return NULL;
}

static inline bool after(cd_tensor *leaf, void *user)
{
    see(user, cd_grad(leaf));
    return true;
}

static inline bool after_refused(cd_tensor *leaf, void *user)
{
    (void)leaf;
    (void)user;
    return cd_fail(CD_ERR_STATE, "refused afterwards");
}

static inline bool after_silent(cd_tensor *leaf, void *user)
{
    (void)leaf;
    (void)user;
    return false;
}

static inline void count(void *user)
{
    (void)user;
    destroyed++;
}

static inline cd_tensor *leaf(double a, double b)
{
    return cd_set_requires_grad(
        cd_from_array(((const double[]){ a, b }), CD_SHAPE(2), .dtype = CD_F64), true);
}

static inline void has(cd_tensor *t, double a, double b)
{
    assert_non_null(t);
    assert_close(cd_item(cd_index(cd_detach(t), 0)), a, 1e-12, 0);
    assert_close(cd_item(cd_index(cd_detach(t), 1)), b, 1e-12, 0);
}

static inline int start(void **state)
{
    seen[0] = '\0';
    destroyed = 0;
    return test_setup(state);
}

#define HOOK_TEST(function_) cmocka_unit_test_setup_teardown(function_, start, test_teardown)

#endif
