/* Makes the model that the options of candela train ask for. */
#include "apps/train_model.h"

#include <string.h>

#include "apps/console.h"
#include "apps/json.h"
#include "apps/model_file.h"
#include "apps/train_table.h"

/* Photographs for an mlp, for lenet and for layers: grey, and stretched to the size of MNIST's
 * pictures. */
static const cd_preprocess small_grey = {
    .resize = 0, .crop_width = 28, .crop_height = 28, .channels = 1, .std = { 1 }
};

static bool is(const model_choice *m, const char *name)
{
    return !m->layers && strcmp(m->name, name) == 0;
}

const cd_preprocess *train_preprocess(const model_choice *m)
{
    return is(m, "resnet18") ? NULL : &small_grey;
}

static bool refuse_pictures(cd_shape sample, const char *takes)
{
    char channels[COUNTED_BYTES];
    return cd_fail(CD_ERR_ARGUMENT, "the pictures have %s of %lld x %lld pixels, and %s",
                   counted(sample.dim[0], "channel", "channels", channels),
                   (long long)sample.dim[2], (long long)sample.dim[1], takes);
}

/* LeNet takes square pictures, which leave something after its second pooling from 12 pixels on. */
static char *lenet_options(int64_t classes, cd_shape sample)
{
    if (sample.dim[1] != sample.dim[2] || sample.dim[1] < 12) {
        (void)refuse_pictures(sample, "lenet takes square ones of 12 x 12 or more: --model mlp "
                                      "takes these");
        return NULL;
    }
    json_t *object = json_object();
    put_integer(object, "inputs", sample.dim[0]);
    put_integer(object, "size", sample.dim[1]);
    put_integer(object, "outputs", classes);
    return json_line(object);
}

/* A ResNet halves its pictures five times. */
static char *resnet18_options(int64_t classes, cd_shape sample)
{
    if (sample.dim[0] == 3 && sample.dim[1] >= 33 && sample.dim[2] >= 33) {
        return resnet_options(classes);
    }
    (void)refuse_pictures(sample, "resnet18 takes coloured ones of 33 x 33 or more, such as "
                                  "photographs: --model lenet or mlp takes these");
    return NULL;
}

static char *mlp_options(const sizes *hidden, int64_t classes, cd_shape sample)
{
    json_t *object = json_object(), *list = json_array();
    for (int i = 0; i < hidden->count; i++) append_integer(list, hidden->value[i]);
    int64_t inputs = 1;
    for (int i = 0; i < sample.ndim; i++) inputs *= sample.dim[i];
    put_integer(object, "inputs", inputs);
    put_json(object, "hidden", list);
    put_integer(object, "outputs", classes);
    return json_line(object);
}

/* How many outputs the model has. */
static int64_t outputs_of(const training *t)
{
    return t->table ? cd_encoder_output_count(t->table->encoder)
                    : cd_dataset_class_count(t->split.train.set);
}

/* A model of the zoo. */
static bool make_named(training *t, const model_choice *m)
{
    const cd_dataset *set = t->split.train.set;
    const int64_t classes = outputs_of(t);
    const cd_shape sample = cd_dataset_sample_shape(set);
    t->architecture = m->name;
    t->options = is(m, "lenet")      ? lenet_options(classes, sample)
                 : is(m, "resnet18") ? resnet18_options(classes, sample)
                                     : mlp_options(&m->hidden, classes, sample);
    t->model = t->options ? cd_make_model(t->architecture, t->options) : NULL;
    return t->model;
}

bool train_make_model(training *t, const model_choice *m)
{
    if (!m->layers) return make_named(t, m);
    const cd_dataset *set = t->split.train.set;
    t->model = cd_layers_from_text(m->layers, .input = cd_dataset_sample_shape(set),
                                   .outputs = outputs_of(t));
    return t->model || refuse_text("layers");
}
