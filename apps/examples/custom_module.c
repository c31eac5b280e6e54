/* A module class of one's own: a residual block, which is trained within a network of the library's
 * modules, saved, and loaded again. docs/own-modules.md says more of each part.
 *
 * The data are two spirals that wind around each other, and which of them a point is on. */
#include <candela.h>
#include <math.h>

/* --- the class: y = x + fc2(relu(fc1(norm(x)))) ----------------------------------------------- */

typedef struct residual_options {
    int64_t size;
    CD_GUARD_;      /* what stands behind it is given by name */
    int64_t hidden; /* default: 64 */
} residual_options;

static const cd_option residual_table[] = {
    { "size", CD_OPTION(residual_options, size, INTEGER), .required = true, .min = 1 },
    { "hidden", CD_OPTION(residual_options, hidden, INTEGER), .default_value = 64, .min = 1 },
    CD_OPTIONS_END
};

typedef struct residual {
    cd_module module; /* first */
    residual_options options;
    cd_module *norm, *fc1, *fc2;
} residual;

static bool residual_forward(cd_module *m, const cd_arguments *a)
{
    const residual *self = (const residual *)m;
    cd_tensor *h = cd_relu(cd_forward(self->fc1, cd_forward(self->norm, a->in[0])));
    a->out[0] = cd_add(a->in[0], cd_forward(self->fc2, h));
    return a->out[0]; /* an op that failed gave NULL, and has set the error */
}

static cd_module *residual_make(const void *options);

static const cd_module_class residual_class = { .name = "Residual",
                                                .size = sizeof(residual),
                                                .inputs = 1,
                                                .forward = residual_forward,
                                                CD_CLASS_OPTIONS(residual, options, residual_table),
                                                .make = residual_make };

static cd_module *residual_with(residual_options o)
{
    if (!cd_options_fill(residual_table, &o, "residual")) return NULL;
    residual *self = (residual *)cd_module_new(&residual_class);
    if (!self) return NULL;
    cd_module *m = &self->module;
    self->options = o;
    cd_register_child(m, "norm", &self->norm, cd_nn_layer_norm(CD_SHAPE(o.size)));
    cd_register_child(m, "fc1", &self->fc1, cd_nn_linear(o.size, o.hidden));
    cd_register_child(m, "fc2", &self->fc2, cd_nn_linear(o.hidden, o.size));
    return cd_ok() ? m : NULL;
}
#define residual(...) residual_with((residual_options){ .size = __VA_ARGS__ })

/* How a module is made again that a file describes. */
static cd_module *residual_make(const void *options)
{
    return residual_with(*(const residual_options *)options);
}

/* --- the program ------------------------------------------------------------------------------ */

/* Points of both spirals, with a little noise. */
static cd_dataset *spirals(int64_t count)
{
    cd_tensor *spiral = cd_randint(0, 2, CD_SHAPE(count));
    cd_tensor *way = cd_rand(CD_SHAPE(count)); /* from the middle, 0, to the end, 1 */
    cd_tensor *angle = cd_add(cd_mul(way, 10.0), cd_mul(spiral, acos(-1)));
    cd_tensor *x = cd_mul(way, cd_cos(angle)), *y = cd_mul(way, cd_sin(angle));
    cd_tensor *points = cd_stack(CD_TENSORS(x, y), 1);
    return cd_dataset_from_tensors(cd_add(points, cd_mul(cd_randn_like(points), 0.01)), spiral);
}

static double accuracy(cd_module *model, cd_dataset *set)
{
    double value = 0;
    const cd_metric *const metrics[] = { &cd_accuracy };
    cd_evaluate(model, set, .metrics = metrics, .metric_count = 1, .values = &value);
    return value;
}

int main(void)
{
    cd_manual_seed(0);
    cd_register_module_class(&residual_class); /* for saving and loading */
    cd_dataset *train = spirals(1000), *test = spirals(1000);
    cd_module *model = cd_nn_sequential(cd_nn_linear(2, 32), residual(32),
                                        residual(32, .hidden = 128), cd_nn_linear(32, 2));
    cd_print_module(stdout, model);
    cd_fit(model, train, .optimizer = cd_optim_adam(model, .lr = 0.005), .epochs = 60);
    printf("accuracy %.3f on points that it has not seen\n", accuracy(model, test));

    cd_save_model(model, &(cd_card){ .source = "apps/examples/custom_module.c" },
                  "spirals.safetensors");
    cd_module *loaded = cd_load_model("spirals.safetensors");
    printf("accuracy %.3f of the model that was saved and loaded\n", accuracy(loaded, test));
    return cd_report(stderr);
}
