/* What the tests of hooks of tensors share: hooks that record the gradients that they get, under
 * the name that is their user data. */
#ifndef CANDELA_TESTS_HOOKS_H
#define CANDELA_TESTS_HOOKS_H

#include "test.h"

#include "autograd/hooks.h"
#include "autograd/index_ops.h"
#include "autograd/ops.h"
#include "core/memory_internal.h"
#include "core/tensor_internal.h"

/* The gradients that the hooks got, in order: "a3,3 b6,6 " after hook a got 3,3 and hook b 6,6. */
static char seen[512];
static int destroyed; /* how often the user data of a hook was destroyed */

/* Records a gradient. */
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

/* A hook that leaves the gradient as it is. */
static inline cd_tensor *look(cd_tensor *gradient, void *user)
{
    see(user, gradient);
    return NULL;
}

/* A hook that doubles the gradient. */
static inline cd_tensor *twice(cd_tensor *gradient, void *user)
{
    if (user) see(user, gradient);
    return cd_mul(gradient, 2);
}

/* A hook that adds 1 to the gradient. */
static inline cd_tensor *plus_one(cd_tensor *gradient, void *user)
{
    if (user) see(user, gradient);
    return cd_add(gradient, 1);
}

/* A hook that squares the gradient. */
static inline cd_tensor *squared(cd_tensor *gradient, void *user)
{
    (void)user;
    return cd_mul(gradient, gradient);
}

/* A hook that replaces the gradient by its user data, a tensor. */
static inline cd_tensor *give(cd_tensor *gradient, void *user)
{
    (void)gradient;
    return user;
}

/* A hook that fails with an error. */
static inline cd_tensor *refuse(cd_tensor *gradient, void *user)
{
    (void)gradient;
    (void)cd_fail(CD_ERR_STATE, "refused by %s", (const char *)user);
    return NULL;
}

/* A post-accumulate hook that records the leaf's gradient. */
static inline bool after(cd_tensor *leaf, void *user)
{
    see(user, cd_grad(leaf));
    return true;
}

/* A post-accumulate hook that fails with an error. */
static inline bool after_refused(cd_tensor *leaf, void *user)
{
    (void)leaf;
    (void)user;
    return cd_fail(CD_ERR_STATE, "refused afterwards");
}

/* A post-accumulate hook that fails without an error. */
static inline bool after_silent(cd_tensor *leaf, void *user)
{
    (void)leaf;
    (void)user;
    return false;
}

/* The destroy function of the hooks' user data. */
static inline void count(void *user)
{
    (void)user;
    destroyed++;
}

/* A float64 leaf with the elements a and b. */
static inline cd_tensor *leaf(double a, double b)
{
    return cd_set_requires_grad(
        cd_from_array(((const double[]){ a, b }), CD_SHAPE(2), .dtype = CD_F64), true);
}

/* Checks that t has the elements a and b. */
static inline void has(cd_tensor *t, double a, double b)
{
    assert_non_null(t);
    assert_close(cd_item(cd_index(cd_detach(t), 0)), a, 1e-12, 0);
    assert_close(cd_item(cd_index(cd_detach(t), 1)), b, 1e-12, 0);
}

/* The setup of HOOK_TEST. */
static inline int start(void **state)
{
    seen[0] = '\0';
    destroyed = 0;
    return test_setup(state);
}

#define HOOK_TEST(function_) cmocka_unit_test_setup_teardown(function_, start, test_teardown)

#endif
