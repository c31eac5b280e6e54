/* Devices in a program: making and moving tensors; moving, training, saving and loading models; and
 * errors. test_devices.c tests each op on devices. */
#include "modules.h"
#include "op_run.h"
#include "twin.h"

#include "autograd/function.h"
#include "autograd/gradcheck.h"
#include "autograd/product_ops.h"
#include "core/memory_internal.h"
#include "core/tensor_internal.h"
#include "io/checkpoint.h"
#include "io/dataset_make.h"
#include "models/models.h"
#include "models/run.h"
#include "nn/init.h"
#include "optim/optim.h"

/* --- constructors ----------------------------------------------------------------------------- */

enum {
    CONSTRUCTORS = 18,
    WITH_VALUES = CONSTRUCTORS - 2 /* the others leave elements undefined */
};

/* Makes a tensor on the device with each constructor. `x` is a transposed matrix on that device,
 * for the constructors whose result is like another tensor. */
static void make_all(cd_device device, const cd_tensor *x, cd_tensor **t)
{
    const float values[6] = { 1, 2, 3, 4, 5, 6 };
    const cd_shape shape = CD_SHAPE(2, 3);
    int n = 0;
    t[n++] = cd_zeros(shape, .device = device, .dtype = CD_F64);
    t[n++] = cd_ones(shape, .device = device, .requires_grad = true);
    t[n++] = cd_full(shape, 7, .device = device, .dtype = CD_I64);
    t[n++] = cd_rand(shape, .device = device);
    t[n++] = cd_randn(CD_SHAPE(5, 5), .device = device);
    t[n++] = cd_randint(0, 10, shape, .device = device);
    t[n++] = cd_randperm(9, .device = device);
    t[n++] = cd_arange(5, .device = device);
    t[n++] = cd_linspace(0, 1, 7, .device = device);
    t[n++] = cd_eye(3, .device = device, .columns = 4);
    t[n++] = cd_zeros_like(x);
    t[n++] = cd_ones_like(x);
    t[n++] = cd_full_like(x, 2);
    t[n++] = cd_rand_like(x);
    t[n++] = cd_randn_like(x);
    t[n++] = cd_from_array(values, shape, .device = device, .requires_grad = true);
    t[n++] = cd_empty_like(x);
    t[n++] = cd_empty(shape, .device = device);
    assert_int_equal(n, CONSTRUCTORS);
    assert_ok();
}

static void constructors_on_each_device(void **state)
{
    (void)state;
    cd_tensor *cpu[CONSTRUCTORS], *there[CONSTRUCTORS], *meta[CONSTRUCTORS];
    const cd_tensor *x = cd_t(cd_zeros(CD_SHAPE(4, 3)));
    cd_manual_seed(3);
    make_all(CD_CPU, x, cpu);
    cd_manual_seed(3);
    make_all(twin(), cd_t(cd_zeros(CD_SHAPE(4, 3), .device = twin())), there);
    const double next = cd_item(cd_rand(CD_SCALAR));
    cd_manual_seed(3);
    make_all(CD_CPU, x, cpu);
    assert_true(cd_item(cd_rand(CD_SCALAR)) == next);
    make_all(CD_META, cd_t(cd_zeros(CD_SHAPE(4, 3), .device = CD_META)), meta);
    for (int i = 0; i < CONSTRUCTORS; i++) {
        assert_true(cd_device_of(there[i]) == twin() && cd_device_of(meta[i]) == CD_META);
        assert_true(cd_requires_grad(there[i]) == cd_requires_grad(cpu[i]));
        if (i < WITH_VALUES) assert_that(same_bits(there[i], cpu[i]), "constructor %d", i);
        assert_true(cd_shape_equal(cd_shape_of(meta[i]), cd_shape_of(cpu[i])) &&
                    cd_dtype_of(meta[i]) == cd_dtype_of(cpu[i]));
    }
    assert_true(cd_device_of(cd_zeros_like(there[0], .device = CD_CPU)) == CD_CPU);
    assert_true(cd_device_of(cd_rand_like(cpu[0], .device = CD_META)) == CD_META);
}

static void nothing_is_drawn_for_the_meta_device(void **state)
{
    (void)state;
    cd_manual_seed(11);
    const double first = cd_item(cd_rand(CD_SCALAR));
    cd_manual_seed(11);
    cd_tensor *x = cd_rand(CD_SHAPE(100), .device = CD_META);
    (void)cd_uniform_(x, 0, 1);
    (void)cd_bernoulli(x);
    (void)cd_randperm(10, .device = CD_META);
    assert_true(cd_item(cd_rand(CD_SCALAR)) == first);
}

/* The twin draws after its launch returns. A later draw on the CPU, a later look at the generator's
 * state and the end of the generator must wait for that. */
