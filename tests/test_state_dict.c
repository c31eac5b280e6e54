/* nn/state_dict.h: state dicts in memory, copies of modules, dtypes, freezing by name, features. */
#include "goldens.h"
#include "hostile.h"
#include "modules.h"

#include "models/models.h"
#include "nn/init.h"
#include "nn/state_dict.h"
#include "optim/optim.h"

static cd_module *net(void)
{
    return cd_nn_sequential(cd_nn_linear(3, 4), cd_nn_batch_norm1d(4), cd_nn_linear(4, 2));
}

/* --- dictionaries ----------------------------------------------------------------------------- */

static void a_dictionary_keeps_its_order(void **state)
{
    (void)state;
    cd_dict *d = cd_dict_new();
    cd_tensor *a = cd_ones(CD_SHAPE(2)), *b = cd_zeros(CD_SHAPE(3)), *c = cd_ones(CD_SCALAR);
    assert_true(cd_dict_set(d, "b", b) && cd_dict_set(d, "a", a) && cd_dict_set(d, "c", c));
    assert_true(cd_dict_set(d, "b", c)); /* in its place */
    assert_int_equal(cd_dict_count(d), 3);
    assert_string_equal(cd_dict_name(d, 0), "b");
    assert_ptr_equal(cd_dict_at(d, 0), c);
    assert_ptr_equal(cd_dict_get(d, "a"), a);
    assert_true(cd_dict_has(d, "c") && !cd_dict_has(d, "d"));
    assert_true(cd_dict_remove(d, "b"));
    assert_string_equal(cd_dict_name(d, 0), "a");
    assert_string_equal(cd_dict_name(d, 1), "c");
    assert_int_equal(cd_dict_count(d), 2);
}

