/* The names of a file's tensors, changed on the way into a module: .map of cd_load; and the weights
 * that PyTorch saved of an nn.Sequential. */
#define GOLDEN_FILE "golden/sequential.safetensors"
#include "goldens.h"

#include <candela.h>

static const char *in_folder(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    return path;
}

/* A Linear of one input and one output, whose weight has this value; its bias is 0. */
static cd_module *one(double value)
{
    CD_NO_GRAD();
    cd_module *m = cd_nn_linear(1, 1);
    assert_non_null(cd_fill_(cd_module_tensor(m, "weight"), value));
    assert_non_null(cd_fill_(cd_module_tensor(m, "bias"), 0));
    return m;
}

/* A module whose children "a" and "b" have the weights 1 and 2. */
static cd_module *pair(void)
{
    return cd_nn_module_dict({ "a", one(1) }, { "b", one(2) });
}

/* A file of it. */
static const char *saved_pair(void)
{
    assert_true(cd_save(pair(), in_folder("pair")));
    return in_folder("pair");
}

static double weight_at(cd_module *m, const char *name)
{
    return cd_item(cd_module_tensor(m, name));
}

/* --- PyTorch's files -------------------------------------------------------------------------- */

/* The network of make_sequential.py, with other values. */
static cd_module *network(void)
{
    return cd_nn_sequential(cd_nn_conv2d(1, 3, 3, .padding = 1, .no_bias = true),
                            cd_nn_batch_norm2d(3), cd_nn_relu(), cd_nn_max_pool2d(2),
                            cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(27, 4)));
}

static void assert_gives_what_pytorch_gives(cd_module *m)
{
    CD_NO_GRAD();
    assert_true(cd_eval(m));
    assert_near(cd_forward(m, golden("x")), golden("y"), 1e-5, 1e-6);
}

static void a_state_dict_of_pytorchs_fits_the_same_tree(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = network();
    int64_t loaded = 0;
    assert_true(cd_load(m, test_path("golden/sequential.pth"), .loaded = &loaded));
    assert_int_equal(loaded, 8);
    assert_int_equal(cd_item_int(cd_module_tensor(m, "1.num_batches_tracked")), 3);
    assert_gives_what_pytorch_gives(m);
    /* And from there into a file of its own, which says what the tree is. */
    const cd_card card = { .source = "sequential.pth" };
    assert_true(cd_save_model(m, &card, in_folder("m.safetensors")));
    assert_gives_what_pytorch_gives(cd_load_model(in_folder("m.safetensors")));
}

static void a_state_dict_of_pytorchs_fits_a_tree_with_other_names(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = network();
    cd_module *parts = cd_nn_module_dict(
        { "trunk", cd_nn_sequential(cd_module_get(m, "0"), cd_module_get(m, "1")) },
        { "head", cd_module_get(m, "4.1") });
    assert_true(cd_load(parts, test_path("golden/sequential.pth"),
                        .map = CD_MAP({ "", "trunk." }, { "4.1.", "head." })));
    assert_gives_what_pytorch_gives(m);
}

/* --- rules ------------------------------------------------------------------------------------ */

static void prefixes_and_names_are_renamed(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_module_dict({ "first", one(0) }, { "b", one(0) });
    assert_true(cd_load(m, saved_pair(), .map = CD_MAP({ "a.", "first." })));
    assert_close(weight_at(m, "first.weight"), 1, 0, 0);
    assert_close(weight_at(m, "b.weight"), 2, 0, 0);
    /* One tensor alone, and another that becomes what the module lacks. */
    m = pair();
    assert_true(cd_load(m, saved_pair(), .partial = true,
                        .map = CD_MAP({ "a.weight", "c" }, { "b.weight", "a.weight" })));
    assert_close(weight_at(m, "a.weight"), 2, 0, 0);
    assert_close(weight_at(m, "b.weight"), 2, 0, 0);
}

static void two_modules_are_exchanged(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = pair();
    assert_true(cd_load(m, saved_pair(), .map = CD_MAP({ "a.", "b." }, { "b.", "a." })));
    assert_close(weight_at(m, "a.weight"), 2, 0, 0);
    assert_close(weight_at(m, "b.weight"), 1, 0, 0);
}

static void the_longest_rule_that_fits_is_followed(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_true(cd_save(cd_nn_module_dict({ "net", pair() }), in_folder("m")));
    cd_module *m = cd_nn_module_dict({ "x", one(0) }, { "a", one(0) });
    for (int order = 0; order < 2; order++) {
        const cd_rename shorter = { "net.", "" }, longer = { "net.b.", "x." };
        assert_true(cd_load(m, in_folder("m"),
                            .map = CD_MAP(order ? shorter : longer, order ? longer : shorter)));
        assert_close(weight_at(m, "x.weight"), 2, 0, 0);
        assert_close(weight_at(m, "a.weight"), 1, 0, 0);
        assert_true(cd_load(m, saved_pair(), .map = CD_MAP({ "b.", "x." })));
    }
}

