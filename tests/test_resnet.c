/* ResNet-18: initial values, errors, memory, and predictions with torchvision's weights. */
#include "hostile.h"

#include "goldens.h"

#include "core/random.h"
#include "core/threads.h"
#include "io/checkpoint.h"
#include "io/image.h"
#include "models/models.h"

/* --- initial values, misuse ---------------------------------------------------------------------
 */

typedef struct starts {
    cd_tensor *expected; /* four numbers of each parameter */
    int64_t next;
} starts;

static bool compare_start(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    starts *s = user;
    if (kind != CD_PARAMETER) return true;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_tensor *first = cd_narrow(cd_reshape(t, CD_SHAPE(-1)), 0, 0, 4);
    assert_near(first, cd_index(s->expected, s->next++), 1e-5, 1e-7);
    return true;
}

static void parameters_start_as_in_torchvision(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(3);
    starts s = { .expected = golden("start.resnet18") };
    assert_true(cd_visit(cd_resnet18(), compare_start, &s));
    assert_int_equal(s.next, 62);
}

static void wrong_options_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_resnet18(.num_classes = -1));
    assert_failed_with(CD_ERR_ARGUMENT, "resnet18: .num_classes is -1");
    assert_null(cd_mlp(0, 3));
    assert_failed_with(CD_ERR_ARGUMENT, "mlp: inputs is 0, and must be from 1 to 1073741824");
    assert_null(cd_mlp(2, 3, .hidden_count = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "mlp: .hidden is NULL and .hidden_count is 1");
    assert_null(cd_mlp(2, 3, .hidden = (int64_t[]){ 0 }, .hidden_count = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "mlp: .hidden[0] is 0, and must be from 1 to 1073741824");
    assert_null(cd_mlp(2, 3, .hidden_count = -1));
    assert_failed_with(CD_ERR_ARGUMENT, ".hidden_count is -1");
}

static void mlp_is_layers_with_relu_between(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_mlp(12, 10, .hidden = (int64_t[]){ 8, 4 }, .hidden_count = 2);
    assert_int_equal(cd_num_parameters(m), 12 * 8 + 8 + 8 * 4 + 4 + 4 * 10 + 10);
    assert_string_equal(cd_module_name(cd_module_get(m, "2")), "ReLU");
    assert_string_equal(cd_module_name(cd_module_get(m, "5")), "Linear");
    cd_tensor *y = cd_forward(m, cd_ones(CD_SHAPE(3, 1, 4, 3)));
    assert_true(cd_shape_equal(cd_shape_of(y), CD_SHAPE(3, 10)));
}

static bool pass(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = a->in[0];
    return true;
}

static void features_are_asked_of_a_resnet_only(void **state)
{
    (void)state;
    CD_SCOPE();
    static const cd_module_class impostor = {
        .name = "ResNet", .size = sizeof(cd_module), .inputs = 1, .forward = pass
    };
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 3, 33, 33));
    assert_null(cd_resnet_features(cd_module_new(&impostor), x));
    assert_failed_with(CD_ERR_ARGUMENT, "resnet_features: the module is a ResNet, not ");
    assert_null(cd_resnet_features(cd_nn_relu(), x));
    assert_failed_with(CD_ERR_ARGUMENT, "is a ReLU, not ");
    assert_null(cd_resnet_features(NULL, x));
    assert_failed_with(CD_ERR_ARGUMENT, "resnet_features: the module is NULL");
    assert_null(cd_resnet_features(cd_resnet18(.num_classes = 1), NULL));
    assert_int_equal(cd_error_code(), CD_ERR_ARGUMENT);
    cd_clear_error();
}

static void logits_are_the_last_layer_of_the_features(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *m = cd_resnet18(.num_classes = 3);
    assert_true(cd_eval(m));
    cd_tensor *x = cd_randn(CD_SHAPE(2, 3, 40, 36));
    cd_tensor *f = cd_resnet_features(m, x);
    assert_true(cd_shape_equal(cd_shape_of(f), CD_SHAPE(2, 512)));
    assert_near(cd_forward(m, x), cd_forward(cd_module_get(m, "fc"), f), 1e-6, 1e-6);
}

static void frozen_trunk_trains_its_new_layer_only(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_resnet18(.num_classes = 3);
    assert_true(cd_freeze(m) && cd_module_set(m, "fc", cd_nn_linear(512, 2)) && cd_train(m));
    assert_true(cd_backward(cd_sum(cd_forward(m, cd_randn(CD_SHAPE(1, 3, 33, 33))))));
    assert_non_null(cd_grad(cd_module_tensor(m, "fc.weight")));
    assert_null(cd_grad(cd_module_tensor(m, "layer4.1.conv2.weight")));
    assert_int_equal(cd_item_int(cd_module_tensor(m, "bn1.num_batches_tracked")), 0);
}

static void whole_network_gets_gradients(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_resnet18(.num_classes = 2);
    assert_true(cd_backward(cd_sum(cd_forward(m, cd_randn(CD_SHAPE(2, 3, 33, 33))))));
    assert_non_null(cd_grad(cd_module_tensor(m, "conv1.weight")));
    assert_non_null(cd_grad(cd_module_tensor(m, "layer2.0.downsample.0.weight")));
    assert_int_equal(cd_item_int(cd_module_tensor(m, "bn1.num_batches_tracked")), 1);
}

/* The largest activation is the output of conv1, and at most two of that size exist at a time.
 * In layer1, where they are a quarter of it, there are at most four: a block's input and three
 * more. */