static void the_host_draws_after_the_device(void **state)
{
    (void)state;
    enum { N = 40 };
    unsigned char state_g[CD_RNG_STATE_BYTES], state_h[CD_RNG_STATE_BYTES];
    cd_generator *g = cd_generator_new(5), *h = cd_generator_new(5);
    cd_tensor *a = cd_rand(CD_SHAPE(N), .generator = g);
    cd_tensor *b = cd_rand(CD_SHAPE(N), .generator = h, .device = twin());
    assert_true(cd_generator_get_state(h, state_h, sizeof state_h));
    assert_true(cd_generator_get_state(g, state_g, sizeof state_g));
    assert_memory_equal(state_g, state_h, sizeof state_g);
    assert_true(same_bits(a, b));
    a = cd_randn(CD_SHAPE(N), .generator = g);
    b = cd_randn(CD_SHAPE(N), .generator = h, .device = twin());
    assert_true(
        same_bits(cd_rand(CD_SHAPE(3), .generator = g), cd_rand(CD_SHAPE(3), .generator = h)));
    assert_true(same_bits(a, b));
    b = cd_rand(CD_SHAPE(N), .generator = h, .device = twin());
    (void)cd_drop(h);
    assert_true(same_bits(cd_rand(CD_SHAPE(N), .generator = g), b));
}

/* --- from device to device -------------------------------------------------------------------- */

static void gradients_return_to_the_leafs_device(void **state)
{
    (void)state;
    cd_tensor *x = cd_from_array(((const float[]){ 1, 2, 3 }), CD_SHAPE(3), .requires_grad = true);
    cd_tensor *y = cd_to_device(x, twin());
    assert_string_equal(cd_grad_fn_name(y), "ToCopyBackward0");
    assert_true(cd_to_device(y, twin()) == y);
    assert_true(cd_backward(cd_sum(cd_mul(y, y))));
    assert_true(cd_device_of(cd_grad(x)) == CD_CPU);
    assert_true(cd_item(cd_sum(cd_grad(x))) == 12);
    /* A leaf on the twin, and a loss on the CPU. */
    cd_tensor *w = cd_ones(CD_SHAPE(3), .device = twin(), .requires_grad = true);
    assert_true(cd_backward(cd_sum(cd_mul(cd_to_device(w, CD_CPU), x))));
    assert_true(cd_device_of(cd_grad(w)) == twin());
    assert_true(same_bits(cd_grad(w), x));
}

/* As in PyTorch, a 0-d tensor on the CPU may be an operand beside tensors on another device. It has
 * a gradient, and later changes of it count. */
static void a_number_beside_a_device(void **state)
{
    (void)state;
    cd_tensor *number = cd_full(CD_SCALAR, 3, .requires_grad = true);
    cd_tensor *x = cd_ones(CD_SHAPE(4), .device = twin());
    for (int i = 0; i < 2; i++) {
        cd_tensor *y = i == 0 ? cd_mul(x, number) : cd_mul(number, x);
        assert_true(cd_device_of(y) == twin());
        assert_true(cd_backward(cd_sum(y)));
    }
    assert_true(cd_device_of(cd_grad(number)) == CD_CPU);
    assert_true(cd_item(cd_grad(number)) == 8);
    {
        CD_NO_GRAD();
        (void)cd_fill_(number, 5);
    }
    assert_true(cd_item(cd_sum(cd_mul(x, number))) == 20);
    assert_true(cd_device_of(cd_add(cd_zeros(CD_SHAPE(2), .device = CD_META), number)) == CD_META);
}

static void copies_cross_devices(void **state)
{
    (void)state;
    cd_tensor *x = cd_arange(6), *y = cd_zeros(CD_SHAPE(2, 3), .device = twin());
    (void)cd_copy_(y, cd_view(x, CD_SHAPE(2, 3)));
    assert_true(cd_item(cd_select(cd_select(y, 0, 1), 0, 2)) == 5);
    /* From a transposed tensor, into every second column of another. */
    cd_tensor *part = cd_slice(cd_zeros(CD_SHAPE(3, 4)), 1, 0, 4, 2);
    (void)cd_copy_(part, cd_t(y));
    assert_true(same_bits(part, cd_to_device(cd_t(y), CD_CPU)));
    const float values[6] = { 6, 5, 4, 3, 2, 1 };
    assert_true(cd_write(cd_t(y), values, sizeof values));
    assert_true(cd_item(cd_select(cd_select(y, 0, 1), 0, 0)) == 5);
    cd_tensor *none = cd_zeros(CD_SHAPE(0, 2), .device = twin());
    assert_int_equal(cd_numel(cd_to_device(cd_t(none), CD_CPU)), 0);
    (void)cd_copy_(none, cd_zeros(CD_SHAPE(2)));
    assert_ok();
    /* To the meta device: no elements are copied. */
    cd_tensor *meta = cd_to_device(y, CD_META);
    (void)cd_copy_(meta, cd_ones(CD_SHAPE(3)));
    assert_ok();
}

/* --- errors ----------------------------------------------------------------------------------- */

#define expect_error(code_, text_, result_)                                                        \
    do {                                                                                           \
        assert_false(result_);                                                                     \
        assert_int_equal(cd_error_code(), code_);                                                  \
        assert_string_equal(cd_error_message(), text_);                                            \
        cd_clear_error();                                                                          \
    } while (0)

