/* ModuleList, ModuleDict, ParameterList, ParameterDict, Unflatten, and children by number. The
 * printed texts are what PyTorch prints. */
#include "goldens.h"
#include "modules.h"

#include "core/threads.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

static void equal_neighbours_of_a_list_are_printed_once(void **state)
{
    (void)state;
    prints(cd_nn_module_list(cd_nn_linear(1, 2), cd_nn_linear(1, 2), cd_nn_relu(),
                             cd_nn_sequential(cd_nn_relu()), cd_nn_sequential(cd_nn_relu()),
                             cd_nn_sequential(cd_nn_tanh())),
           "ModuleList(\n"
           "  (0-1): 2 x Linear(in_features=1, out_features=2, bias=True)\n"
           "  (2): ReLU()\n"
           "  (3-4): 2 x Sequential(\n"
           "    (0): ReLU()\n"
           "  )\n"
           "  (5): Sequential(\n"
           "    (0): Tanh()\n"
           "  )\n"
           ")\n");
    prints(cd_nn_sequential(cd_nn_relu(), cd_nn_relu()), "Sequential(\n"
                                                         "  (0): ReLU()\n"
                                                         "  (1): ReLU()\n"
                                                         ")\n");
    prints(cd_nn_module_list_n(NULL, 0), "ModuleList()\n");
}

static void a_dict_is_printed_with_its_names(void **state)
{
    (void)state;
    prints(cd_nn_module_dict({ "b", cd_nn_relu() }, { "a", cd_nn_relu() }), "ModuleDict(\n"
                                                                            "  (b): ReLU()\n"
                                                                            "  (a): ReLU()\n"
                                                                            ")\n");
    prints(cd_nn_module_dict_n(NULL, 0), "ModuleDict()\n");
}

static void parameters_are_printed_by_size(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(2, 3)), *b = cd_ones(CD_SCALAR, .dtype = CD_F64);
    prints(cd_nn_parameter_list(a),
           "ParameterList(  (0): Parameter containing: [torch.float32 of size 2x3])\n");
    prints(cd_nn_sequential(cd_nn_parameter_list(a, b)),
           "Sequential(\n"
           "  (0): ParameterList(\n"
           "      (0): Parameter containing: [torch.float32 of size 2x3]\n"
           "      (1): Parameter containing: [torch.float64 of size ]\n"
           "  )\n"
           ")\n");
    prints(cd_nn_parameter_dict({ "w", a }),
           "ParameterDict(  (w): Parameter containing: [torch.FloatTensor of size 2x3])\n");
    prints(cd_nn_parameter_list_n(NULL, 0), "ParameterList()\n");
}

static void lists_of_parameters_are_neighbours_too(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(2)), *b = cd_zeros(CD_SHAPE(2)), *c = cd_ones(CD_SHAPE(3));
    prints(cd_nn_module_list(cd_nn_parameter_list(a), cd_nn_parameter_list(b),
                             cd_nn_parameter_list(c), cd_nn_parameter_list(c, c)),
           "ModuleList(\n"
           "  (0-1): 2 x ParameterList(  (0): Parameter containing: [torch.float32 of size 2])\n"
           "  (2): ParameterList(  (0): Parameter containing: [torch.float32 of size 3])\n"
           "  (3): ParameterList(\n"
           "      (0): Parameter containing: [torch.float32 of size 3]\n"
           "      (1): Parameter containing: [torch.float32 of size 3]\n"
           "  )\n"
           ")\n");
    prints(cd_nn_parameter_dict({ "w", cd_ones(CD_SHAPE(2), .dtype = CD_I64) }),
           "ParameterDict(  (w): Parameter containing: [torch.LongTensor of size 2])\n");
}

