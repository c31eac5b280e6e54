/* .skip of cd_load, and the sentence about names and shapes that do not fit. */
#include "test.h"

#include <candela.h>

static const char *in_folder(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    return path;
}

/* A linear layer whose weight and bias have this value everywhere. */
static cd_module *filled(int64_t inputs, int64_t outputs, double value)
{
    CD_NO_GRAD();
    cd_module *m = cd_nn_linear(inputs, outputs);
    assert_non_null(cd_fill_(cd_module_tensor(m, "weight"), value));
    assert_non_null(cd_fill_(cd_module_tensor(m, "bias"), value));
    return m;
}

/* A trunk, and a head for so many classes. */
static cd_module *network(int64_t classes, double value)
{
    return cd_nn_module_dict({ "trunk", filled(2, 3, value) }, { "fc", filled(3, classes, value) });
}

static double value_of(cd_module *m, const char *name)
{
    return cd_item(cd_mean(cd_module_tensor(m, name)));
}

static const char *saved(cd_module *m)
{
    assert_true(cd_save(m, in_folder("m")));
    return in_folder("m");
}

/* The weights of a network of 10 classes for one of 2. */
static void a_new_head(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = network(2, 0);
    const char *path = saved(network(10, 7));
    int64_t loaded = 0;
    assert_true(cd_load(m, path, .skip = CD_SKIP("fc."), .loaded = &loaded));
    assert_int_equal(loaded, 2);
    assert_close(value_of(m, "trunk.weight"), 7, 0, 0);
    assert_close(value_of(m, "trunk.bias"), 7, 0, 0);
    assert_close(value_of(m, "fc.weight"), 0, 0, 0);
    assert_close(value_of(m, "fc.bias"), 0, 0, 0);
    assert_false(cd_load(m, path));
    assert_failed_with(CD_ERR_SHAPE, "and 1 more has another shape (.skip leaves tensors out)");
    assert_false(cd_load(m, path, .partial = true)); /* as PyTorch's strict=False */
    assert_failed_with(CD_ERR_SHAPE, "\"fc.weight\" is 10x3 in ");
    assert_false(cd_load(m, path, .skip = CD_SKIP("fc")));
    assert_failed_with(CD_ERR_FORMAT, ".skip has \"fc\", and neither the module nor ");
    assert_false(cd_load(m, path, .skip = CD_SKIP("fc.weight")));
    assert_failed_with(CD_ERR_SHAPE, "\"fc.bias\" is 10 in ");
}

static void names_of_one_side_alone(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *trunk = cd_nn_module_dict({ "trunk", filled(2, 3, 0) });
    assert_true(cd_load(trunk, saved(network(10, 7)), .skip = CD_SKIP("fc.")));
    assert_close(value_of(trunk, "trunk.bias"), 7, 0, 0);
    cd_module *m = network(2, 0);
    assert_true(cd_load(m, saved(trunk), .skip = CD_SKIP("fc.weight", "fc.bias")));
    assert_close(value_of(m, "trunk.bias"), 7, 0, 0);
    assert_close(value_of(m, "fc.bias"), 0, 0, 0);
    assert_false(cd_load(m, saved(trunk), .skip = CD_SKIP("fc.weight")));
    assert_failed_with(CD_ERR_FORMAT, "it lacks 1 (fc.bias)");
    assert_false(cd_load(m, saved(trunk), .skip = CD_SKIP("fc.", "head.")));
    assert_failed_with(CD_ERR_FORMAT, ".skip has \"head.\"");
}

/* .skip has the module's names: those that .map makes. */
static void skipped_after_renaming(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *file = cd_nn_module_dict({ "trunk", filled(2, 3, 7) }, { "head", filled(3, 9, 7) });
    cd_module *m = network(2, 0);
    const char *path = saved(file);
    assert_true(cd_load(m, path, .map = CD_MAP({ "head.", "fc." }), .skip = CD_SKIP("fc.")));
    assert_close(value_of(m, "trunk.weight"), 7, 0, 0);
    assert_close(value_of(m, "fc.weight"), 0, 0, 0);
    assert_true(cd_load(m, path, .skip = CD_SKIP("fc.", "head.")));
    assert_false(cd_load(m, path, .map = CD_MAP({ "head.", "fc." }), .skip = CD_SKIP("head.")));
    assert_failed_with(CD_ERR_FORMAT, ".skip has \"head.\"");
}

static void the_nearest_name_is_offered(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *other =
        cd_nn_module_dict({ "trunk", filled(2, 3, 7) }, { "classifier", filled(3, 2, 7) });
    assert_false(cd_load(network(2, 0), saved(other)));
    assert_failed_with(CD_ERR_FORMAT,
                       "perhaps its \"classifier.weight\" is \"fc.weight\": see .map");
    cd_module *deep = cd_nn_module_dict({ "net", network(2, 7) }, { "x", filled(1, 1, 0) });
    assert_false(cd_load(network(2, 0), saved(deep)));
    assert_failed_with(CD_ERR_FORMAT, "; perhaps .prefix = \"net.\" is meant");
    assert_true(cd_load(network(2, 0), saved(deep), .prefix = "net."));
    /* what was taken off all names of the file is part of it */
    cd_module *three = cd_nn_module_dict({ "a", network(2, 0) }, { "b", filled(1, 1, 0) },
                                         { "c", filled(1, 1, 0) });
    cd_module *below = cd_nn_module_dict({ "b", filled(1, 1, 7) }, { "c", filled(1, 1, 7) },
                                         { "x", cd_nn_module_dict({ "a", network(2, 7) }) });
    assert_false(cd_load(three, saved(cd_nn_module_dict({ "m", below }))));
    assert_failed_with(CD_ERR_FORMAT, "; perhaps .prefix = \"m.x.\" is meant");
    cd_module *misspelt =
        cd_nn_module_dict({ "trunk", filled(2, 3, 7) }, { "fd", filled(3, 2, 7) });
    assert_false(cd_load(network(2, 0), saved(misspelt)));
    assert_failed_with(CD_ERR_FORMAT, "perhaps its \"fd.weight\" is \"fc.weight\"");
    /* one of another shape is not meant */
    assert_false(cd_load(network(5, 0), saved(other)));
    assert_null(strstr(cd_error_message(), "perhaps"));
    cd_clear_error();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_head),
        TEST(names_of_one_side_alone),
        TEST(skipped_after_renaming),
        TEST(the_nearest_name_is_offered),
    };
    return RUN(tests);
}
