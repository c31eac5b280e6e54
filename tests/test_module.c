/* Modules: classes, registering, visiting by name, printing, paths, replacing children. */
#include "hostile.h"

#include "goldens.h"
#include "modules.h"

#include "core/threads.h"
#include "models/models.h"
#include "nn/module_internal.h"
#include "nn/state_dict.h"
#include "optim/optim.h"

/* --- classes, registering -----------------------------------------------------------------------
 */

static void class_without_forward_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_module_new(&(cd_module_class){ .name = "X", .size = sizeof(cd_module) }));
    assert_failed_with(CD_ERR_ARGUMENT, "module_new: a class needs");
    assert_null(cd_module_new(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "module_new");
}

static void class_smaller_than_a_module_is_refused(void **state)
{
    (void)state;
    cd_module_class c = pass_class;
    c.size = sizeof(cd_module) - 1;
    assert_null(cd_module_new(&c));
    assert_failed_with(CD_ERR_ARGUMENT, "size of a struct");
}

static void class_with_too_many_outputs_is_refused(void **state)
{
    (void)state;
    cd_module_class c = pass_class;
    c.outputs = 9;
    assert_null(cd_module_new(&c));
    assert_failed_with(CD_ERR_ARGUMENT, "at most 8 outputs");
}

static void names_must_be_new_and_plain(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_module_new(&pass_class);
    cd_tensor *t = cd_ones(CD_SHAPE(2));
    assert_true(cd_register_buffer(m, "a", NULL, t));
    assert_false(cd_register_buffer(m, "a", NULL, t));
    assert_failed_with(CD_ERR_ARGUMENT, "the Pass has a \"a\" already");
    assert_false(cd_register_child(m, "a", NULL, cd_nn_relu()));
    assert_failed_with(CD_ERR_ARGUMENT, "already");
    assert_false(cd_register_buffer(m, "a.b", NULL, t));
    assert_failed_with(CD_ERR_ARGUMENT, "\"a.b\" is no name");
    assert_false(cd_register_buffer(m, "", NULL, t));
    assert_failed_with(CD_ERR_ARGUMENT, "is no name");
    assert_false(cd_register_child(m, NULL, NULL, cd_nn_relu()));
    assert_failed_with(CD_ERR_ARGUMENT, "\"NULL\" is no name");
    assert_true(cd_register_buffer(m, "ab", NULL, t)); /* "a" is only a prefix of it */
}

static void refused_parameter_is_left_as_it_was(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_module_new(&pass_class);
    cd_tensor *t = cd_ones(CD_SHAPE(2)), *slot = t;
    assert_false(cd_register_parameter(m, "a.b", &slot, t));
    assert_failed_with(CD_ERR_ARGUMENT, "is no name");
    assert_false(cd_requires_grad(t));
    assert_ptr_equal(slot, t);
}

static void parameter_requires_gradients_when_floating(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_module_new(&pass_class);
    cd_tensor *f = cd_ones(CD_SHAPE(2)), *i = cd_arange(2), *b = cd_ones(CD_SHAPE(2));
    assert_true(cd_register_parameter(m, "f", NULL, f));
    assert_true(cd_register_parameter(m, "i", NULL, i));
    assert_true(cd_register_buffer(m, "b", NULL, b));
    assert_true(cd_requires_grad(f));
    assert_false(cd_requires_grad(i));
    assert_false(cd_requires_grad(b));
}

static void computed_tensor_is_no_parameter(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_module_new(&pass_class);
    cd_tensor *y = cd_mul(cd_ones(CD_SHAPE(2), .requires_grad = true), 2);
    assert_false(cd_register_parameter(m, "y", NULL, y));
    assert_failed_with(CD_ERR_AUTOGRAD, "must be a leaf");
}

static void absent_values_are_registered_and_left_out(void **state)
{
    (void)state;
    cd_tensor *slot = NULL; /* outlives the module, which may write to it until its end */
    CD_SCOPE();
    cd_module *m = cd_module_new(&pass_class);
    assert_true(cd_register_parameter(m, "bias", &slot, NULL));
    assert_true(cd_register_child(m, "downsample", NULL, NULL));
    assert_null(slot);
    assert_int_equal(cd_num_parameters(m), 0);
    assert_null(cd_module_tensor(m, "bias"));
    assert_failed_with(CD_ERR_ARGUMENT, "absent");
    assert_null(cd_module_get(m, "downsample"));
    assert_failed_with(CD_ERR_ARGUMENT, "absent");
    assert_false(cd_register_buffer(m, "bias", NULL, cd_ones(CD_SCALAR)));
    assert_failed_with(CD_ERR_ARGUMENT, "already");
}

