/* Backward hooks of modules. What they see and do is what PyTorch 2.15 printed for the same calls,
 * but for gradients of inputs that require none: PyTorch gives zeros, and Candela NULL. */
#include "goldens.h"
#include "modules.h"

#include "autograd/activation.h"
#include "autograd/hooks.h"
#include "core/memory_internal.h"

static char seen[1024];

static void note(const char *format, const char *name)
{
    const size_t used = strlen(seen);
    (void)snprintf(seen + used, sizeof seen - used, format, name);
}

/* The elements of each, as "[3,4] - ". */
static void list(cd_tensor *const *t, int count)
{
    for (int i = 0; i < count; i++) {
        if (!t[i]) note("%s", "- ");
        for (int64_t k = 0; t[i] && k < cd_numel(t[i]); k++) {
            char number[32];
            (void)snprintf(number, sizeof number, "%s%.4g%s", k ? "" : "[", element(t[i], k),
                           k + 1 < cd_numel(t[i]) ? "," : "] ");
            note("%s", number);
        }
    }
}

static bool show(cd_module *m, const cd_module_gradients *g, void *user)
{
    (void)m;
    note("%s: ", user);
    list(g->grad_input, g->inputs);
    note("%s", "of ");
    list(g->grad_output, g->outputs);
    return true;
}

static bool show_before(cd_module *m, cd_tensor **grad_output, int outputs, void *user)
{
    (void)m;
    note("%s: ", user);
    list(grad_output, outputs);
    return true;
}

static bool triple(cd_module *m, const cd_module_gradients *g, void *user)
{
    (void)m;
    (void)user;
    g->grad_input[0] = cd_mul(g->grad_input[0], 3);
    return cd_ok();
}

static bool double_before(cd_module *m, cd_tensor **grad_output, int outputs, void *user)
{
    (void)m;
    (void)user;
    assert_int_equal(outputs, 1);
    grad_output[0] = cd_mul(grad_output[0], 2);
    return cd_ok();
}

#define saw(expected_)                                                                             \
    do {                                                                                           \
        assert_ok();                                                                               \
        assert_string_equal(seen, expected_);                                                      \
        seen[0] = '\0';                                                                            \
    } while (0)

static cd_tensor *vector(float a, float b, bool requires_grad)
{
    const float values[] = { a, b };
    return cd_set_requires_grad(cd_from_array(values, CD_SHAPE(2)), requires_grad);
}

/* (a, b, c?) -> a b, a + b, and an output without history. */
static bool two_forward(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = cd_mul(a->in[0], a->in[1]);
    a->out[1] = cd_add(a->in[0], a->in[1]);
    a->out[2] = cd_ones(CD_SHAPE(1));
    return cd_ok();
}

static const cd_module_class two_class = { .name = "ProductAndSum",
                                           .size = sizeof(cd_module),
                                           .inputs = 3,
                                           .outputs = 3,
                                           .optional_inputs = 4,
                                           .forward = two_forward };

static void several_inputs_and_outputs(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_module_new(&two_class);
    cd_tensor *a = vector(1, 2, true), *in[] = { a, vector(3, 4, false), NULL }, *out[3];
    assert_true(cd_register_full_backward_hook(m, show, .user = "hook"));
    assert_true(cd_register_full_backward_pre_hook(m, show_before, .user = "pre"));
    assert_true(cd_forward_n(m, in, 3, out, 3));
    assert_string_equal(cd_grad_fn_name(out[0]), "BackwardHookFunctionBackward");
    assert_false(cd_requires_grad(out[2]));
    assert_true(cd_backward(cd_sum(out[0]), .retain_graph = true));
    saw("pre: [1,1] - - hook: [3,4] - - of [1,1] - - ");
    assert_true(cd_backward(cd_sum(out[1])));
    saw("pre: - [1,1] - hook: [1,1] - - of - [1,1] - ");
    assert_near(cd_grad(a), vector(4, 5, false), 0, 0);
}