static void inference_holds_few_activations(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *m = cd_resnet18(.num_classes = 2);
    assert_true(cd_eval(m));
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3, 96, 96));
    cd_drop(cd_forward(m, x)); /* allocates the buffers that kernels reuse */
    size_t before = cd_memory_stats().bytes_in_use, stem = (size_t)2 * 64 * 48 * 48 * 4;
    cd_memory_reset_peak();
    cd_drop(cd_forward(m, x));
    size_t more = cd_memory_stats().bytes_peak - before;
    assert_that(more < 3 * stem, "%zu bytes; conv1 makes %zu", more, stem);
}

/* Lets every 19th allocation, and all after it, fail: trying each one would take long. */
static void inference_survives_failing_allocations(void **state)
{
    (void)state;
    CD_SCOPE();
    int before = cd_num_threads();
    assert_true(cd_set_num_threads(1));
    cd_module *m = cd_resnet18(.num_classes = 2);
    assert_true(cd_eval(m));
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 3, 33, 33));
    fail_sticks = true;
    bool done = false;
    int64_t k;
    for (k = 0; !done; k += 19) {
        CD_SCOPE();
        CD_NO_GRAD();
        int64_t objects = cd_memory_stats().objects;
        allocations_left = k;
        cd_memory_fault_hook = fail_now;
        done = cd_forward(m, x);
        cd_memory_fault_hook = NULL;
        if (done) break;
        assert_failed_with(CD_ERR_MEMORY, "out of memory");
        assert_int_equal(cd_memory_stats().objects, objects);
    }
    assert_true(k > 50);
    assert_true(cd_set_num_threads(before));
}

/* --- with real weights --------------------------------------------------------------------------
 */

/* Skips the test if the files are absent. Called first, before there is memory to free. */
static void need_shared_files(void)
{
    (void)test_shared("weights/resnet18_imagenet.pth");
    (void)test_shared("weights/resnet18_imagenet_reference.safetensors");
    (void)test_shared("data/photos/eagle.jpg");
}

static cd_module *pretrained(void)
{
    cd_module *m = cd_resnet18();
    int64_t loaded = 0;
    assert_true(cd_load(m, test_shared("weights/resnet18_imagenet.pth"), .loaded = &loaded));
    assert_int_equal(loaded, 122);
    assert_true(cd_eval(m));
    return m;
}

static cd_tensor *reference(const char *name)
{
    const char *path = test_shared("weights/resnet18_imagenet_reference.safetensors");
    return cd_tensor_file_read(cd_tensor_file_open(path), name);
}

static void logits_and_features_are_pytorchs(void **state)
{
    (void)state;
    need_shared_files();
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *m = pretrained();
    cd_tensor *f = cd_resnet_features(m, reference("input"));
    assert_near(f, reference("features"), 0, 1e-4);
    assert_near(cd_forward(cd_module_get(m, "fc"), f), reference("logits"), 0, 1e-4);
}

static const char *const photographs[] = { "chelsea.png", "coffee.png", "hub_dog_samoyed.jpg",
                                           "eagle.jpg" };

static cd_tensor *photograph(int i)
{
    char name[64];
    (void)snprintf(name, sizeof name, "data/photos/%s", photographs[i]);
    return cd_load_image(test_shared(name), &cd_preprocess_imagenet);
}

static void photographs_become_the_reference_input(void **state)
{
    (void)state;
    need_shared_files();
    CD_SCOPE();
    cd_tensor *x = reference("input");
    for (int i = 0; i < 4; i++) assert_near(photograph(i), cd_index(x, i), 0, 1e-6);
}

static void photographs_are_recognised(void **state)
{
    (void)state;
    need_shared_files();
    CD_SCOPE();
    CD_NO_GRAD();
    /* tabby or tiger cat; espresso; Samoyed; kite or bald eagle */
    static const int64_t expected[4][2] = { { 281, 282 }, { 967, 967 }, { 258, 258 }, { 21, 22 } };
    cd_module *m = pretrained();
    for (int i = 0; i < 4; i++) {
        cd_tensor *logits = cd_forward(m, cd_unsqueeze(photograph(i), 0));
        assert_near(cd_index(logits, 0), cd_index(reference("logits"), i), 0, 1e-4);
        int64_t best = cd_item_int(cd_argmax_dim(logits, 1));
        assert_that(best == expected[i][0] || best == expected[i][1], "%s is taken for class %lld",
                    photographs[i], (long long)best);
    }
}

static void recipe_or_path_of_null_is_an_error(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_load_image(NULL, &cd_preprocess_imagenet));
    assert_failed_with(CD_ERR_ARGUMENT, "load_image: the path is NULL");
    assert_null(cd_load_image("x.png", NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "load_image: the recipe is NULL");
    assert_null(cd_load_image("x.png", &(cd_preprocess){ .channels = 2 }));
    assert_failed_with(CD_ERR_ARGUMENT, "load_image: ");
    assert_null(cd_load_image("/no/such/x.png", &cd_preprocess_imagenet));
    assert_failed_with(CD_ERR_IO, "/no/such/x.png");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parameters_start_as_in_torchvision),
        TEST(wrong_options_are_refused),
        TEST(mlp_is_layers_with_relu_between),
        TEST(features_are_asked_of_a_resnet_only),
        TEST(logits_are_the_last_layer_of_the_features),
        TEST(frozen_trunk_trains_its_new_layer_only),
        TEST(whole_network_gets_gradients),
        TEST(inference_holds_few_activations),
        TEST(inference_survives_failing_allocations),
        TEST(logits_and_features_are_pytorchs),
        TEST(photographs_become_the_reference_input),
        TEST(photographs_are_recognised),
        TEST(recipe_or_path_of_null_is_an_error),
    };
    return RUN(tests);
}