static void null_after_an_error_registers_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_module_new(&pass_class);
    assert_false(cd_register_child(m, "fc", NULL, cd_nn_linear(-1, 2)));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_linear: in_features is -1, and must be 0 or more");
    assert_null(cd_module_get(m, "fc"));
    assert_failed_with(CD_ERR_ARGUMENT, "has no \"fc\"");
}

static void absent_child_can_be_put_in(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_module_new(&pass_class), *slot = NULL;
    assert_true(cd_register_child(m, "extra", &slot, NULL));
    assert_true(cd_module_set(m, "extra", cd_nn_linear(2, 2)));
    assert_non_null(slot);
    assert_int_equal(cd_num_parameters(m), 6);
}

static void wrong_kind_of_object_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_module_new(&pass_class);
    assert_false(cd_register_child(m, "x", NULL, (cd_module *)(void *)cd_ones(CD_SCALAR)));
    assert_failed_with(CD_ERR_ARGUMENT, "is a tensor, not a module");
    assert_false(cd_register_buffer(m, "x", NULL, (cd_tensor *)(void *)cd_nn_relu()));
    assert_failed_with(CD_ERR_ARGUMENT, "is a module, not a tensor");
    assert_false(cd_register_buffer(NULL, "x", NULL, cd_ones(CD_SCALAR)));
    assert_failed_with(CD_ERR_ARGUMENT, "register: the module is NULL");
}

static void module_cannot_contain_itself(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_module_new(&pass_class);
    assert_false(cd_register_child(m, "x", NULL, m));
    assert_failed_with(CD_ERR_ARGUMENT, "cannot contain itself");
    cd_module *outer = cd_nn_sequential(cd_nn_sequential(m));
    assert_false(cd_register_child(m, "x", NULL, outer));
    assert_failed_with(CD_ERR_ARGUMENT, "register_child: a module cannot contain itself");
}

/* root.0.0 = holder, where holder contains root.0: a cycle that does not contain root. */
static void cycle_below_the_root_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *middle = cd_nn_sequential(cd_nn_relu());
    cd_module *root = cd_nn_sequential(middle), *holder = cd_nn_sequential(middle);
    assert_false(cd_module_set(root, "0.0", holder));
    assert_failed_with(CD_ERR_ARGUMENT, "module_set: a module cannot contain itself");
    assert_string_equal(cd_module_name(cd_module_get(root, "0.0")), "ReLU");
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_relu();
    for (int i = 0; i < 64; i++) m = cd_nn_sequential(m);
    assert_ok();
    assert_true(cd_eval(m));
    m = cd_nn_sequential(m); /* 65 levels below the outermost */
    m = cd_ok() ? cd_nn_sequential(m) : m;
    assert_failed_with(CD_ERR_STATE, "nested deeper than 64");
}

/* A nest of 40 levels is found at the first level, and again below 40 others. */
static void nesting_is_bounded_where_modules_are_shared(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *shared = cd_nn_relu(), *bottom = cd_nn_sequential(cd_nn_relu()), *m = bottom;
    for (int i = 0; i < 40; i++) shared = cd_nn_sequential(shared);
    for (int i = 0; i < 40; i++) m = cd_nn_sequential(m);
    cd_module *root = cd_nn_sequential(shared, m);
    assert_non_null(cd_module_copy(root));
    assert_true(cd_module_set(bottom, "0", shared));
    assert_null(cd_module_copy(root));
    assert_failed_with(CD_ERR_STATE, "nested deeper than 64");
}

/* --- names and visiting -------------------------------------------------------------------------
 */

static bool write_entry(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    cd_shape shape = cd_shape_of(t);
    fprintf(user, "%s (", name);
    for (int i = 0; i < shape.ndim; i++) {
        fprintf(user, i ? ", %lld" : "%lld", (long long)shape.dim[i]);
    }
    fprintf(user, shape.ndim == 1 ? ",)\n" : ")\n");
    return true;
}

