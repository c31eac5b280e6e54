/* The classes of modules, optimizers, schedules and models: mistakes in a class are found, and a
 * model's size is that of its tensors. Options: test_options.c; objects made from them:
 * test_made_again.c. */
#include "goldens.h"

#include "core/memory_internal.h"
#include "models/card.h"
#include "models/model_class_internal.h"
#include "models/models.h"
#include "modules.h"
#include "nn/module_internal.h"
#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

/* --- lists ------------------------------------------------------------------------------------ */

static void the_lists_have_no_fault(void **state)
{
    (void)state;
    assert_ptr_equal(cd_module_classes_fault(cd_module_classes), NULL);
    assert_ptr_equal(cd_optimizer_classes_fault(cd_optimizer_classes), NULL);
    assert_ptr_equal(cd_scheduler_classes_fault(cd_scheduler_classes), NULL);
    assert_ptr_equal(cd_model_classes_fault(cd_model_classes), NULL);
}

static cd_module *make_nothing(const void *options)
{
    (void)options;
    return NULL;
}

static cd_module_class sound_module(void)
{
    return (cd_module_class){ .name = "Sound",
                              .size = sizeof(cd_module),
                              .inputs = 1,
                              .forward = pass,
                              .make = make_nothing };
}

static void expect_module_fault(cd_module_class c, const char *sentence)
{
    const cd_module_class *const list[] = { &cd_nn_relu_class, &c, NULL };
    const char *fault = cd_module_classes_fault(list);
    assert_that(fault && strstr(fault, sentence), "expected \"%s\", got \"%s\"", sentence,
                fault ? fault : "none");
}

static void broken_classes_of_modules_are_named(void **state)
{
    (void)state;
    static const cd_option broken[] = {
        { "x", .kind = CD_OPTION_REAL },
        CD_OPTIONS_END,
    };
    cd_module_class c = sound_module();
    const cd_module_class *const list[] = { &cd_nn_relu_class, &c, NULL };
    assert_ptr_equal(cd_module_classes_fault(list), NULL);
    expect_module_fault((c = sound_module(), c.name = NULL, c), "needs a name");
    expect_module_fault((c = sound_module(), c.forward = NULL, c), "needs a forward function");
    expect_module_fault((c = sound_module(), c.make = NULL, c), "needs a function that makes");
    expect_module_fault((c = sound_module(), c.size = 8, c), "needs the size of a struct");
    expect_module_fault((c = sound_module(), c.outputs = 9, c), "at most 8 outputs");
    expect_module_fault((c = sound_module(), c.name = "ReLU", c), "two classes have one name");
    expect_module_fault((c = sound_module(), c.options = broken, c), "an option has no field");
    c = sound_module();
    c.options = cd_nn_linear_class.options;
    c.options_at = sizeof(cd_module) - 4;
    c.options_bytes = 8;
    expect_module_fault(c, "must lie within its struct");
    c.options_at = SIZE_MAX - 4; /* at + bytes is 3 */
    expect_module_fault(c, "must lie within its struct");
    /* Printing a module without room for its options would read from a NULL pointer. */
    c = sound_module();
    c.options = cd_nn_linear_class.options;
    expect_module_fault(c, "reaches past the end of the options");
    assert_null(cd_module_new(&c));
    assert_failed_with(CD_ERR_ARGUMENT, "reaches past the end of the options");
    c = cd_nn_linear_class;
    c.name = "Sound";
    c.options_bytes = offsetof(cd_nn_linear_options, dtype); /* the last row's field */
    expect_module_fault(c, "reaches past the end of the options");
    static const cd_option constants[] = {
        { "fixed", .kind = CD_OPTION_CONSTANT, .text = "yes" },
        CD_OPTIONS_END,
    };
    c = sound_module();
    c.options = constants; /* needs no room */
    assert_ptr_equal(cd_module_classes_fault(list), NULL);
}

static cd_optimizer_class sound_optimizer(void)
{
    cd_optimizer_class c = cd_optim_sgd_class;
    c.name = "Sound";
    return c;
}

static void expect_optimizer_fault(cd_optimizer_class c, const char *sentence)
{
    const cd_optimizer_class *const list[] = { &cd_optim_sgd_class, &c, NULL };
    const char *fault = cd_optimizer_classes_fault(list);
    assert_that(fault && strstr(fault, sentence), "expected \"%s\", got \"%s\"", sentence,
                fault ? fault : "none");
}

static void broken_classes_of_optimizers_are_named(void **state)
{
    (void)state;
    cd_optimizer_class c = sound_optimizer();
    const cd_optimizer_class *const list[] = { &cd_optim_sgd_class, &c, NULL };
    assert_ptr_equal(cd_optimizer_classes_fault(list), NULL);
    expect_optimizer_fault((c = sound_optimizer(), c.name = "", c), "needs a name");
    expect_optimizer_fault((c = sound_optimizer(), c.function = NULL, c),
                           "needs the name of the function");
    expect_optimizer_fault((c = sound_optimizer(), c.attributes = NULL, c),
                           "needs a function for its op's attributes");
    expect_optimizer_fault((c = sound_optimizer(), c.op = NULL, c), "needs the op of a step");
    expect_optimizer_fault(
        (c = sound_optimizer(), c.state[1].kind = CD_STATE_NONE, c),
        "takes the parameter, its gradient, the rate, the momentum and the state");
    expect_optimizer_fault((c = sound_optimizer(), c.options = NULL, c), "needs a table");
    expect_optimizer_fault((c = sound_optimizer(), c.name = "SGD", c), "two optimizers");
    expect_optimizer_fault((c = sound_optimizer(), c.options_bytes = 0, c), "past the end");
}