static void mixed_devices(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2, 2)), *y = cd_ones(CD_SHAPE(2, 2), .device = twin());
    cd_tensor *meta = cd_ones(CD_SHAPE(2, 2), .device = CD_META);
    expect_error(CD_ERR_DEVICE,
                 "add: a is on cpu, and b on twin: bring one to the other's device (cd_to_device) "
                 "first",
                 cd_add(x, y));
    expect_error(
        CD_ERR_DEVICE,
        "mm: mat1 is on twin, and mat2 on meta: bring one to the other's device (cd_to_device) "
        "first",
        cd_mm(y, meta));
    expect_error(CD_ERR_DEVICE,
                 "mul: x is on cpu, and b on twin: bring one to the other's device (cd_to_device) "
                 "first",
                 cd_mul_(x, y));
    expect_error(CD_ERR_DEVICE,
                 "cat: tensor 0 is on cpu, and tensor 2 on meta: bring one to the other's device "
                 "(cd_to_device) first",
                 cd_cat(CD_TENSORS(x, x, meta), 0));
    /* A tensor that is changed in place cannot be moved to the other's device, even a 0-d one. */
    expect_error(CD_ERR_DEVICE,
                 "add: x is on cpu, and b on twin: bring one to the other's device (cd_to_device) "
                 "first",
                 cd_add_(cd_zeros(CD_SCALAR), cd_select(cd_select(y, 0, 0), 0, 0)));
    cd_tensor *leaf = cd_ones(CD_SHAPE(2, 2), .requires_grad = true);
    expect_error(CD_ERR_DEVICE,
                 "addmm: bias is on cpu, and mat1 on twin: bring one to the other's device "
                 "(cd_to_device) first",
                 cd_addmm(leaf, y, y));
}

/* A function made of several ops is named itself, not the op that it would call. */
static void mixed_devices_in_a_composed_function(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2, 2)), *y = cd_ones(CD_SHAPE(2, 2), .device = twin());
    cd_tensor *bias = cd_ones(CD_SHAPE(2));
    expect_error(CD_ERR_DEVICE,
                 "linear: x is on cpu, and weight on twin: bring one to the other's device "
                 "(cd_to_device) first",
                 cd_linear(x, y, NULL));
    expect_error(CD_ERR_DEVICE,
                 "linear: x is on twin, and bias on cpu: bring one to the other's device "
                 "(cd_to_device) first",
                 cd_linear(y, y, bias));
    expect_error(CD_ERR_DEVICE,
                 "matmul: mat1 is on twin, and mat2 on cpu: bring one to the other's device "
                 "(cd_to_device) first",
                 cd_matmul(y, bias));
    cd_tensor *truth = cd_lt(x, 0);
    expect_error(CD_ERR_DTYPE, "linear: is not defined for bool: convert with cd_to",
                 cd_linear(truth, truth, NULL));
}

static void an_op_without_a_kernel(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(3), .device = twin());
    twin_refuse("sigmoid");
    cd_tensor *y = cd_sigmoid(x);
    twin_refuse(NULL);
    expect_error(CD_ERR_UNSUPPORTED,
                 "sigmoid: twin has no kernel for it: bring the inputs to the processor first "
                 "(cd_to_device(x, CD_CPU))",
                 y);
    assert_non_null(cd_sigmoid(x));
}

static void elements_of_the_meta_device(void **state)
{
    (void)state;
    double out[2] = { 1, 2 };
    cd_tensor *x = cd_ones(CD_SHAPE(1), .device = CD_META), *mask = cd_eq(x, 1);
#define NO_ELEMENTS                                                                                \
    ": the tensor is on the meta device, which knows shapes and no elements: make it on another "  \
    "(.device = CD_CPU)"
    expect_error(CD_ERR_STATE, "item" NO_ELEMENTS, cd_item(x) == 0);
    expect_error(CD_ERR_STATE, "item_int" NO_ELEMENTS, cd_item_int(x) != 0);
    expect_error(CD_ERR_STATE, "read" NO_ELEMENTS, cd_read(x, out, sizeof(float)));
    expect_error(CD_ERR_STATE, "write" NO_ELEMENTS, cd_write(x, out, sizeof(float)));
    expect_error(CD_ERR_STATE, "data" NO_ELEMENTS, cd_data(x));
    expect_error(CD_ERR_STATE, "data_mut" NO_ELEMENTS, cd_data_mut(x));
    expect_error(CD_ERR_STATE, "to_device" NO_ELEMENTS, cd_to_device(x, CD_CPU));
    expect_error(CD_ERR_STATE, "copy_" NO_ELEMENTS, cd_copy_(cd_zeros(CD_SHAPE(1)), x));
    expect_error(CD_ERR_UNSUPPORTED,
                 "masked_select: the size of what comes out depends on elements, and tensors on "
                 "the meta device have none",
                 cd_masked_select(x, mask));
    assert_true(out[0] == 1 && out[1] == 2);
}

static void memory_of_a_device(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2), .device = twin());
    expect_error(CD_ERR_STATE,
                 "data: the elements are in the memory of twin, where the host cannot look: take "
                 "cd_to_device(x, CD_CPU) first, or copy them out with cd_read",
                 cd_data(x));
    expect_error(CD_ERR_DEVICE, "zeros: 77 is no device",
                 cd_zeros(CD_SHAPE(2), .device = (cd_device)77));
    expect_error(CD_ERR_DEVICE, "from_array: 77 is no device",
                 cd_from_array(((const float[]){ 1 }), CD_SHAPE(1), .device = (cd_device)77));
    expect_error(CD_ERR_DEVICE, "module_to: 77 is no device",
                 cd_module_to(cd_nn_relu(), (cd_device)77));
    assert_string_equal(cd_device_name((cd_device)77), "?");
    assert_string_equal(cd_device_name(CD_DEVICE_DEFAULT), "?");
    assert_string_equal(cd_device_name(CD_CPU), "cpu");
    assert_string_equal(cd_device_name(CD_META), "meta");
    assert_int_equal(cd_device_of(NULL), CD_DEVICE_DEFAULT);
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
}