static void what_a_dictionary_lacks_is_refused(void **state)
{
    (void)state;
    cd_dict *d = cd_dict_new();
    assert_null(cd_dict_get(d, "a"));
    assert_failed_with(CD_ERR_ARGUMENT, "dict_get: there is no \"a\"");
    assert_false(cd_dict_remove(d, "a"));
    assert_failed_with(CD_ERR_ARGUMENT, "dict_remove: there is no \"a\"");
    assert_null(cd_dict_at(d, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "dict_at: there is no tensor 0: the dictionary has 0");
    assert_null(cd_dict_name(d, -1));
    assert_failed_with(CD_ERR_ARGUMENT, "dict_name: there is no tensor -1");
    assert_false(cd_dict_set(d, NULL, cd_ones(CD_SCALAR)));
    assert_failed_with(CD_ERR_ARGUMENT, "dict_set: the name is NULL");
    assert_false(cd_dict_set(d, "a", NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "dict_set: the tensor");
    assert_int_equal(cd_dict_count(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "dict_count: the dictionary");
}

/* --- state_dict, load_state_dict -------------------------------------------------------------- */

static void state_shares_memory_with_the_module(void **state)
{
    (void)state;
    static const char *const names[] = {
        "0.weight",
        "0.bias",
        "1.weight",
        "1.bias",
        "1.running_mean",
        "1.running_var",
        "1.num_batches_tracked",
        "2.weight",
        "2.bias",
    };
    cd_module *m = net();
    cd_dict *d = cd_state_dict(m);
    assert_int_equal(cd_dict_count(d), 9);
    for (int i = 0; i < 9; i++) assert_string_equal(cd_dict_name(d, i), names[i]);
    assert_false(cd_requires_grad(cd_dict_get(d, "0.weight")));
    assert_non_null(cd_init_constant_(cd_module_tensor(m, "0.weight"), 5));
    assert_near(cd_dict_get(d, "0.weight"), cd_full(CD_SHAPE(4, 3), 5), 0, 0);
    assert_null(cd_state_dict(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "state_dict: the module");
}

static void loading_copies_values(void **state)
{
    (void)state;
    cd_module *a = net(), *b = net();
    cd_tensor *x = cd_randn(CD_SHAPE(5, 3)), *weight = cd_module_tensor(b, "0.weight");
    assert_non_null(cd_forward(a, x)); /* moves the running statistics */
    assert_true(cd_load_state_dict(b, cd_state_dict(a)));
    assert_ptr_equal(cd_module_tensor(b, "0.weight"), weight);
    assert_true(cd_requires_grad(weight));
    assert_true(cd_eval(a) && cd_eval(b));
    assert_near(cd_forward(b, x), cd_forward(a, x), 0, 0);
    assert_near(cd_module_tensor(b, "1.num_batches_tracked"),
                cd_full(CD_SCALAR, 1, .dtype = CD_I64), 0, 0);
    assert_true(cd_load_state_dict(a, cd_state_dict(a))); /* onto itself */
    assert_near(cd_forward(b, x), cd_forward(a, x), 0, 0);
}

static void values_are_converted(void **state)
{
    (void)state;
    cd_module *a = cd_nn_linear(2, 2, .dtype = CD_F64), *b = cd_nn_linear(2, 2);
    assert_true(cd_load_state_dict(b, cd_state_dict(a)));
    assert_near(cd_module_tensor(b, "weight"), cd_to(cd_module_tensor(a, "weight"), CD_F32), 0, 0);
}

static void names_must_fit(void **state)
{
    (void)state;
    cd_module *m = net();
    cd_dict *d = cd_state_dict(net()), *missing = cd_dict_new(), *unexpected = cd_dict_new();
    cd_tensor *before = cd_clone(cd_module_tensor(m, "2.bias"));
    assert_true(cd_dict_remove(d, "0.weight") && cd_dict_remove(d, "1.num_batches_tracked"));
    assert_true(cd_dict_set(d, "fc.weight", cd_ones(CD_SHAPE(2))));
    assert_false(cd_load_state_dict(m, d, .missing = missing, .unexpected = unexpected));
    assert_failed_with(CD_ERR_FORMAT,
                       "of the module's 9 tensors it lacks 2 (0.weight, "
                       "1.num_batches_tracked), and it holds 1 that the module lacks "
                       "(fc.weight)");
    assert_near(cd_module_tensor(m, "2.bias"), before, 0, 0);
    assert_int_equal(cd_dict_count(missing), 2);
    assert_string_equal(cd_dict_name(missing, 1), "1.num_batches_tracked");
    assert_int_equal(cd_dict_count(unexpected), 1);
    assert_string_equal(cd_dict_name(unexpected, 0), "fc.weight");
    assert_true(cd_load_state_dict(m, d, .partial = true));
    assert_near(cd_module_tensor(m, "2.bias"), cd_dict_get(d, "2.bias"), 0, 0);
    assert_false(cd_load_state_dict(m, cd_dict_new()));
    assert_failed_with(CD_ERR_FORMAT, "it lacks 9 (0.weight, 0.bias, 1.weight, ...)");
}

static void shapes_must_fit_and_nothing_changes(void **state)
{
    (void)state;
    cd_module *m = net();
    cd_dict *d = cd_state_dict(net());
    cd_tensor *before = cd_clone(cd_module_tensor(m, "0.weight"));
    assert_true(cd_dict_set(d, "2.bias", cd_ones(CD_SHAPE(3))));
    assert_false(cd_load_state_dict(m, d, .partial = true));
    assert_failed_with(CD_ERR_SHAPE, "\"2.bias\" is 3 in the dictionary and 2 in the module");
    assert_true(cd_dict_set(d, "head.bias", cd_ones(CD_SHAPE(3))));
    assert_false(cd_load_state_dict(m, d));
    assert_failed_with(CD_ERR_FORMAT,
                       "it lacks 0, and it holds 1 that the module lacks (head.bias); "
                       "\"2.bias\" is 3 in the dictionary and 2 in the module");
    assert_near(cd_module_tensor(m, "0.weight"), before, 0, 0);
    assert_false(cd_load_state_dict(m, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "load_state_dict: the dictionary");
}

/* --- copies ----------------------------------------------------------------------------------- */

static void a_copy_is_of_its_own(void **state)
{
    (void)state;
    cd_module *m = net();
    cd_tensor *x = cd_randn(CD_SHAPE(5, 3));
    assert_true(cd_backward(cd_sum(cd_forward(m, x))) && cd_eval(cd_module_get(m, "1")));
    assert_true(cd_freeze(cd_module_get(m, "2")));
    cd_module *copy = cd_module_copy(m);
    assert_true(!cd_is_training(cd_module_get(copy, "1")) && cd_is_training(copy));
    assert_true(cd_is_frozen(cd_module_get(copy, "2")));
    assert_false(cd_requires_grad(cd_module_tensor(copy, "2.weight")));
    assert_true(cd_requires_grad(cd_module_tensor(copy, "0.weight")));
    assert_null(cd_grad(cd_module_tensor(copy, "0.weight")));
    cd_tensor *y = cd_forward(m, x);
    assert_near(cd_forward(copy, x), y, 0, 0);
    assert_non_null(cd_init_constant_(cd_module_tensor(m, "0.weight"), 0));
    assert_near(cd_forward(copy, x), y, 0, 0);
}

static void a_copy_of_ones_own_class_has_its_fields(void **state)
{
    (void)state;
    cd_module *m = scaled_new();
    cd_tensor *x = cd_randn(CD_SHAPE(2, 3));
    scaled *copy = (scaled *)cd_module_copy(m);
    assert_ptr_equal(copy->inner, cd_module_get(&copy->module, "inner"));
    assert_ptr_equal(copy->scale, cd_module_tensor(&copy->module, "scale"));
    assert_ptr_not_equal(copy->inner, ((scaled *)m)->inner);
    assert_near(cd_forward(&copy->module, x), cd_forward(m, x), 0, 0);
}

static void what_is_shared_stays_shared(void **state)
{
    (void)state;
    cd_module *fc = cd_nn_linear(3, 3);
    cd_module *copy = cd_module_copy(cd_nn_sequential(fc, cd_nn_relu(), fc));
    assert_ptr_equal(cd_module_get(copy, "0"), cd_module_get(copy, "2"));
    assert_int_equal(cd_num_parameters(copy), 12);
}

/* 2^60 paths lead to the linear layer: each module is looked at once. */
static void a_copy_of_shared_modules_is_linear(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_linear(2, 3);
    for (int i = 0; i < 60; i++) m = cd_nn_sequential(m, m);
    cd_module *copy = cd_module_copy(m);
    for (int i = 0; i < 60; i++) {
        cd_module *first = cd_module_get(copy, "0");
        assert_ptr_equal(first, cd_module_get(copy, "1"));
        assert_ptr_not_equal(first, m);
        copy = first;
    }
    assert_string_equal(cd_module_name(copy), "Linear");
    assert_int_equal(cd_num_parameters(m), 9);
    for (int i = 0; i < 5; i++) m = cd_nn_sequential(cd_nn_relu(), m);
    assert_null(cd_module_copy(m));
    assert_failed_with(CD_ERR_STATE, "modules are nested deeper than 64");
}

static void a_loss_keeps_its_weight(void **state)
{
    (void)state;
    cd_tensor *x = cd_randn(CD_SHAPE(3, 2)), *y = cd_rand(CD_SHAPE(3, 2)), *expected;
    cd_module *copy = NULL;
    {
        CD_SCOPE();
        cd_module *loss = cd_nn_bce_with_logits_loss(.weight = cd_full(CD_SHAPE(2), 3));
        expected = cd_escape(cd_forward(loss, x, y));
        copy = cd_escape(cd_module_copy(loss));
    }
    assert_near(cd_forward(copy, x, y), expected, 0, 0);
}

static void nothing_to_destroy(cd_module *m)
{
    (void)m;
}

static void a_class_with_destroy_is_not_copied(void **state)
{
    (void)state;
    static const cd_module_class owner_class = {
        .name = "Owner", .size = sizeof(cd_module), .forward = pass, .destroy = nothing_to_destroy
    };
    assert_null(cd_module_copy(cd_nn_sequential(cd_module_new(&owner_class))));
    assert_failed_with(CD_ERR_UNSUPPORTED, "module_copy: the class Owner has a destroy function");
    assert_null(cd_module_copy(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "module_copy: the module");
}

/* --- dtypes ----------------------------------------------------------------------------------- */

static void a_module_changes_its_dtype(void **state)
{
    (void)state;
    cd_module *m = net();
    cd_tensor *x = cd_randn(CD_SHAPE(5, 3)), *w = cd_module_tensor(m, "0.weight");
    assert_true(cd_backward(cd_sum(cd_forward(m, x))));
    cd_tensor *before = cd_clone(cd_detach(w)), *grad = cd_clone(cd_grad(w));
    assert_true(cd_module_to_dtype(m, CD_F64));
    assert_ptr_equal(cd_module_tensor(m, "0.weight"), w);
    assert_int_equal(cd_dtype_of(w), CD_F64);
    assert_near(w, before, 0, 0);
    assert_int_equal(cd_dtype_of(cd_grad(w)), CD_F64);
    assert_near(cd_grad(w), grad, 0, 0);
    assert_int_equal(cd_dtype_of(cd_module_tensor(m, "1.running_mean")), CD_F64);
    assert_int_equal(cd_dtype_of(cd_module_tensor(m, "1.num_batches_tracked")), CD_I64);
    cd_tensor *y = cd_forward(m, cd_to(x, CD_F64));
    assert_int_equal(cd_dtype_of(y), CD_F64);
    assert_true(cd_backward(cd_sum(y)));
    assert_false(cd_module_to_dtype(m, CD_I64));
    assert_failed_with(CD_ERR_DTYPE,
                       "module_to_dtype: int64 is not floating: use CD_F32 or CD_F64");
    assert_true(cd_module_to_dtype(m, CD_F32));
    assert_near(w, before, 0, 0);
}

/* --- by name ---------------------------------------------------------------------------------- */

static void parameters_are_frozen_by_name(void **state)
{
    (void)state;
    cd_module *m = net();
    assert_true(cd_backward(cd_sum(cd_forward(m, cd_randn(CD_SHAPE(5, 3))))));
    assert_int_equal(cd_freeze_matching(m, "*.bias"), 3);
    assert_false(cd_requires_grad(cd_module_tensor(m, "1.bias")));
    assert_null(cd_grad(cd_module_tensor(m, "1.bias")));
    assert_true(cd_requires_grad(cd_module_tensor(m, "1.weight")));
    assert_true(cd_is_training(cd_module_get(m, "1")));
    assert_int_equal(cd_num_trainable_parameters(m), 12 + 4 + 8);
    assert_int_equal(cd_unfreeze_matching(m, "1.*"), 2); /* buffers are no parameters */
    assert_true(cd_requires_grad(cd_module_tensor(m, "1.bias")));
    assert_false(cd_requires_grad(cd_module_tensor(m, "0.bias")));
    assert_int_equal(cd_freeze_matching(m, "fc.*"), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "freeze_matching: no parameter's name matches \"fc.*\"");
    assert_int_equal(cd_unfreeze_matching(m, NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "unfreeze_matching: the pattern is NULL");
}

static void features_are_the_output_of_a_part(void **state)
{
    (void)state;
    cd_module *m = net();
    cd_tensor *x = cd_randn(CD_SHAPE(5, 3));
    assert_true(cd_eval(m));
    cd_tensor *f = cd_features(m, x, "1");
    assert_near(f, cd_forward(cd_module_get(m, "1"), cd_forward(cd_module_get(m, "0"), x)), 0, 0);
    assert_true(cd_requires_grad(f));
    assert_null(cd_features(m, x, "fc"));
    assert_failed_with(CD_ERR_ARGUMENT, "has no \"fc\"");
    assert_null(cd_features(m, cd_ones(CD_SHAPE(5, 2)), "1"));
    assert_failed_with(CD_ERR_SHAPE, "0 (Linear): linear:");
    cd_module *own = scaled_new();
    assert_true(cd_register_child(own, "idle", NULL, cd_nn_relu()));
    assert_null(cd_features(own, x, "idle"));
    assert_failed_with(CD_ERR_ARGUMENT, "features: \"idle\" was not called by the Scaled");
    assert_near(cd_features(own, x, "inner"), cd_forward(cd_module_get(own, "inner"), x), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_dictionary_keeps_its_order),
        TEST(what_a_dictionary_lacks_is_refused),
        TEST(state_shares_memory_with_the_module),
        TEST(loading_copies_values),
        TEST(values_are_converted),
        TEST(names_must_fit),
        TEST(shapes_must_fit_and_nothing_changes),
        TEST(a_copy_is_of_its_own),
        TEST(a_copy_of_ones_own_class_has_its_fields),
        TEST(what_is_shared_stays_shared),
        TEST(a_copy_of_shared_modules_is_linear),
        TEST(a_loss_keeps_its_weight),
        TEST(a_class_with_destroy_is_not_copied),
        TEST(a_module_changes_its_dtype),
        TEST(parameters_are_frozen_by_name),
        TEST(features_are_the_output_of_a_part),
    };
    return RUN(tests);
}