static void resnet18_has_the_names_and_shapes_of_torchvision(void **state)
{
    (void)state;
    CD_SCOPE();
    char *text = NULL, *expected = read_text(test_path("golden/nn_resnet18_names.txt"));
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_true(cd_visit(cd_resnet18(), write_entry, stream));
    fclose(stream);
    assert_string_equal(text, expected);
    free(text);
    free(expected);
}

static void resnet18_has_62_parameters_and_60_buffers(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_resnet18();
    int count[3] = { 0 };
    assert_true(cd_visit(m, count_kinds, count));
    assert_int_equal(count[CD_PARAMETER], 62);
    assert_int_equal(count[CD_BUFFER], 60);
    assert_int_equal(cd_num_parameters(m), 11689512);
    assert_int_equal(cd_num_trainable_parameters(m), 11689512);
}

static void module_prints_as_pytorch_does(void **state)
{
    (void)state;
    CD_SCOPE();
    char *text = NULL, *expected = read_text(test_path("golden/nn_resnet18_print.txt"));
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_true(cd_print_module(stream, cd_resnet18()));
    fclose(stream);
    assert_string_equal(text, expected);
    free(text);
    free(expected);
}

static void printed_is(cd_module *m, const char *expected)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_true(cd_print_module(stream, m));
    fclose(stream);
    assert_string_equal(text, expected);
    free(text);
}

static void description_beside_children_has_its_own_line(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_module_new(&described_class);
    printed_is(m, "Described(described=yes)\n");
    assert_true(cd_register_child(m, "act", NULL, cd_nn_relu()));
    printed_is(cd_nn_sequential(m), "Sequential(\n"
                                    "  (0): Described(\n"
                                    "    described=yes\n"
                                    "    (act): ReLU()\n"
                                    "  )\n"
                                    ")\n");
}

static void sequential_without_steps_prints_as_pytorch_does(void **state)
{
    (void)state;
    CD_SCOPE();
    printed_is(cd_nn_sequential_n(NULL, 0), "Sequential()\n");
}

static void printing_reports_a_full_stream(void **state)
{
    (void)state;
    CD_SCOPE();
    char room[8];
    FILE *stream = fmemopen(room, sizeof room, "w");
    setvbuf(stream, NULL, _IONBF, 0);
    assert_false(cd_print_module(stream, cd_nn_sequential(cd_nn_relu())));
    fclose(stream);
    assert_failed_with(CD_ERR_IO, "could not be written");
    assert_false(cd_print_module(NULL, cd_nn_relu()));
    assert_failed_with(CD_ERR_ARGUMENT, "print_module: the stream is NULL");
}

/* Calls that visit a module fail with their own name in the message, not with cd_visit's. */
static void calls_without_a_module_name_themselves(void **state)
{
    (void)state;
    CD_SCOPE();
#define REFUSES(call_, name_)                                                                      \
    ((void)(call_), assert_failed_with(CD_ERR_ARGUMENT, name_ ": the module is NULL"))
    REFUSES(cd_train(NULL), "train");
    REFUSES(cd_eval(NULL), "eval");
    REFUSES(cd_freeze(NULL), "freeze");
    REFUSES(cd_unfreeze(NULL), "unfreeze");
    REFUSES(cd_num_parameters(NULL), "num_parameters");
    REFUSES(cd_num_trainable_parameters(NULL), "num_trainable_parameters");
    REFUSES(cd_module_zero_grad(NULL), "zero_grad");
    REFUSES(cd_print_module(stdout, NULL), "print_module");
    (void)cd_eval((cd_module *)(void *)cd_ones(CD_SCALAR));
    assert_failed_with(CD_ERR_ARGUMENT, "eval: the module is a tensor, not a module");
#undef REFUSES
}

static bool stop_at_second(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)t;
    (void)kind;
    return ++*(int *)user < 2;
}

static void visitor_can_stop(void **state)
{
    (void)state;
    CD_SCOPE();
    int seen = 0;
    assert_false(cd_visit(cd_resnet18(), stop_at_second, &seen));
    assert_int_equal(seen, 2);
    assert_ok();
}

typedef struct replacing {
    cd_module *root;
    int seen;
} replacing;

static bool replace_first(const char *name, cd_module *m, void *user)
{
    (void)m;
    replacing *r = user;
    r->seen++;
    CD_SCOPE();
    return strcmp(name, "0") != 0 || cd_module_set(r->root, "0", cd_nn_flatten());
}