/* --- printing --------------------------------------------------------------------------------- */

static void expect_text(const cd_tensor *t, const char *text)
{
    char *shown = cd_to_string(t);
    assert_ok();
    assert_string_equal(shown, text);
    free(shown);
}

/* As PyTorch 2.12 prints them, except dtype=float64. */
static void printed_with_the_device(void **state)
{
    (void)state;
    expect_text(cd_empty(CD_SHAPE(2, 3), .device = CD_META),
                "tensor(..., device='meta', size=(2, 3))");
    expect_text(cd_empty(CD_SHAPE(3), .device = CD_META), "tensor(..., device='meta', size=(3,))");
    expect_text(cd_empty(CD_SCALAR, .device = CD_META), "tensor(..., device='meta', size=())");
    expect_text(cd_empty(CD_SHAPE(0), .device = CD_META), "tensor(..., device='meta', size=(0,))");
    expect_text(cd_empty(CD_SHAPE(2, 3), .device = CD_META, .dtype = CD_I64),
                "tensor(..., device='meta', size=(2, 3), dtype=int64)");
    cd_tensor *leaf =
        cd_empty(CD_SHAPE(2, 3), .device = CD_META, .dtype = CD_F64, .requires_grad = true);
    expect_text(leaf, "tensor(..., device='meta', size=(2, 3), dtype=float64,\n"
                      "       requires_grad=True)");
    expect_text(cd_mul(cd_to(leaf, CD_F32), 2),
                "tensor(..., device='meta', size=(2, 3), grad_fn=<MulBackward0>)");
    expect_text(cd_t(cd_arange(4.0, .device = twin())), "tensor([0., 1., 2., 3.], device='twin')");
    expect_text(cd_t(cd_view(cd_arange(4, .device = twin(), .dtype = CD_F64), CD_SHAPE(2, 2))),
                "tensor([[0., 2.],\n        [1., 3.]], device='twin', dtype=float64)");
}

/* --- modules ---------------------------------------------------------------------------------- */

static const int64_t hidden[] = { 16 };

static cd_module *mlp(void)
{
    cd_manual_seed(1);
    return cd_mlp(12, 3, .hidden = hidden, .hidden_count = 1);
}

/* A visitor of a module: whether the tensor and its gradient are on the device, the user data. */
static bool is_on(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    const cd_tensor *grad = cd_grad(t);
    return cd_device_of(t) == *(cd_device *)user &&
           (!grad || cd_device_of(grad) == *(cd_device *)user);
}

static void a_module_moves_as_one(void **state)
{
    (void)state;
    cd_device there = twin(), here = CD_CPU;
    cd_module *m = mlp();
    cd_tensor *w = cd_module_tensor(m, "1.weight"), *before = cd_clone(cd_detach(w));
    cd_tensor *view = cd_detach(w), *x = cd_ones(CD_SHAPE(2, 12));
    assert_true(cd_backward(cd_sum(cd_forward(m, x))));
    cd_tensor *grad = cd_clone(cd_grad(w)), *y = cd_mul(w, w);
    assert_true(cd_module_to(m, there) && cd_visit(m, is_on, &there));
    assert_true(cd_module_tensor(m, "1.weight") == w && cd_requires_grad(w) && cd_is_leaf(w));
    assert_true(same_bits(w, before) && same_bits(cd_grad(w), grad));
    assert_true(cd_device_of(view) == CD_CPU && same_bits(view, before)); /* not moved */
    /* The graph of y saved w, which has changed. */
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_AUTOGRAD, "was changed by an in-place operation");
    assert_true(cd_backward(cd_sum(cd_forward(m, cd_to_device(x, there)))));
    assert_true(same_bits(cd_grad(w), cd_add(grad, grad)));
    assert_false(cd_forward(m, x));
    assert_failed_with(CD_ERR_DEVICE, "bring one to the other's device");
    assert_true(cd_module_to(m, CD_CPU) && cd_visit(m, is_on, &here) && same_bits(w, before));
    assert_true(cd_module_to(m, CD_META));
    assert_false(cd_module_to(m, CD_CPU));
    assert_failed_with(CD_ERR_STATE, "module_to: the tensor is on the meta device");
}

/* After a module has moved, a view of its tensor still shows the old elements, and no longer takes
 * part in the tensor's history. */