static void hooks_replace_gradients(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_relu();
    cd_tensor *a = vector(1, 2, true);
    assert_true(cd_register_full_backward_hook(m, triple));
    assert_true(cd_register_full_backward_hook(m, show, .user = "second"));
    assert_true(cd_register_full_backward_pre_hook(m, double_before));
    assert_true(cd_backward(cd_sum(cd_forward(m, a))));
    saw("second: [6,6] of [2,2] ");
    assert_near(cd_grad(a), vector(6, 6, false), 0, 0);
}

static int warnings;
static void count_warning(cd_log_level level, const char *message, void *user)
{
    (void)user;
    warnings += level == CD_LOG_WARNING && strstr(message, "no input requires gradients");
}

static void without_inputs_that_require_gradients(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_linear(2, 1);
    cd_tensor *x = vector(3, 4, false);
    const int64_t id = cd_register_full_backward_hook(m, show, .user = "linear");
    assert_true(cd_register_full_backward_pre_hook(m, double_before));
    cd_set_logger(count_warning, NULL);
    assert_true(cd_backward(cd_sum(cd_forward(m, x))));
    saw("linear: - of [2] ");
    assert_int_equal(warnings, 1);
    assert_near(cd_grad(cd_module_tensor(m, "weight")),
                cd_view(vector(6, 8, false), CD_SHAPE(1, 2)), 0, 0);
    assert_true(cd_module_remove_hook(m, id));
    assert_true(cd_backward(cd_sum(cd_forward(m, x))));
    assert_int_equal(warnings, 1);
    cd_set_logger(NULL, NULL);
}

static bool put_one(cd_module *m, const cd_module_gradients *g, void *user)
{
    (void)m;
    g->grad_input[0] = cd_ones(CD_SHAPE(*(const int64_t *)user));
    return cd_ok();
}

