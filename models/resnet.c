/* ResNet-18, a residual network of basic blocks: He, Zhang, Ren and Sun, "Deep Residual Learning
 * for Image Recognition", 2015. The order of the layers and the names are torchvision's. */
#include "core/error.h"
#include "models/model_class_internal.h"
#include "models/models.h"
#include "models/tree_internal.h"
#include "nn/init.h"
#include "nn/module_internal.h"

/* --- the block -------------------------------------------------------------------------------- */

/* A basic block: y = relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut). The shortcut is x, or, if
 * the number of channels or the size changes, downsample(x): a 1 x 1 convolution and a batch norm.
 * Otherwise downsample is NULL. conv1 and downsample have the block's stride. */
typedef struct block_options {
    int64_t in, out, stride;
    cd_device device;
} block_options;

typedef struct basic_block {
    cd_module module;
    cd_module *conv1, *bn1, *relu, *conv2, *bn2, *downsample;
    block_options options;
} basic_block;

/* Drops each activation after its last use: without a graph, few of them exist at a time. */
static bool block_forward(cd_module *m, const cd_arguments *a)
{
    basic_block *b = (basic_block *)m;
    cd_tensor *x = a->in[0];
    cd_tensor *y = cd_forward_drop(b->relu, cd_forward_drop(b->bn1, cd_forward(b->conv1, x)));
    y = cd_forward_drop(b->bn2, cd_forward_drop(b->conv2, y));
    cd_tensor *shortcut = b->downsample ? cd_forward(b->downsample, x) : x;
    cd_tensor *sum = cd_add(y, shortcut);
    if (!sum) return false;
    (void)cd_drop(y);
    if (shortcut != x) (void)cd_drop(shortcut);
    a->out[0] = cd_forward_drop(b->relu, sum);
    return a->out[0];
}

/* With torchvision's names. */
#define BLOCK_OPTION(name_, member_)                                                               \
    {                                                                                              \
        name_, CD_OPTION(block_options, member_, INTEGER),                                         \
            .required = true, .min = 1, .max = CD_MODEL_LARGEST_WIDTH, .shown = CD_SHOWN_NEVER     \
    }
static const cd_option block_table[] = {
    BLOCK_OPTION("inplanes", in),
    BLOCK_OPTION("planes", out),
    BLOCK_OPTION("stride", stride),
    CD_OPTIONS_END,
};

static cd_module *conv3x3(int64_t in, int64_t out, int64_t stride, cd_device device)
{
    return cd_nn_conv2d(in, out, 3, .stride = stride, .padding = 1, .no_bias = true,
                        .device = device);
}

static cd_module *basic_block_new(block_options o)
{
    const int64_t in = o.in, out = o.out, stride = o.stride;
    const cd_device device = o.device;
    if (!cd_options_fill(block_table, &o, "basic_block")) return NULL;
    CD_SCOPE();
    basic_block *b = (basic_block *)cd_module_new(&cd_basic_block_class);
    if (!b) return NULL;
    b->options = o;
    cd_module *m = &b->module;
    (void)cd_register_child(m, "conv1", &b->conv1, conv3x3(in, out, stride, device));
    (void)cd_register_child(m, "bn1", &b->bn1, cd_nn_batch_norm2d(out, .device = device));
    (void)cd_register_child(m, "relu", &b->relu, cd_nn_relu());
    (void)cd_register_child(m, "conv2", &b->conv2, conv3x3(out, out, 1, device));
    (void)cd_register_child(m, "bn2", &b->bn2, cd_nn_batch_norm2d(out, .device = device));
    if (stride != 1 || in != out) {
        cd_module *conv =
            cd_nn_conv2d(in, out, 1, .stride = stride, .no_bias = true, .device = device);
        (void)cd_register_child(m, "downsample", &b->downsample,
                                cd_nn_sequential(conv, cd_nn_batch_norm2d(out, .device = device)));
    }
    return cd_ok() ? cd_escape(b) : NULL;
}

static cd_module *basic_block_make(const void *o)
{
    return basic_block_new(*(const block_options *)o);
}

const cd_module_class cd_basic_block_class = {
    .name = "BasicBlock",
    .size = sizeof(basic_block),
    .inputs = 1,
    .forward = block_forward,
    CD_CLASS_OPTIONS(basic_block, options, block_table),
    .make = basic_block_make,
};

/* --- the network ------------------------------------------------------------------------------ */

typedef struct resnet {
    cd_module module;
    cd_module *conv1, *bn1, *relu, *maxpool, *layer[4], *avgpool, *fc;
    cd_resnet_options options;
} resnet;