static void views_of_a_module_that_moved(void **state)
{
    (void)state;
    cd_module *m = cd_nn_batch_norm2d(4);
    cd_tensor *mean = cd_module_tensor(m, "running_mean"), *half = cd_narrow(mean, 0, 0, 2);
    cd_tensor *r = cd_full(CD_SHAPE(2), 3, .requires_grad = true);
    assert_true(cd_module_to(m, twin()));
    (void)cd_add_(half, r);
    assert_true(!cd_requires_grad(mean) && cd_is_leaf(mean) && cd_item(cd_sum(mean)) == 0);
    assert_true(cd_requires_grad(half) && cd_item(cd_sum(half)) == 6);
    assert_true(cd_backward(cd_sum(cd_mul(half, 2))) && cd_item(cd_sum(cd_grad(r))) == 4);
    /* A buffer that was a view of another tensor is no longer a view. */
    cd_tensor *whole = cd_ones(CD_SHAPE(4)), *part = cd_detach(cd_narrow(whole, 0, 0, 2));
    scaled *s = (scaled *)cd_module_new(&scaled_class);
    assert_true(cd_register_buffer(&s->module, "scale", &s->scale, cd_narrow(whole, 0, 2, 2)));
    assert_true(cd_module_to(&s->module, twin()));
    (void)cd_mul_(whole, 5);
    (void)cd_mul_(s->scale, 2);
    assert_true(cd_item(cd_sum(s->scale)) == 4 && cd_item(cd_sum(part)) == 10);
    assert_false(cd_requires_grad(s->scale));
}

static int64_t allowed; /* allocations that succeed */

static bool fails_later(size_t bytes)
{
    (void)bytes;
    return allowed-- <= 0;
}

static void a_module_moves_whole_or_not_at_all(void **state)
{
    (void)state;
    cd_device there = twin(), here = CD_CPU;
    cd_module *m = mlp();
    assert_true(cd_backward(cd_sum(cd_forward(m, cd_ones(CD_SHAPE(2, 12))))));
    bool moved = false;
    for (int64_t n = 0; !moved; n++) {
        allowed = n;
        cd_memory_fault_hook = fails_later;
        moved = cd_module_to(m, there);
        cd_memory_fault_hook = NULL;
        if (moved) break;
        assert_failed_with(CD_ERR_MEMORY, "out of memory");
        assert_true(cd_visit(m, is_on, &here));
    }
    assert_true(cd_visit(m, is_on, &there));
}

/* A visitor of a module: checks that the tensor has the same bits in another module, the user
 * data. */
static bool has_same(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    assert_that(same_bits(t, cd_module_tensor(user, name)), "%s differs", name);
    return cd_ok();
}

static void expect_same_state(cd_module *a, cd_module *b)
{
    assert_true(cd_visit(a, has_same, b));
}

/* --- training --------------------------------------------------------------------------------- */

enum { STEPS = 4 };

/* Trains with a random mask on the inputs, and stores the loss of each step. */
static void train(cd_module *m, cd_shape shape, cd_device device, float *loss)
{
    cd_optimizer *o = cd_optim_sgd(m, .lr = 0.05, .momentum = 0.9, .weight_decay = 1e-3);
    cd_manual_seed(2);
    cd_tensor *x = cd_to_device(cd_randn(shape), device);
    cd_tensor *y = cd_to_device(cd_randint(0, 3, CD_SHAPE(shape.dim[0])), device);
    for (int i = 0; i < STEPS; i++) {
        CD_SCOPE();
        cd_tensor *mask = cd_bernoulli(cd_full(shape, 0.8, .device = device));
        assert_true(cd_zero_grad(o));
        cd_tensor *l = cd_cross_entropy(cd_forward(m, cd_mul(x, mask)), y);
        assert_true(cd_backward(l) && cd_step(o));
        loss[i] = (float)cd_item(l);
    }
    assert_ok();
}

static void expect_same_training(cd_module *(*make)(void), cd_shape shape)
{
    float here[STEPS], there[STEPS];
    cd_module *a = make(), *b = make();
    assert_true(cd_module_to(b, twin()));
    const twin_counts before = twin_count();
    train(a, shape, CD_CPU, here);
    train(b, shape, twin(), there);
    assert_memory_equal(here, there, sizeof here);
    assert_true(here[STEPS - 1] != here[0]);
    expect_same_state(a, b);
    const twin_counts after = twin_count();
    print_message("%llu launches, %llu waits, %llu blocks reused before their last use\n",
                  (unsigned long long)(after.launched - before.launched),
                  (unsigned long long)(after.waited - before.waited),
                  (unsigned long long)(after.reused - before.reused));
    assert_true(after.reused > before.reused);
}

static void an_mlp_trains_the_same(void **state)
{
    (void)state;
    expect_same_training(mlp, CD_SHAPE(8, 12));
}

static cd_module *resnet(void)
{
    cd_manual_seed(4);
    return cd_resnet18(.num_classes = 3);
}

static void a_resnet18_trains_the_same(void **state)
{
    (void)state;
    expect_same_training(resnet, CD_SHAPE(2, 3, 40, 40));
}

static void an_optimizer_made_before_the_module_moved(void **state)
{
    (void)state;
    cd_module *m = mlp();
    cd_optimizer *o = cd_optim_sgd(m, .lr = 0.1, .momentum = 0.9);
    cd_tensor *x = cd_ones(CD_SHAPE(2, 12));
    assert_true(cd_backward(cd_sum(cd_forward(m, x))) && cd_step(o) && cd_module_to(m, twin()));
    assert_false(cd_step(o));
    assert_failed_with(
        CD_ERR_DEVICE,
        "step: a parameter is on twin, and the optimizer's step for it on cpu: make");
}