static void dims_are_printed_as_given(void **state)
{
    (void)state;
    prints(cd_nn_flatten(.start_dim = CD_ZERO), "Flatten(start_dim=0, end_dim=-1)\n");
    prints(cd_nn_unflatten(1, CD_SHAPE(2, -1)), "Unflatten(dim=1, unflattened_size=(2, -1))\n");
    prints(cd_nn_unflatten(-1, CD_SHAPE(2)), "Unflatten(dim=-1, unflattened_size=(2,))\n");
}

/* The names of a module's tensors, a line each. */
static bool write_name(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)t;
    (void)kind;
    return fprintf(user, "%s\n", name) > 0;
}

static void has_keys(cd_module *m, const char *expected)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *f = open_memstream(&text, &bytes);
    assert_non_null(f);
    assert_true(cd_visit(m, write_name, f));
    assert_int_equal(fclose(f), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void keys_are_those_of_state_dict(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(2)), *b = cd_ones(CD_SHAPE(3));
    cd_module *m = cd_nn_module_list(cd_nn_module_dict({ "fc", cd_nn_linear(1, 1) }),
                                     cd_nn_parameter_list(a, b), cd_nn_parameter_dict({ "w", a }));
    has_keys(m, "0.fc.weight\n0.fc.bias\n1.0\n1.1\n2.w\n");
    assert_true(cd_requires_grad(a) && cd_requires_grad(b));
    assert_int_equal(cd_num_parameters(m), 7);
    assert_ptr_equal(cd_module_tensor(m, "1.1"), b);
}

static void a_holder_of_modules_has_no_forward(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2));
    assert_null(cd_forward(cd_nn_module_list(cd_nn_relu()), x));
    assert_failed_with(CD_ERR_UNSUPPORTED, "a ModuleList only holds modules: call them one by one");
    assert_null(cd_forward(cd_nn_module_dict({ "a", cd_nn_relu() }), x, x));
    assert_failed_with(CD_ERR_UNSUPPORTED, "a ModuleDict only holds modules: call the one");
    assert_null(cd_forward(cd_nn_parameter_list(x), x));
    assert_failed_with(CD_ERR_UNSUPPORTED, "a ParameterList only holds parameters");
}

