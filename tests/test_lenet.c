/* LeNet: PyTorch's numbers, options, saving. */
#define GOLDEN_FILE "golden/lenet.safetensors"
#include "goldens.h"

#include <candela.h>

#include "modules.h"

/* A visitor: compares the norm of the gradient of each parameter with the next of the list. */
typedef struct norms {
    cd_tensor *expected;
    int64_t next;
} norms;

static bool compare_gradient(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    norms *n = user;
    CD_SCOPE();
    CD_NO_GRAD();
    const double norm = cd_item(cd_sqrt(cd_sum(cd_square(cd_grad(t)))));
    assert_close(norm, element(n->expected, n->next++), 1e-4, 0);
    return true;
}

static void check(const char *name, cd_lenet_options o, int64_t inputs, int64_t size)
{
    CD_SCOPE();
    cd_manual_seed(3);
    cd_module *m = cd_lenet_with(o);
    cd_tensor *y = cd_forward(m, cd_randn(CD_SHAPE(2, inputs, size, size)));
    assert_near(y, golden("%s.y", name), 1e-4, 1e-6);
    assert_true(cd_backward(cd_sum(cd_square(y))));
    norms n = { .expected = golden("%s.grad", name) };
    assert_true(cd_visit(m, compare_gradient, &n));
    assert_int_equal(n.next, 10);
}

static void it_computes_what_pytorch_computes(void **state)
{
    (void)state;
    check("mnist", (cd_lenet_options){ .inputs = 0 }, 1, 28);
    check("colour", (cd_lenet_options){ .inputs = 3, .size = 33, .outputs = 7 }, 3, 33);
    check("smallest", (cd_lenet_options){ .size = 12, .outputs = 2 }, 1, 12);
}

static void it_is_a_sequential(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_lenet();
    assert_int_equal(cd_num_parameters(m), 61706);
    prints(m, "Sequential(\n"
              "  (0): Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))\n"
              "  (1): ReLU()\n"
              "  (2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)\n"
              "  (3): Conv2d(6, 16, kernel_size=(5, 5), stride=(1, 1))\n"
              "  (4): ReLU()\n"
              "  (5): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)\n"
              "  (6): Flatten(start_dim=1, end_dim=-1)\n"
              "  (7): Linear(in_features=400, out_features=120, bias=True)\n"
              "  (8): ReLU()\n"
              "  (9): Linear(in_features=120, out_features=84, bias=True)\n"
              "  (10): ReLU()\n"
              "  (11): Linear(in_features=84, out_features=10, bias=True)\n"
              ")\n");
}

static void options_out_of_bounds_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_lenet(.size = 11));
    assert_failed_with(CD_ERR_ARGUMENT, "lenet: .size is 11, and must be from 12 to 4096");
    assert_null(cd_lenet(.inputs = -1));
    assert_failed_with(CD_ERR_ARGUMENT, "lenet: .inputs is -1");
    assert_null(cd_lenet(.outputs = -1));
    assert_failed_with(CD_ERR_ARGUMENT, "lenet: .outputs is -1");
}

static void it_is_saved_by_its_name(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    char path[512];
    (void)snprintf(path, sizeof path, "%s/m.safetensors", test_folder());
    cd_module *m = cd_lenet(.inputs = 3, .size = 33, .outputs = 7);
    const cd_card card = { .architecture = "lenet",
                           .options = "{\"inputs\": 3, \"size\": 33, \"outputs\": 7}" };
    assert_true(cd_save_model(m, &card, path));
    cd_card *back;
    cd_tensor *x = cd_randn(CD_SHAPE(1, 3, 33, 33));
    assert_near(cd_forward(cd_load_model(path, .card = &back), x), cd_forward(m, x), 0, 0);
    assert_string_equal(back->architecture, "lenet");
    /* The card of another size. */
    const cd_card wrong = { .architecture = "lenet", .options = "{\"inputs\": 3}" };
    assert_false(cd_save_model(m, &wrong, path));
    assert_failed_with(CD_ERR_ARGUMENT, "");
    m = cd_make_model("lenet", NULL);
    assert_int_equal(cd_num_parameters(m), 61706);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_computes_what_pytorch_computes),
        TEST(it_is_a_sequential),
        TEST(options_out_of_bounds_are_refused),
        TEST(it_is_saved_by_its_name),
    };
    return RUN(tests);
}