static void a_model_is_saved_and_loaded_there(void **state)
{
    (void)state;
    cd_module *a = resnet(), *b = cd_resnet18(.num_classes = 3, .device = twin());
    char path[512];
    (void)snprintf(path, sizeof path, "%s/m.safetensors", test_folder());
    assert_true(cd_module_to(a, twin()));
    assert_true(cd_save(a, path) && cd_load(b, path));
    expect_same_state(a, b);
    cd_module *meta = cd_resnet18(.num_classes = 3, .device = CD_META);
    assert_false(cd_load(meta, path));
    assert_failed_with(CD_ERR_STATE, "load: \"conv1.weight\" is on the meta device");
    assert_false(cd_save(meta, path));
    assert_failed_with(CD_ERR_STATE, "on the meta device");
}

/* --- tools ------------------------------------------------------------------------------------ */

static cd_tensor *cube(cd_tensor *const *in, void *user)
{
    (void)user;
    return cd_mul(in[0], cd_mul(in[0], in[1]));
}

static void gradcheck_on_a_device(void **state)
{
    (void)state;
    cd_tensor *in[2] = {
        cd_randn(CD_SHAPE(3), .dtype = CD_F64, .device = twin(), .requires_grad = true),
        cd_randn(CD_SHAPE(2, 3), .dtype = CD_F64, .device = twin(), .requires_grad = true)
    };
    assert_true(cd_gradcheck_function(cube, in, 2) && cd_gradgradcheck_function(cube, in, 2));
    cd_tensor *meta =
        cd_zeros(CD_SHAPE(2), .dtype = CD_F64, .device = CD_META, .requires_grad = true);
    assert_false(cd_gradcheck_function(cube, ((cd_tensor *[]){ meta, meta }), 2));
    assert_failed_with(CD_ERR_STATE, "gradcheck: input 0 is on the meta device");
}

static void anomaly_mode_looks_at_a_device(void **state)
{
    (void)state;
    cd_scope mode = cd_anomaly_mode_begin(true);
    cd_tensor *x = cd_full(CD_SHAPE(2), -1, .device = twin(), .requires_grad = true);
    assert_null(cd_log(x));
    assert_failed_with(CD_ERR_AUTOGRAD, "log: anomaly: output (2) has 2 NaN");
    assert_true(cd_backward(
        cd_sum(cd_log(cd_full(CD_SHAPE(2), -1, .device = CD_META, .requires_grad = true)))));
    (void)cd_scope_end(mode);
}

static void views_and_changes_in_place_there(void **state)
{
    (void)state;
    cd_tensor *leaf = cd_ones(CD_SHAPE(3, 3), .device = twin(), .requires_grad = true);
    cd_tensor *x = cd_mul(leaf, 2), *row = cd_select(x, 0, 1);
    (void)cd_mul_(row, 10);
    assert_true(cd_backward(cd_sum(x)));
    const float expected[9] = { 2, 2, 2, 20, 20, 20, 2, 2, 2 };
    assert_true(same_bits(cd_grad(leaf), cd_from_array(expected, CD_SHAPE(3, 3))));
    assert_string_equal(cd_grad_fn_name(x), "CopySlices");
}

static bool triple(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    out[0] = cd_mul(in[0], 3);
    out[1] = cd_to_device(in[0], *(const cd_device *)cd_context_user(ctx));
    return cd_ok();
}

static bool triple_back(cd_context *ctx, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)ctx;
    /* An output without a gradient gets zeros, on the output's device. */
    assert_true(cd_device_of(dy[0]) == twin() && cd_device_of(dy[1]) == twin());
    dx[0] = cd_add(cd_mul(dy[0], 3), dy[1]);
    return dx[0];
}

static void custom_functions_there(void **state)
{
    (void)state;
    static const cd_function function = {
        .name = "Triple", .inputs = 1, .outputs = 2, .forward = triple, .backward = triple_back
    };
    cd_device there = twin(), here = CD_CPU;
    cd_tensor *x = cd_ones(CD_SHAPE(2), .device = there, .requires_grad = true), *out[2];
    assert_true(cd_apply_n(&function, CD_TENSORS(x), out, .user = &there));
    assert_true(cd_backward(cd_sum(out[0])));
    assert_true(cd_item(cd_sum(cd_grad(x))) == 6 && cd_device_of(cd_grad(x)) == there);
    assert_false(cd_apply_n(&function, CD_TENSORS(x), out, .user = &here));
    assert_failed_with(CD_ERR_DEVICE, "Triple: outputs are on twin and on cpu, and must be on one");
}

/* A copy between two devices other than the CPU goes through memory of the CPU. */
static void from_one_device_to_another(void **state)
{
    (void)state;
    const cd_device one = twin(), other = twin_again();
    cd_tensor *x = cd_t(cd_view(cd_arange(6.0, .device = one), CD_SHAPE(2, 3)));
    cd_tensor *y = cd_to_device(x, other);
    assert_true(cd_device_of(y) == other && same_bits(y, x));
    assert_false(cd_add(x, y));
    assert_failed_with(CD_ERR_DEVICE, "add: a is on twin, and b on twin");
    assert_true(same_bits(cd_copy_(cd_zeros_like(x), y), x));
}

static void as_many_devices_as_fit(void **state)
{
    (void)state;
    static const cd_device_driver idle = { .name = "idle" };
    cd_device latest = CD_DEVICE_DEFAULT;
    int count = 0;
    for (cd_device device; (device = cd_device_add(&idle)) != CD_DEVICE_DEFAULT; count++) {
        assert_string_equal(cd_device_name(device), "idle");
        assert_true(device > latest);
        latest = device;
    }
    assert_failed_with(CD_ERR_STATE, "device idle: there are 15 devices already");
    assert_true(count > 0 && count < CD_DEVICE_COUNT);
}