static cd_scheduler_class sound_schedule(void)
{
    cd_scheduler_class c = cd_schedule_cosine_class;
    c.name = "Sound";
    return c;
}

static void expect_schedule_fault(cd_scheduler_class c, const char *sentence)
{
    const cd_scheduler_class *const list[] = { &cd_schedule_cosine_class, &c, NULL };
    const char *fault = cd_scheduler_classes_fault(list);
    assert_that(fault && strstr(fault, sentence), "expected \"%s\", got \"%s\"", sentence,
                fault ? fault : "none");
}

static void broken_classes_of_schedules_are_named(void **state)
{
    (void)state;
    cd_scheduler_class c = sound_schedule();
    const cd_scheduler_class *const list[] = { &cd_schedule_cosine_class, &c, NULL };
    assert_ptr_equal(cd_scheduler_classes_fault(list), NULL);
    expect_schedule_fault((c = sound_schedule(), c.name = NULL, c), "needs a name");
    expect_schedule_fault((c = sound_schedule(), c.function = NULL, c),
                          "needs the name of the function");
    expect_schedule_fault((c = sound_schedule(), c.rate = NULL, c), "a function for the rate");
    c = cd_schedule_chained_class;
    expect_schedule_fault((c.start = NULL, c), "needs a function for step 0");
    expect_schedule_fault((c = sound_schedule(), c.options = NULL, c), "needs a table");
    expect_schedule_fault((c = sound_schedule(), c.name = "CosineAnnealingLR", c),
                          "two schedules have one name");
    expect_schedule_fault((c = sound_schedule(), c.options_bytes = 0, c),
                          "begin with the optimizer");
    expect_schedule_fault((c = sound_schedule(), c.options_bytes = 8, c), "past the end");
}

static cd_model_class sound_model(void)
{
    cd_model_class c = cd_model_mlp_class;
    c.name = "sound";
    return c;
}

static void expect_model_fault(cd_model_class c, const char *sentence)
{
    const cd_model_class *const list[] = { &cd_model_mlp_class, &c, NULL };
    const char *fault = cd_model_classes_fault(list);
    assert_that(fault && strstr(fault, sentence), "expected \"%s\", got \"%s\"", sentence,
                fault ? fault : "none");
}

static void broken_classes_of_models_are_named(void **state)
{
    (void)state;
    cd_model_class c = sound_model();
    const cd_model_class *const list[] = { &cd_model_mlp_class, &c, NULL };
    assert_ptr_equal(cd_model_classes_fault(list), NULL);
    expect_model_fault((c = sound_model(), c.name = NULL, c), "needs a name");
    expect_model_fault((c = sound_model(), c.make = NULL, c), "needs a function that makes one");
    expect_model_fault((c = sound_model(), c.options = NULL, c), "needs a table");
    expect_model_fault((c = sound_model(), c.options_bytes = 129, c), "CD_MODEL_OPTIONS_BYTES");
    expect_model_fault((c = sound_model(), c.outputs_at = c.options_bytes - 4, c),
                       "how many outputs");
    expect_model_fault((c = sound_model(), c.name = "mlp", c), "two models have one name");
    c = sound_model();
    c.options_bytes = offsetof(cd_mlp_options, hidden_count); /* needed by the row "hidden" */
    expect_model_fault(c, "past the end");
}

/* --- sizes of models -------------------------------------------------------------------------- */

/* The expected sizes are torchvision's, or computed by hand. */
static void sizes_come_from_the_meta_device(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_model_spec spec;
    assert_true(cd_model_spec_read(&spec, "resnet18", NULL, CD_ERR_FORMAT, "test"));
    assert_int_equal(spec.elements, 11689512 + 2 * 4800 + 20);
    assert_int_equal(spec.tensors, 122);
    assert_true(cd_model_spec_read(&spec, "mlp",
                                   "{\"inputs\": 784, \"outputs\": 10, \"hidden\": "
                                   "[256, 128]}",
                                   CD_ERR_FORMAT, "test"));
    assert_int_equal(spec.elements, 785 * 256 + 257 * 128 + 129 * 10);
    assert_int_equal(spec.tensors, 6);
}

static void other_shapes_with_as_many_elements_do_not_fit(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_model_spec spec;
    assert_true(
        cd_model_spec_read(&spec, "mlp", "{\"inputs\": 4, \"outputs\": 2}", CD_ERR_FORMAT, "test"));
    cd_module *fits = cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(4, 2));
    cd_module *reshaped = cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(1, 5)); /* 10 elements */
    cd_module *renamed = cd_nn_sequential(cd_nn_linear(4, 2));
    cd_module *fewer = cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(4, 2, .no_bias = true));
    assert_true(cd_model_spec_fits(&spec, fits));
    assert_false(cd_model_spec_fits(&spec, reshaped));
    assert_false(cd_model_spec_fits(&spec, renamed));
    assert_false(cd_model_spec_fits(&spec, fewer));
    assert_ok();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_lists_have_no_fault),
        TEST(broken_classes_of_modules_are_named),
        TEST(broken_classes_of_optimizers_are_named),
        TEST(broken_classes_of_schedules_are_named),
        TEST(broken_classes_of_models_are_named),
        TEST(sizes_come_from_the_meta_device),
        TEST(other_shapes_with_as_many_elements_do_not_fit),
    };
    return RUN(tests);
}