static void prefixes_are_taken_off_before(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *wrapped = cd_nn_module_dict({ "module", pair() }), *m;
    assert_true(cd_save(wrapped, in_folder("m")));
    m = cd_nn_module_dict({ "first", one(0) }, { "b", one(0) });
    assert_true(cd_load(m, in_folder("m"), .map = CD_MAP({ "a.", "first." })));
    assert_close(weight_at(m, "first.weight"), 1, 0, 0);
    m = one(0);
    assert_true(
        cd_load(m, in_folder("m"), .prefix = "module.b.", .map = CD_MAP({ "weight", "weight" })));
    assert_close(weight_at(m, "weight"), 2, 0, 0);
    m = cd_nn_module_dict({ "first", one(0) }, { "b", one(0) });
    assert_true(cd_load(m, in_folder("m"), .prefix = "",
                        .map = CD_MAP({ "module.", "" }, { "module.a.", "first." })));
    assert_close(weight_at(m, "first.weight"), 1, 0, 0);
}

/* --- refused ---------------------------------------------------------------------------------- */

#define ASSERT_REFUSED(code_, part_, ...)                                                          \
    do {                                                                                           \
        cd_module *m_ = pair();                                                                    \
        assert_false(cd_load(m_, saved_pair(), __VA_ARGS__));                                      \
        assert_failed_with(code_, part_);                                                          \
        assert_close(weight_at(m_, "a.weight"), 1, 0, 0);                                          \
    } while (0)

static void rules_that_cannot_be_meant_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    ASSERT_REFUSED(CD_ERR_ARGUMENT, "load: .map has two rules for \"a.\"",
                   .map = CD_MAP({ "a.", "b." }, { "b.", "a." }, { "a.", "c." }));
    ASSERT_REFUSED(CD_ERR_ARGUMENT, "renames \"a.\" to NULL", .map = CD_MAP({ "a.", NULL }));
    ASSERT_REFUSED(CD_ERR_ARGUMENT,
                   "renames what is below \"a.\" to \"x\", which must end with a dot too",
                   .map = CD_MAP({ "a.", "x" }));
    ASSERT_REFUSED(CD_ERR_ARGUMENT, "renames \"a.bias\", one tensor, to \"x.\"",
                   .map = CD_MAP({ "a.bias", "x." }));
    ASSERT_REFUSED(CD_ERR_ARGUMENT, "renames \"a.bias\", one tensor, to \"\"",
                   .map = CD_MAP({ "a.bias", "" }));
}

static void a_rule_that_renames_nothing_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    ASSERT_REFUSED(CD_ERR_FORMAT, "the rule of .map for \"c.\" renames no tensor of ",
                   .map = CD_MAP({ "c.", "a." }));
    ASSERT_REFUSED(CD_ERR_FORMAT, "the rule of .map for \"a.weights\" renames no tensor of ",
                   .map = CD_MAP({ "a.weights", "a.weight" }), .partial = true);
    ASSERT_REFUSED(CD_ERR_FORMAT, "the rule of .map for \"c.\" renames no tensor of ",
                   .map = CD_MAP({ "a.", "a." }, { "c.", "d." }));
    ASSERT_REFUSED(CD_ERR_FORMAT, ": end it and what it becomes with a dot",
                   .map = CD_MAP({ "a", "b" }));
    ASSERT_REFUSED(CD_ERR_FORMAT, ": longer rules rename all that it would",
                   .map = CD_MAP({ "a.", "b." }, { "a.weight", "x" }, { "a.bias", "y" }));
}

static void two_tensors_of_one_name_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    ASSERT_REFUSED(CD_ERR_FORMAT, "by .map the tensors \"b.weight\" and \"a.weight\" of ",
                   .map = CD_MAP({ "a.", "b." }));
    ASSERT_REFUSED(CD_ERR_FORMAT, " would both be \"b.weight\"", .map = CD_MAP({ "a.", "b." }),
                   .partial = true);
    ASSERT_REFUSED(CD_ERR_FORMAT, "by .map the tensors \"a.weight\" and \"b.weight\" of ",
                   .map = CD_MAP({ "a.weight", "b.bias" }, { "b.weight", "b.bias" },
                                 { "b.bias", "b.weight" }));
}

static void what_does_not_fit_is_said(void **state)
{
    (void)state;
    CD_SCOPE();
    ASSERT_REFUSED(CD_ERR_FORMAT,
                   "does not fit the module (its names renamed by .map): of the module's 4 tensors "
                   "it lacks 2 (a.weight, a.bias), and it holds 2 that the module lacks (a.bias, "
                   "a.weight)",
                   .map = CD_MAP({ "a.", "c." }));
    /* Longer than any name in a file. */
    static char longest[5000];
    memset(longest, 'x', sizeof longest - 2);
    longest[sizeof longest - 2] = '.';
    ASSERT_REFUSED(CD_ERR_FORMAT, "renames no tensor of ", .map = CD_MAP({ longest, "a." }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_state_dict_of_pytorchs_fits_the_same_tree),
        TEST(a_state_dict_of_pytorchs_fits_a_tree_with_other_names),
        TEST(prefixes_and_names_are_renamed),
        TEST(two_modules_are_exchanged),
        TEST(the_longest_rule_that_fits_is_followed),
        TEST(prefixes_are_taken_off_before),
        TEST(rules_that_cannot_be_meant_are_refused),
        TEST(a_rule_that_renames_nothing_is_refused),
        TEST(two_tensors_of_one_name_are_refused),
        TEST(what_does_not_fit_is_said),
    };
    return RUN(tests);
}