static void shapes_that_cannot_be_counted(void **state)
{
    (void)state;
    const int64_t huge = (int64_t)1 << 58;
    cd_tensor *a = cd_empty(CD_SHAPE(huge, 1, 1, 1), .device = CD_META);
    cd_tensor *b = cd_empty(CD_SHAPE(huge, 1, 1), .device = CD_META);
    assert_null(cd_matmul(a, b));
    assert_failed_with(CD_ERR_SHAPE, "matmul: a batch of 288230376151711744x288230376151711744");
    assert_null(cd_view(cd_empty(CD_SHAPE(0, huge)), CD_SHAPE(0, huge, huge)));
    assert_failed_with(CD_ERR_SHAPE,
                       "view: shape 0x288230376151711744x288230376151711744 has more");
    assert_null(cd_reshape(cd_empty(CD_SHAPE(0, huge)), CD_SHAPE(0, huge, huge)));
    assert_int_equal(cd_error_code(), CD_ERR_SHAPE);
    cd_clear_error();
}

/* --- a large model on the meta device --------------------------------------------------------- */

/* A bottleneck block of ResNet-152 (He et al. 2015): convolutions 1x1, 3x3 and 1x1, each followed
 * by batch norm, and a shortcut, which has a convolution 1x1 if the shape changes. */
typedef struct bottleneck {
    cd_module module;
    cd_module *body, *downsample;
} bottleneck;

static bool bottleneck_forward(cd_module *m, const cd_arguments *a)
{
    bottleneck *b = (bottleneck *)m;
    cd_tensor *x = a->in[0], *y = cd_forward(b->body, x);
    a->out[0] = cd_relu(cd_add(y, b->downsample ? cd_forward(b->downsample, x) : x));
    return a->out[0];
}

static const cd_module_class bottleneck_class = {
    .name = "Bottleneck", .size = sizeof(bottleneck), .inputs = 1, .forward = bottleneck_forward
};

static cd_module *bottleneck_new(int64_t in, int64_t width, int64_t stride)
{
    const cd_device d = CD_META;
    const int64_t out = 4 * width;
    bottleneck *b = (bottleneck *)cd_module_new(&bottleneck_class);
    cd_module *body = cd_nn_sequential(
        cd_nn_conv2d(in, width, 1, .no_bias = true, .device = d),
        cd_nn_batch_norm2d(width, .device = d), cd_nn_relu(),
        cd_nn_conv2d(width, width, 3, .stride = stride, .padding = 1, .no_bias = true, .device = d),
        cd_nn_batch_norm2d(width, .device = d), cd_nn_relu(),
        cd_nn_conv2d(width, out, 1, .no_bias = true, .device = d),
        cd_nn_batch_norm2d(out, .device = d));
    (void)cd_register_child(&b->module, "body", &b->body, body);
    if (in != out) {
        cd_module *shortcut =
            cd_nn_conv2d(in, out, 1, .stride = stride, .no_bias = true, .device = d);
        (void)cd_register_child(&b->module, "downsample", &b->downsample,
                                cd_nn_sequential(shortcut, cd_nn_batch_norm2d(out, .device = d)));
    }
    return &b->module;
}

static cd_module *resnet152(void)
{
    static const int blocks[4] = { 3, 8, 36, 3 };
    const cd_device d = CD_META;
    cd_module *layer[64];
    int count = 0;
    layer[count++] =
        cd_nn_conv2d(3, 64, 7, .stride = 2, .padding = 3, .no_bias = true, .device = d);
    layer[count++] = cd_nn_batch_norm2d(64, .device = d);
    layer[count++] = cd_nn_relu();
    layer[count++] = cd_nn_max_pool2d(3, .stride = 2, .padding = 1);
    int64_t channels = 64, width = 64;
    for (int stage = 0; stage < 4; stage++, width *= 2) {
        for (int i = 0; i < blocks[stage]; i++) {
            layer[count++] = bottleneck_new(channels, width, i == 0 && stage > 0 ? 2 : 1);
            channels = 4 * width;
        }
    }
    layer[count++] = cd_nn_adaptive_avg_pool2d(1, 1);
    layer[count++] = cd_nn_flatten();
    layer[count++] = cd_nn_linear(2048, 1000, .device = d);
    return cd_nn_sequential_n(layer, count);
}

static void a_large_model_needs_no_memory_on_the_meta_device(void **state)
{
    (void)state;
    enum { MAX_BYTES = 10 << 20 };
    const cd_memory_info before = cd_memory_stats();
    cd_memory_reset_peak();
    cd_module *m = resnet152();
    assert_ok();
    assert_int_equal(cd_num_parameters(m), 60192808); /* as torchvision.models.resnet152 */
    cd_tensor *y = cd_forward(m, cd_empty(CD_SHAPE(256, 3, 224, 224), .device = CD_META));
    assert_ok();
    assert_true(cd_shape_equal(cd_shape_of(y), CD_SHAPE(256, 1000)) && cd_device_of(y) == CD_META);
    assert_true(cd_backward(cd_sum(y)));
    assert_true(cd_shape_equal(cd_shape_of(cd_grad(cd_module_tensor(m, "0.weight"))),
                               CD_SHAPE(64, 3, 7, 7)));
    const cd_memory_info after = cd_memory_stats();
    const size_t taken =
        after.bytes_peak - before.bytes_in_use + after.bytes_headers - before.bytes_headers;
    print_message("ResNet-152, forward and backward of 256 images: %.2f MiB\n",
                  (double)taken / (1 << 20));
    assert_true(taken < MAX_BYTES);
}