/* The visit of a child that was replaced goes on below it. */
static void visitor_may_replace_what_it_visits(void **state)
{
    (void)state;
    CD_SCOPE();
    replacing r = { .seen = 0 };
    {
        CD_SCOPE();
        r.root = cd_escape(cd_nn_sequential(cd_nn_sequential(cd_nn_relu(), cd_nn_relu())));
    }
    assert_true(cd_visit_modules(r.root, replace_first, &r));
    assert_int_equal(r.seen, 4);
    assert_string_equal(cd_module_name(cd_module_get(r.root, "0")), "Flatten");
}

static void a_visit_needs_a_visitor(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_relu();
    assert_false(cd_visit_modules(m, NULL, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "visit_modules: the visitor is NULL");
    assert_false(cd_visit(m, NULL, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "visit: the visitor is NULL");
}

static void names_that_are_too_long_are_an_error(void **state)
{
    (void)state;
    CD_SCOPE();
    char name[1100];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    cd_module *m = cd_module_new(&pass_class);
    assert_true(cd_register_buffer(m, name, NULL, cd_ones(CD_SCALAR)));
    int count[3];
    assert_false(cd_visit(m, count_kinds, count));
    assert_failed_with(CD_ERR_STATE, "longer than 1023 bytes");
}

/* --- paths --------------------------------------------------------------------------------------
 */

static void paths_lead_to_modules_and_tensors(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_resnet18(.num_classes = 3);
    assert_string_equal(cd_module_name(cd_module_get(m, "layer2.0.downsample.1")), "BatchNorm2d");
    cd_tensor *w = cd_module_tensor(m, "layer4.1.conv2.weight");
    assert_int_equal(cd_size(w, 0), 512);
    assert_int_equal(cd_numel(cd_module_tensor(m, "fc.bias")), 3);
    assert_int_equal(cd_ndim(cd_module_tensor(m, "bn1.num_batches_tracked")), 0);
    assert_ok();
}

static void wrong_paths_say_which_part_is_missing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_resnet18(.num_classes = 3);
    assert_null(cd_module_get(m, "layer1.7.conv1"));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "module_get: \"layer1.7.conv1\": the Sequential has no \"7\"");
    assert_null(cd_module_tensor(m, "fc.weight.data"));
    assert_failed_with(CD_ERR_ARGUMENT, "\"weight\" is no module, so nothing is below it");
    assert_null(cd_module_get(m, "fc.weight"));
    assert_failed_with(CD_ERR_ARGUMENT, "see cd_module_tensor");
    assert_null(cd_module_tensor(m, "fc"));
    assert_failed_with(CD_ERR_ARGUMENT, "see cd_module_get");
    assert_null(cd_module_tensor(m, ""));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "module_tensor: the path is empty, and must be one such as");
    assert_false(cd_module_set(m, "", cd_nn_relu()));
    assert_failed_with(CD_ERR_ARGUMENT, "module_set: the path is empty");
    assert_null(cd_module_get(m, "fc."));
    assert_failed_with(CD_ERR_ARGUMENT, "module_get: \"fc.\" has an empty part");
    assert_null(cd_module_get(NULL, ""));
    assert_failed_with(CD_ERR_ARGUMENT, "module_get: the module");
    assert_null(cd_module_get(m, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the path is NULL");
}

static void the_empty_path_is_the_module_itself(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_relu();
    assert_ptr_equal(cd_module_get(m, ""), m);
    assert_near(cd_features(m, cd_full(CD_SHAPE(1), 3), ""), cd_full(CD_SHAPE(1), 3), 0, 0);
}

static void tensors_and_new_names_cannot_be_set(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(cd_nn_linear(2, 2));
    assert_false(cd_module_set(m, "0.weight", cd_nn_relu()));
    assert_failed_with(CD_ERR_ARGUMENT, "is a tensor, not a module");
    assert_false(cd_module_set(m, "1", cd_nn_relu()));
    assert_failed_with(CD_ERR_ARGUMENT, "the Sequential has no \"1\"");
    assert_false(cd_module_set(m, "0", NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the child is NULL");
}

static void replaced_child_is_the_one_that_runs(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_resnet18(.num_classes = 3);
    assert_true(cd_module_set(m, "fc", cd_nn_linear(512, 7)));
    assert_int_equal(cd_numel(cd_module_tensor(m, "fc.bias")), 7);
    CD_NO_GRAD();
    assert_true(cd_eval(m));
    assert_int_equal(cd_size(cd_forward(m, cd_zeros(CD_SHAPE(1, 3, 33, 33))), 1), 7);
}

static void handle_to_a_replaced_child_stays_good(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(cd_nn_linear(2, 2));
    cd_module *before = cd_module_get(m, "0");
    cd_drop(before);
    before = cd_module_get(m, "0");
    assert_true(cd_module_set(m, "0", cd_nn_linear(2, 3)));
    assert_int_equal(cd_num_parameters(before), 6);
}

/* The module is the child's only owner. */
static void a_child_may_be_set_to_what_it_is(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m;
    {
        CD_SCOPE();
        m = cd_escape(cd_nn_sequential(cd_nn_linear(2, 3)));
    }
    {
        CD_SCOPE();
        cd_module *child = cd_module_get(m, "0");
        assert_true(cd_drop(child));
        assert_true(cd_module_set(m, "0", child));
    }
    assert_int_equal(cd_num_parameters(m), 9);
    assert_int_equal(cd_size(cd_forward(m, cd_ones(CD_SHAPE(1, 2))), 1), 3);
    assert_ok();
}

static void optimizer_made_before_holds_the_old_child(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(cd_nn_linear(2, 2));
    cd_optimizer *sgd = cd_optim_sgd(m, .lr = 1);
    cd_module *fresh = cd_nn_linear(2, 2);
    assert_true(cd_module_set(m, "0", fresh));
    cd_tensor *bias = cd_module_tensor(fresh, "bias");
    double before = element(bias, 0);
    assert_true(cd_backward(cd_sum(cd_forward(m, cd_ones(CD_SHAPE(1, 2))))));
    assert_true(cd_step(sgd));
    assert_close(element(bias, 0), before, 0, 0);
    assert_non_null(cd_grad(bias));
}

static void children_can_be_added_to_a_sequential(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(cd_nn_linear(2, 3));
    assert_true(cd_register_child(m, "1", NULL, cd_nn_linear(3, 5)));
    assert_int_equal(cd_size(cd_forward(m, cd_ones(CD_SHAPE(4, 2))), 1), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(class_without_forward_is_refused),
        TEST(class_smaller_than_a_module_is_refused),
        TEST(class_with_too_many_outputs_is_refused),
        TEST(names_must_be_new_and_plain),
        TEST(refused_parameter_is_left_as_it_was),
        TEST(parameter_requires_gradients_when_floating),
        TEST(computed_tensor_is_no_parameter),
        TEST(absent_values_are_registered_and_left_out),
        TEST(null_after_an_error_registers_nothing),
        TEST(absent_child_can_be_put_in),
        TEST(wrong_kind_of_object_is_refused),
        TEST(module_cannot_contain_itself),
        TEST(cycle_below_the_root_is_refused),
        TEST(nesting_is_bounded),
        TEST(nesting_is_bounded_where_modules_are_shared),
        TEST(resnet18_has_the_names_and_shapes_of_torchvision),
        TEST(resnet18_has_62_parameters_and_60_buffers),
        TEST(module_prints_as_pytorch_does),
        TEST(description_beside_children_has_its_own_line),
        TEST(sequential_without_steps_prints_as_pytorch_does),
        TEST(printing_reports_a_full_stream),
        TEST(calls_without_a_module_name_themselves),
        TEST(visitor_can_stop),
        TEST(visitor_may_replace_what_it_visits),
        TEST(a_visit_needs_a_visitor),
        TEST(names_that_are_too_long_are_an_error),
        TEST(paths_lead_to_modules_and_tensors),
        TEST(wrong_paths_say_which_part_is_missing),
        TEST(the_empty_path_is_the_module_itself),
        TEST(tensors_and_new_names_cannot_be_set),
        TEST(replaced_child_is_the_one_that_runs),
        TEST(handle_to_a_replaced_child_stays_good),
        TEST(a_child_may_be_set_to_what_it_is),
        TEST(optimizer_made_before_holds_the_old_child),
        TEST(children_can_be_added_to_a_sequential),
    };
    return RUN(tests);
}