static void wrong_gradients_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    int64_t size = 3;
    cd_module *m = cd_nn_linear(2, 1), *relu = cd_nn_relu();
    assert_true(cd_register_full_backward_hook(m, put_one, .user = &size));
    assert_true(cd_register_full_backward_hook(relu, put_one, .user = &size));
    assert_false(cd_backward(cd_sum(cd_forward(m, vector(1, 2, false)))));
    assert_failed_with(CD_ERR_AUTOGRAD, "of a Linear of which no input requires gradients, must "
                                        "leave grad_input NULL");
    cd_tensor *a = vector(1, 2, true);
    assert_false(cd_backward(cd_sum(cd_forward(relu, a))));
    assert_failed_with(CD_ERR_SHAPE, "of ReLU, gave a gradient of shape 3 for one of shape 2");
    assert_null(cd_grad(a));
    assert_int_equal(cd_register_full_backward_hook(m, NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "register_full_backward_hook: the hook is NULL");
    assert_int_equal(cd_register_full_backward_pre_hook(NULL, double_before), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
}

static bool refuse(cd_module *m, const cd_module_gradients *g, void *user)
{
    (void)m;
    (void)g;
    return user ? cd_fail(CD_ERR_STATE, "not today") : false;
}

static void a_hook_that_fails_ends_the_pass(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_relu();
    cd_tensor *a = vector(1, 2, true);
    const int64_t id = cd_register_full_backward_hook(m, refuse, .user = m);
    assert_false(cd_backward(cd_sum(cd_forward(m, a))));
    assert_failed_with(CD_ERR_STATE, "not today");
    assert_true(cd_module_remove_hook(m, id));
    assert_true(cd_register_full_backward_hook(m, refuse));
    assert_false(cd_backward(cd_sum(cd_forward(m, a))));
    assert_failed_with(CD_ERR_STATE, "of a ReLU, failed without saying why");
    assert_null(cd_grad(a));
}

static int gone;
static void count_gone(void *user)
{
    (void)user;
    gone++;
}

typedef struct removal {
    int64_t first, second;
} removal;

/* Removes itself and the next one, which still runs in this pass. */
static bool remove_both(cd_module *m, const cd_module_gradients *g, void *user)
{
    const removal *r = user;
    (void)g;
    note("%s", "removes ");
    return cd_module_remove_hook(m, r->first) && cd_module_remove_hook(m, r->second) && gone == 0;
}

static void hooks_are_removed_while_they_run(void **state)
{
    (void)state;
    CD_SCOPE();
    removal r;
    gone = 0;
    cd_module *m = cd_nn_relu();
    cd_tensor *a = vector(1, 2, true);
    r.first = cd_register_full_backward_hook(m, remove_both, .user = &r, .destroy = count_gone);
    r.second = cd_register_full_backward_hook(m, show, .user = "second", .destroy = count_gone);
    cd_tensor *y = cd_sum(cd_forward(m, a));
    assert_true(cd_backward(y, .retain_graph = true));
    saw("removes second: [1,1] of [1,1] ");
    assert_int_equal(gone, 2);
    assert_true(cd_backward(y));
    saw("");
    assert_string_equal(cd_grad_fn_name(cd_forward(m, a)), "ReluBackward0");
}

/* Those that are registered after a call do not belong to it. */
static void hooks_belong_to_later_calls(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_relu();
    cd_tensor *a = vector(1, 2, true);
    assert_true(cd_register_full_backward_hook(m, show, .user = "first"));
    cd_tensor *y = cd_sum(cd_forward(m, a));
    assert_true(cd_register_full_backward_hook(m, show, .user = "late"));
    assert_true(cd_backward(y));
    saw("first: [1,1] of [1,1] ");
}

/* The graph keeps the module alive, and lets it go at its end. */
static void a_module_lives_as_long_as_its_graph(void **state)
{
    (void)state;
    CD_SCOPE();
    gone = 0;
    cd_tensor *a = vector(1, 2, true);
    {
        CD_SCOPE();
        cd_tensor *y;
        {
            CD_SCOPE();
            cd_module *m = cd_nn_relu();
            assert_true(
                cd_register_full_backward_hook(m, show, .user = "kept", .destroy = count_gone));
            y = cd_escape(cd_sum(cd_forward(m, a)));
        }
        assert_int_equal(gone, 0);
        assert_true(cd_backward(y));
        saw("kept: [1,1] of [1,1] ");
    }
    assert_int_equal(gone, 1);
}

/* A pass through the gradient of a pass does not come through the module's outputs. */
static void the_second_derivative_runs_no_hook(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_tanh();
    cd_tensor *a = vector(1, 2, true);
    assert_true(cd_register_full_backward_hook(m, show, .user = "tanh"));
    cd_tensor *y = cd_sum(cd_forward(m, a));
    cd_tensor *g = cd_autograd_grad(y, a, .create_graph = true);
    saw("tanh: [0.42,0.07065] of [1,1] ");
    assert_true(cd_backward(cd_sum(g)));
    saw("");
    cd_tensor *right = cd_detach(cd_tanh(a));
    assert_near(cd_grad(a), cd_mul(cd_mul(right, -2), cd_sub(1, cd_mul(right, right))), 1e-5, 1e-6);
}

static cd_tensor *leaf;
static cd_tensor *side; /* made of the leaf, in aside_forward */

/* A pass within the pass, which comes to the inputs and not through the outputs. */
static cd_tensor *run_a_pass_aside(cd_tensor *gradient, void *user)
{
    (void)gradient;
    (void)user;
    cd_tensor *g = cd_autograd_grad(side, leaf, .retain_graph = true);
    note("%s", "aside ");
    list(&g, 1);
    return NULL;
}

static bool aside_forward(cd_module *m, const cd_arguments *a)
{
    (void)m;
    side = cd_sum(cd_mul(a->in[0], 5));
    a->out[0] = cd_mul(a->in[0], 2);
    return cd_register_hook(a->out[0], run_a_pass_aside) != 0 && cd_escape(side) != NULL;
}

/* The gradients of the outputs are left for the pass that came through them alone. */
static void a_pass_within_a_pass_takes_nothing_of_it(void **state)
{
    (void)state;
    static const cd_module_class class_ = { .name = "Aside",
                                            .size = sizeof(cd_module),
                                            .inputs = 1,
                                            .outputs = 1,
                                            .forward = aside_forward };
    CD_SCOPE();
    cd_module *m = cd_module_new(&class_);
    leaf = vector(1, 2, true);
    assert_true(cd_register_full_backward_hook(m, show, .user = "hook"));
    assert_true(cd_backward(cd_sum(cd_forward(m, leaf))));
    saw("aside [5,5] hook: [2,2] of [1,1] ");
    assert_near(cd_grad(leaf), vector(2, 2, false), 0, 0);
}

/* A pass to the weight alone leaves nothing behind, though no hook takes the gradient of y. */
static void a_pass_that_goes_on_to_no_input(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_linear(2, 1);
    cd_tensor *a = vector(1, 2, true), *weight = cd_module_tensor(m, "weight");
    assert_true(cd_register_full_backward_hook(m, show, .user = "linear"));
    assert_true(cd_register_full_backward_pre_hook(m, show_before, .user = "pre"));
    cd_tensor *y = cd_sum(cd_forward(m, a));
    assert_non_null(cd_autograd_grad(y, weight, .create_graph = true));
    saw("pre: [1] ");
}

static void without_a_graph_nothing_changes(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *m = cd_nn_relu();
    cd_tensor *a = vector(1, 2, true);
    assert_true(cd_register_full_backward_hook(m, show, .user = "relu"));
    assert_false(cd_requires_grad(cd_forward(m, a)));
}

static void outputs_cannot_be_changed_in_place(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_relu(), *in_place = cd_nn_relu(.inplace = true);
    cd_tensor *a = vector(1, 2, true);
    assert_true(cd_register_full_backward_hook(m, show, .user = "relu"));
    assert_true(cd_register_full_backward_hook(in_place, show, .user = "relu"));
    assert_null(cd_add_(cd_forward(m, a), 1));
    assert_failed_with(CD_ERR_AUTOGRAD, "is changed in place in grad mode");
    assert_null(cd_forward(in_place, cd_mul(a, 1)));
    assert_failed_with(CD_ERR_AUTOGRAD, "is changed in place in grad mode");
}

static int64_t allocations_left;

static bool no_memory_left(size_t bytes)
{
    (void)bytes;
    return allocations_left-- <= 0;
}

/* Whichever allocation fails, the call or the pass fails, and nothing leaks. */
static void without_memory(void **state)
{
    (void)state;
    int failed = 0;
    for (bool done = false; !done; failed += !done) {
        CD_SCOPE();
        cd_module *m = cd_nn_tanh();
        cd_tensor *a = vector(1, 2, true);
        assert_true(cd_register_full_backward_hook(m, triple));
        assert_true(cd_register_full_backward_pre_hook(m, double_before));
        allocations_left = failed;
        cd_memory_fault_hook = no_memory_left;
        cd_tensor *y = cd_sum(cd_forward(m, a));
        done = y && cd_backward(y);
        cd_memory_fault_hook = NULL;
        if (!done) {
            assert_failed_with(CD_ERR_MEMORY, "");
            assert_null(cd_grad(a));
        }
    }
    assert_true(failed > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(several_inputs_and_outputs),
        TEST(hooks_replace_gradients),
        TEST(without_inputs_that_require_gradients),
        TEST(wrong_gradients_are_refused),
        TEST(a_hook_that_fails_ends_the_pass),
        TEST(hooks_are_removed_while_they_run),
        TEST(hooks_belong_to_later_calls),
        TEST(a_module_lives_as_long_as_its_graph),
        TEST(the_second_derivative_runs_no_hook),
        TEST(a_pass_within_a_pass_takes_nothing_of_it),
        TEST(a_pass_that_goes_on_to_no_input),
        TEST(without_a_graph_nothing_changes),
        TEST(outputs_cannot_be_changed_in_place),
        TEST(without_memory),
    };
    return RUN(tests);
}