/* A layer on the device, whose weights are `first`, with the state of an optimizer there. */
static cd_run run_on(cd_device device, double first)
{
    cd_run r = { .model = cd_nn_linear(3, 2, .device = device), .no_default_generator = true };
    CD_NO_GRAD();
    cd_tensor *w = cd_module_tensor(r.model, "weight");
    assert_true(cd_fill_(w, first) && cd_fill_(cd_module_tensor(r.model, "bias"), first));
    r.optimizer = cd_optim_sgd(r.model, .momentum = 0.5);
    return r;
}

static void step_on(cd_device device, const cd_run *r)
{
    cd_tensor *x = cd_ones(CD_SHAPE(1, 3), .device = device);
    assert_true(cd_zero_grad(r->optimizer));
    assert_true(cd_backward(cd_sum(cd_forward(r->model, x))) && cd_step(r->optimizer));
}

static double first_weight(const cd_run *r)
{
    return cd_item(cd_to_device(cd_index(cd_module_tensor(r->model, "weight"), 0, 0), CD_CPU));
}

/* A checkpoint goes from device to device, and a run on a device keeps its state when it cannot be
 * loaded. */
static void a_checkpoint_goes_to_another_device(void **state)
{
    (void)state;
    CD_SCOPE();
    char path[512];
    (void)snprintf(path, sizeof path, "%s/run.safetensors", test_folder());
    const cd_device devices[] = { CD_CPU, twin() };
    for (int from = 0; from < 2; from++) {
        for (int to = 0; to < 2; to++) {
            cd_run a = run_on(devices[from], 1), b = run_on(devices[to], 2);
            step_on(devices[from], &a);
            assert_true(cd_save_checkpoint_with(path, a) && cd_load_checkpoint_with(path, b));
            assert_close(first_weight(&b), first_weight(&a), 0, 0);
            step_on(devices[from], &a);
            step_on(devices[to], &b);
            assert_close(first_weight(&b), first_weight(&a), 0, 0);
            assert_close(first_weight(&b), 1 - 0.001 - 0.0015, 1e-6, 0);
        }
    }
    /* The loader refuses the state of another one, when the tensors on the device are set. */
    cd_run a = run_on(CD_CPU, 1), c = run_on(twin(), 3);
    cd_tensor *ten = cd_zeros(CD_SHAPE(10, 3)), *nine = cd_zeros(CD_SHAPE(9, 3));
    a.loader = cd_loader_new(cd_dataset_from_tensors(ten, ten));
    c.loader = cd_loader_new(cd_dataset_from_tensors(nine, nine));
    assert_true(cd_save_checkpoint_with(path, a));
    assert_false(cd_load_checkpoint_with(path, c));
    assert_failed_with(CD_ERR_FORMAT, "a loader with 10 samples in the data set, and this one has");
    assert_close(first_weight(&c), 3, 0, 0);
}

static int setup(void **state)
{
    (void)test_setup(state);
    (void)twin();
    return 0;
}

#define WITH_TWIN(function_) cmocka_unit_test_setup_teardown(function_, setup, test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TWIN(constructors_on_each_device),
        WITH_TWIN(nothing_is_drawn_for_the_meta_device),
        WITH_TWIN(the_host_draws_after_the_device),
        WITH_TWIN(gradients_return_to_the_leafs_device),
        WITH_TWIN(a_number_beside_a_device),
        WITH_TWIN(copies_cross_devices),
        WITH_TWIN(mixed_devices),
        WITH_TWIN(mixed_devices_in_a_composed_function),
        WITH_TWIN(an_op_without_a_kernel),
        WITH_TWIN(elements_of_the_meta_device),
        WITH_TWIN(memory_of_a_device),
        WITH_TWIN(printed_with_the_device),
        WITH_TWIN(a_module_moves_as_one),
        WITH_TWIN(a_module_moves_whole_or_not_at_all),
        WITH_TWIN(an_mlp_trains_the_same),
        WITH_TWIN(a_resnet18_trains_the_same),
        WITH_TWIN(an_optimizer_made_before_the_module_moved),
        WITH_TWIN(a_model_is_saved_and_loaded_there),
        WITH_TWIN(a_checkpoint_goes_to_another_device),
        WITH_TWIN(gradcheck_on_a_device),
        WITH_TWIN(anomaly_mode_looks_at_a_device),
        WITH_TWIN(views_and_changes_in_place_there),
        WITH_TWIN(views_of_a_module_that_moved),
        WITH_TWIN(custom_functions_there),
        WITH_TWIN(from_one_device_to_another),
        WITH_TWIN(shapes_that_cannot_be_counted),
        WITH_TWIN(a_large_model_needs_no_memory_on_the_meta_device),
        WITH_TWIN(as_many_devices_as_fit), /* last: no device can be added after it */
    };
    return RUN(tests);
}