static void children_are_counted_from_both_ends(void **state)
{
    (void)state;
    cd_module *a = cd_nn_relu(), *b = cd_nn_tanh(), *m = cd_nn_module_dict({ "x", a }, { "y", b });
    assert_int_equal(cd_num_children(m), 2);
    assert_ptr_equal(cd_module_at(m, 0), a);
    assert_ptr_equal(cd_module_at(m, -1), b);
    assert_ptr_equal(cd_module_at(m, -2), a);
    assert_string_equal(cd_module_name_at(m, -1), "y");
    assert_null(cd_module_at(m, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "module_at: there is no child 2: the ModuleDict has 2");
    assert_null(cd_module_at(m, -3));
    assert_failed_with(CD_ERR_ARGUMENT, "no child -3");
    assert_null(cd_module_name_at(NULL, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "module_name_at");
    assert_int_equal(cd_num_children(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "num_children");
}

/* The classes of m's children: "ReLU Tanh ", and their names must be their numbers. */
static void holds(cd_module *m, const char *expected)
{
    char text[200] = "", number[16];
    for (int i = 0; i < cd_num_children(m); i++) {
        (void)snprintf(number, sizeof number, "%d", i);
        assert_string_equal(cd_module_name_at(m, i), number);
        (void)strcat(strcat(text, cd_module_name(cd_module_at(m, i))), " ");
    }
    assert_string_equal(text, expected);
}

static void children_go_in_and_out_by_number(void **state)
{
    (void)state;
    cd_module *m = cd_nn_sequential_n(NULL, 0), *silu = cd_nn_silu();
    assert_true(cd_module_append(m, cd_nn_relu()));
    assert_true(cd_module_append(m, cd_nn_tanh()));
    assert_true(cd_module_insert(m, 0, cd_nn_sigmoid()));
    assert_true(cd_module_insert(m, -1, silu));
    assert_true(cd_module_insert(m, 4, cd_nn_identity()));
    holds(m, "Sigmoid ReLU SiLU Tanh Identity ");
    assert_ptr_equal(cd_module_pop(m, 2), silu);
    holds(m, "Sigmoid ReLU Tanh Identity ");
    assert_string_equal(cd_module_name(cd_module_pop(m, -1)), "Identity");
    assert_true(cd_module_append(m, silu)); /* the number of the last one is free again */
    holds(m, "Sigmoid ReLU Tanh SiLU ");
}

static void places_that_are_not_there_are_refused(void **state)
{
    (void)state;
    cd_module *m = cd_nn_module_list(cd_nn_relu()), *fc = cd_nn_linear(1, 1);
    assert_false(cd_module_insert(m, 2, fc));
    assert_failed_with(CD_ERR_ARGUMENT, "there is no place 2: the ModuleList has 1 children");
    assert_false(cd_module_insert(m, -2, fc));
    assert_failed_with(CD_ERR_ARGUMENT, "no place -2");
    assert_null(cd_module_pop(m, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "module_pop: there is no child 1");
    assert_false(cd_module_append(m, m));
    assert_failed_with(CD_ERR_ARGUMENT, "cannot contain itself");
    assert_false(cd_module_append(m, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "module_append: the child");
    assert_false(cd_module_append(fc, m));
    assert_failed_with(CD_ERR_ARGUMENT, "the children of a Linear have names");
    assert_null(cd_module_pop(cd_nn_module_dict({ "a", fc }), 0));
    assert_failed_with(CD_ERR_ARGUMENT, "the children of a ModuleDict have names");
    holds(m, "ReLU ");
}

/* Named children would keep their names when others move. */
static void named_children_do_not_move(void **state)
{
    (void)state;
    cd_module *m = cd_nn_sequential_n(NULL, 0), *relu = cd_nn_relu();
    assert_true(cd_register_child(m, "a", NULL, relu));
    assert_true(cd_register_child(m, "b", NULL, cd_nn_tanh()));
    assert_null(cd_module_pop(m, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "module_pop: child 0 of the Sequential has the name \"a\"");
    assert_false(cd_module_insert(m, 0, cd_nn_silu()));
    assert_failed_with(CD_ERR_ARGUMENT, "module_insert: child 0 of the Sequential has the name");
    assert_int_equal(cd_num_children(m), 2);
    assert_ptr_equal(cd_module_get(m, "a"), relu);
    assert_true(cd_module_append(m, cd_nn_silu())); /* as PyTorch does */
    assert_string_equal(cd_module_name_at(m, 2), "2");
}

static bool pop_last(cd_module *m, const cd_arguments *a, void *user)
{
    (void)m;
    (void)a;
    CD_SCOPE();
    return cd_module_pop(user, -1) != NULL;
}

/* The child that runs is the one that its hook takes out. */
static void a_hook_may_take_children_out(void **state)
{
    (void)state;
    cd_module *m = cd_nn_sequential(cd_nn_relu(), cd_nn_identity(), cd_nn_sigmoid());
    cd_tensor *x = cd_full(CD_SHAPE(2), -1);
    assert_true(cd_register_forward_hook(cd_module_at(m, 1), pop_last, .user = m) > 0);
    assert_near(cd_forward(m, x), cd_zeros(CD_SHAPE(2)), 0, 0);
    holds(m, "ReLU Identity ");
    assert_near(cd_forward(m, x), cd_zeros(CD_SHAPE(2)), 0, 0);
    holds(m, "ReLU ");
}

static void what_is_popped_leaves_its_variable(void **state)
{
    (void)state;
    cd_module *m = cd_nn_module_list_n(NULL, 0), *slot = NULL;
    assert_true(cd_register_child(m, "0", &slot, cd_nn_relu()));
    assert_non_null(slot);
    assert_non_null(cd_module_pop(m, 0));
    assert_null(slot);
}

static void a_list_that_fails_leaves_its_tensors(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(2)), *computed;
    computed = cd_mul(cd_ones(CD_SHAPE(2), .requires_grad = true), 2);
    assert_null(cd_nn_parameter_list(a, computed));
    assert_failed_with(CD_ERR_AUTOGRAD, "a parameter must be a leaf");
    assert_null(cd_nn_parameter_dict({ "a", a }, { "a", a }));
    assert_failed_with(CD_ERR_ARGUMENT, "the ParameterDict has a \"a\" already");
    assert_false(cd_requires_grad(a));
    assert_non_null(cd_nn_parameter_dict({ "a", a }, { "b", a }));
    assert_true(cd_requires_grad(a));
}

static void lists_that_are_null_are_refused(void **state)
{
    (void)state;
    assert_null(cd_nn_module_list_n(NULL, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_module_list: 1 modules, and the list is NULL");
    assert_null(cd_nn_module_list(cd_nn_relu(), NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_module_list: module 1");
    assert_null(cd_nn_module_dict_n(NULL, -1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_module_dict: -1 modules, and the count must be 0");
    assert_null(cd_nn_module_dict({ "a", cd_nn_relu() }, { "a", cd_nn_relu() }));
    assert_failed_with(CD_ERR_ARGUMENT, "the ModuleDict has a \"a\" already");
    assert_null(cd_nn_parameter_list_n(NULL, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_parameter_list: 1");
    assert_null(cd_nn_parameter_dict({ "a", NULL }));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_parameter_dict: a parameter");
}

/* Each is put into the last one, so no check meets more than one level. */
static void a_chain_that_would_exhaust_the_stack_is_refused(void **state)
{
    (void)state;
    cd_module *top = cd_nn_sequential_n(NULL, 0), *m = top;
    cd_tensor *x = cd_ones(CD_SHAPE(1));
    for (int i = 0; i < 999; i++) {
        cd_module *next = cd_nn_sequential_n(NULL, 0);
        assert_true(cd_module_append(m, next));
        m = next;
    }
    assert_non_null(cd_forward(top, x));
    for (int i = 0; i < 50000; i++) {
        cd_module *next = cd_nn_sequential_n(NULL, 0);
        assert_true(cd_module_append(m, next));
        m = next;
    }
    assert_null(cd_forward(top, x));
    assert_failed_with(CD_ERR_STATE, "forward: Sequential is called within 1000 calls of modules");
    assert_non_null(cd_forward(m, x)); /* the count is right after an error */
}

static void an_error_names_the_child(void **state)
{
    (void)state;
    cd_module *m = cd_nn_sequential(cd_nn_relu(), cd_nn_sequential(cd_nn_linear(3, 4)));
    assert_null(cd_forward(m, cd_ones(CD_SHAPE(2, 5))));
    assert_failed_with(CD_ERR_SHAPE, "1 (Sequential): 0 (Linear): linear: ");
    assert_non_null(cd_forward(m, cd_ones(CD_SHAPE(2, 3))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(equal_neighbours_of_a_list_are_printed_once),
        TEST(a_dict_is_printed_with_its_names),
        TEST(parameters_are_printed_by_size),
        TEST(lists_of_parameters_are_neighbours_too),
        TEST(dims_are_printed_as_given),
        TEST(keys_are_those_of_state_dict),
        TEST(a_holder_of_modules_has_no_forward),
        TEST(children_are_counted_from_both_ends),
        TEST(children_go_in_and_out_by_number),
        TEST(places_that_are_not_there_are_refused),
        TEST(named_children_do_not_move),
        TEST(a_hook_may_take_children_out),
        TEST(what_is_popped_leaves_its_variable),
        TEST(a_list_that_fails_leaves_its_tensors),
        TEST(lists_that_are_null_are_refused),
        TEST(a_chain_that_would_exhaust_the_stack_is_refused),
        TEST(an_error_names_the_child),
    };
    return RUN(tests);
}