/* All layers but fc: N x 3 x H x W -> N x 512. */
static cd_tensor *features(resnet *r, cd_tensor *input)
{
    cd_tensor *x = cd_forward(r->conv1, input);
    cd_module *const rest[] = { r->bn1,      r->relu,     r->maxpool,  r->layer[0],
                                r->layer[1], r->layer[2], r->layer[3], r->avgpool };
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) x = cd_forward_drop(rest[i], x);
    return cd_flatten(x, 1, -1);
}

static bool resnet_forward(cd_module *m, const cd_arguments *a)
{
    resnet *r = (resnet *)m;
    a->out[0] = cd_forward(r->fc, features(r, a->in[0]));
    return a->out[0];
}

/* One of the four layers: two blocks, the first with the stride. */
static cd_module *layer_new(int64_t in, int64_t out, int64_t stride, cd_device device)
{
    return cd_nn_sequential(basic_block_new((block_options){ in, out, stride, device }),
                            basic_block_new((block_options){ out, out, 1, device }));
}

/* A visitor: initialises the weights of convolutions, the only 4-d tensors, as torchvision does. */
static bool init_convolution(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    (void)user;
    return cd_ndim(t) != 4 || cd_init_kaiming_normal_(t, 0, CD_FAN_OUT);
}

static const cd_option options[] = {
    { "num_classes", CD_OPTION(cd_resnet_options, num_classes, INTEGER), .default_value = 1000,
      .min = 1, .max = CD_MODEL_LARGEST_WIDTH, .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *resnet_module_make(const void *o)
{
    return cd_resnet18_with(*(const cd_resnet_options *)o);
}

const cd_module_class cd_resnet_class = {
    .name = "ResNet",
    .size = sizeof(resnet),
    .inputs = 1,
    .forward = resnet_forward,
    CD_CLASS_OPTIONS(resnet, options, options),
    .make = resnet_module_make,
};

static cd_module *resnet_make(const void *given, cd_device device)
{
    cd_resnet_options o = *(const cd_resnet_options *)given;
    o.device = device;
    return cd_resnet18_with(o);
}

const cd_model_class cd_model_resnet18_class = { .name = "resnet18",
                                                 CD_MODEL_OPTIONS(cd_resnet_options, options,
                                                                  num_classes),
                                                 .make = resnet_make };

cd_module *cd_resnet18_with(cd_resnet_options o)
{
    if (!cd_options_fill(options, &o, "resnet18")) return NULL;
    const cd_device device = o.device;
    CD_SCOPE();
    resnet *r = (resnet *)cd_module_new(&cd_resnet_class);
    if (!r) return NULL;
    r->options = o;
    cd_module *m = &r->module;
    cd_module *stem =
        cd_nn_conv2d(3, 64, 7, .stride = 2, .padding = 3, .no_bias = true, .device = device);
    (void)cd_register_child(m, "conv1", &r->conv1, stem);
    (void)cd_register_child(m, "bn1", &r->bn1, cd_nn_batch_norm2d(64, .device = device));
    (void)cd_register_child(m, "relu", &r->relu, cd_nn_relu());
    (void)cd_register_child(m, "maxpool", &r->maxpool,
                            cd_nn_max_pool2d(3, .stride = 2, .padding = 1));
    (void)cd_register_child(m, "layer1", &r->layer[0], layer_new(64, 64, 1, device));
    (void)cd_register_child(m, "layer2", &r->layer[1], layer_new(64, 128, 2, device));
    (void)cd_register_child(m, "layer3", &r->layer[2], layer_new(128, 256, 2, device));
    (void)cd_register_child(m, "layer4", &r->layer[3], layer_new(256, 512, 2, device));
    (void)cd_register_child(m, "avgpool", &r->avgpool, cd_nn_adaptive_avg_pool2d(1, 1));
    (void)cd_register_child(m, "fc", &r->fc, cd_nn_linear(512, o.num_classes, .device = device));
    if (!cd_ok() || !cd_visit(m, init_convolution, NULL)) return NULL;
    return cd_escape(r);
}

cd_tensor *cd_resnet_features(cd_module *m, cd_tensor *x)
{
    if (!cd_check_module(m, "resnet_features", "the module")) return NULL;
    if (m->class_ != &cd_resnet_class) {
        (void)cd_fail(CD_ERR_ARGUMENT, "resnet_features: the module is a %s, not a ResNet",
                      m->class_->name);
        return NULL;
    }
    CD_SCOPE();
    cd_tensor *y = features((resnet *)m, x);
    return cd_escape(y);
}
