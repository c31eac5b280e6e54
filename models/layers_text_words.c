/* The words of layers in a text: layers_text_internal.h. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/nearest.h"
#include "core/text_internal.h"
#include "models/layers_text_internal.h"
#include "models/tree_internal.h"

/* The words in the order of the classes: PyTorch's names with "_" between their parts. */
static const char *const words[] = {
#define CD_MODULE(name_) #name_,
#include "nn/modules.def"
#undef CD_MODULE
};
enum { WORDS = sizeof words / sizeof *words };

/* Short words. */
static const char *const short_words[][2] = {
    { "bn", "batch_norm" },
    { "fc", "linear" },
};

/* Classes without a word whose numbers of inputs and outputs do not say so, and why. */
static const char of_modules[] = "it is made of other modules, which no text gives";
static const char of_tensors[] = "it takes 2 tensors, and a layer of a text takes one";
static const struct refused {
    const cd_module_class *class_;
    const char *why;
} refused[] = {
    { &cd_nn_sequential_class, of_modules },
    { &cd_nn_module_list_class, of_modules },
    { &cd_nn_module_dict_class, of_modules },
    { &cd_nn_parameter_list_class, of_modules },
    { &cd_nn_parameter_dict_class, of_modules },
    { &cd_nn_averaged_model_class, of_modules },
    { &cd_nn_transformer_encoder_class, of_modules },
    { &cd_nn_transformer_decoder_class, of_modules },
    { &cd_nn_transformer_decoder_layer_class, of_tensors },
    { &cd_nn_transformer_class, of_tensors },
};

/* --- classes ---------------------------------------------------------------------------------- */

static int needed_inputs(const cd_module_class *c)
{
    int needed = c->inputs == 0;
    for (int k = 0; k < c->inputs; k++) needed += k >= 32 || !(c->optional_inputs >> k & 1);
    return needed;
}

const char *cd_layers_refused(const cd_module_class *c, char *out, size_t size)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (refused[i].class_ == c) return refused[i].why;
    }
    const int inputs = needed_inputs(c), outputs = c->outputs > 0 ? c->outputs : 1;
    if (inputs == 1 && outputs == 1) return NULL;
    (void)snprintf(out, size,
                   "it takes %d and gives %d tensor%s, and a layer of a text has one of both",
                   inputs, outputs, outputs == 1 ? "" : "s");
    return out;
}

/* Class number i of the library's and of those that the program has registered; NULL behind the
 * last one. */
static const cd_module_class *class_at(int i)
{
    return i < WORDS ? cd_module_classes[i] : cd_tree_registered(i - WORDS);
}

static const cd_module_class *find(const char *word)
{
    for (int i = 0; class_at(i); i++) {
        if (cd_same_words(class_at(i)->name, word)) return class_at(i);
    }
    return NULL;
}

/* The class "conv2d" of "conv" and 2 dimensions. */
static const cd_module_class *find_of_dims(const char *word, int dims)
{
    char name[CD_WORD_BYTES + 16];
    (void)snprintf(name, sizeof name, "%s%dd", word, dims);
    return find(name);
}

static const char *long_word(const char *word)
{
    for (size_t i = 0; i < sizeof short_words / sizeof *short_words; i++) {
        if (cd_same_words(short_words[i][0], word)) return short_words[i][1];
    }
    return word;
}

bool cd_layers_is_linear(const char *word)
{
    return cd_same_words(long_word(word), cd_nn_linear_class.name);
}

const char *cd_layers_word(const cd_module_class *class_)
{
    for (int i = 0; i < WORDS; i++) {
        if (cd_module_classes[i] == class_) return words[i];
    }
    return class_->name;
}

const char *cd_layers_text_name(int i)
{
    char text[128];
    for (int k = 0; k < WORDS && i >= 0; k++) {
        if (!cd_layers_refused(cd_module_classes[k], text, sizeof text) && i-- == 0)
            return words[k];
    }
    return NULL;
}

/* Fails for a word that no class has. Returns NULL. */
static const cd_module_class *refuse_word(const char *where, const cd_words *w)
{
    static const char such[] = "the words are PyTorch's names of layers, such as linear, conv2d, "
                               "relu, max_pool2d, batch_norm2d, dropout and flatten";
    if (cd_words_end_item(w)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: a layer is missing at column %d, where there is %s; %s",
                      where, w->column, *w->word ? "a comma" : "the end", such);
        return NULL;
    }
    const char *best = NULL;
    int distance = INT_MAX;
    char typed[CD_WORD_BYTES], text[128];
    cd_plain_word(w->word, typed, sizeof typed);
    for (int i = 0; class_at(i); i++) {
        const char *near = NULL;
        char plain[CD_WORD_BYTES];
        if (cd_layers_refused(class_at(i), text, sizeof text)) continue;
        cd_plain_word(class_at(i)->name, plain, sizeof plain);
        cd_nearest_offer(typed, plain, &near, &distance);
        if (near) best = cd_layers_word(class_at(i));
    }
    (void)cd_fail(CD_ERR_ARGUMENT, "%s: there is no such layer (column %d)%s%s%s%s; %s", where,
                  w->column, best ? ", did you mean \"" : "", best ? best : "", best ? "\"?" : "",
                  cd_words_hint(w->word), such);
    return NULL;
}

/* Fails for a word whose class depends on the input, which has the wrong dimensions. Returns
 * NULL. */
static const cd_module_class *refuse_dims(const char *where, const char *word, int dims)
{
    char known[64] = "";
    for (int d = 1; d <= 3; d++) {
        const cd_module_class *c = find_of_dims(word, d);
        if (!c) continue;
        cd_append_text(known, sizeof known, *known ? ", " : "");
        cd_append_text(known, sizeof known, cd_layers_word(c));
    }
    (void)cd_fail(
        CD_ERR_SHAPE,
        "%s: its input has %d dimension%s behind the channels, and no word is for that (%s); "
        "\"unflatten 1 3 32 32\" makes 3 channels of 32 x 32 of 3072 numbers",
        where, dims, dims == 1 ? "" : "s", known);
    return NULL;
}

const cd_module_class *cd_layers_class(const char *where, const cd_words *w, int ndim)
{
    const char *word = long_word(w->word);
    char text[128];
    const int dims = ndim - 2;
    const cd_module_class *c = find(word);
    if (!c) c = find_of_dims(word, dims);
    /* BatchNorm1d takes channels alone. */
    if (!c && dims == 0 && find_of_dims(word, 1) == &cd_nn_batch_norm1d_class) {
        c = &cd_nn_batch_norm1d_class;
    }
    if (!c) {
        const bool any = find_of_dims(word, 1) || find_of_dims(word, 2) || find_of_dims(word, 3);
        return any ? refuse_dims(where, word, dims) : refuse_word(where, w);
    }
    const char *why = cd_layers_refused(c, text, sizeof text);
    if (!why && c->make) return c;
    (void)cd_fail(CD_ERR_UNSUPPORTED, "%s: %s cannot be in a text: %s", where, c->name,
                  why ? why : "its class has no make function");
    return NULL;
}

/* --- options ---------------------------------------------------------------------------------- */

/* Options that follow from the shape before. */
static const char *const from_shape[] = { "in_features",      "in_channels", "num_features",
                                          "num_channels",     "input_size",  "d_model",
                                          "normalized_shape", NULL };

/* Which of these are the size of dimension 1. The others are that of the last one. */
static bool is_channels(const cd_option *o)
{
    return strcmp(o->name, "in_channels") == 0 || strcmp(o->name, "num_features") == 0 ||
           strcmp(o->name, "num_channels") == 0;
}

/* Arguments that PyTorch's constructors have a default for, and those of this library have not. */
static const struct usual {
    const cd_module_class *class_; /* NULL: any */
    const char *option;
    double value;
} usual[] = {
    { NULL, "p", 0.5 }, /* of the dropouts */
    { &cd_nn_prelu_class, "num_parameters", 1 },
    { &cd_nn_glu_class, "dim", -1 },
};
static const char *const filled[] = { "p", "num_parameters", NULL };
static const char *const filled_of_glu[] = { "dim", NULL };

static const cd_option no_options[] = { CD_OPTIONS_END };

void cd_layers_set_up(cd_option_item *item, const cd_module_class *c)
{
    item->table = c->options ? c->options : no_options;
    item->numbers = 4;
    item->list_of = "layers";
    item->known = from_shape;
    item->filled = c == &cd_nn_glu_class ? filled_of_glu : filled;
}

static bool give_size(cd_option_item *item, const cd_option *o, int64_t size)
{
    const bool list = o->kind == CD_OPTION_SHAPE;
    const cd_option_value value = { .kind = list ? CD_VALUE_SIZES : CD_VALUE_INTEGER,
                                    .integer = size,
                                    .sizes = &size,
                                    .count = 1 };
    return cd_option_give(item, o, &value);
}

bool cd_layers_fill(cd_option_item *item, const cd_module_class *c, const cd_shape *input)
{
    for (const cd_option *o = item->table; o->name; o++) {
        for (int i = 0; from_shape[i]; i++) {
            if (strcmp(from_shape[i], o->name) != 0 || cd_option_is_given(item, o)) continue;
            const int64_t size = input->dim[is_channels(o) ? 1 : input->ndim - 1];
            if (!give_size(item, o, size)) return false;
        }
        for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
            if (strcmp(usual[i].option, o->name) != 0 || !o->required) continue;
            if ((usual[i].class_ && usual[i].class_ != c) || cd_option_is_given(item, o)) continue;
            if (!cd_option_give_number(item, o, usual[i].value)) return false;
        }
    }
    return true;
}

bool cd_layers_text_usage(const char *word, char *out, size_t size)
{
    static const char function[] = "layers_text_usage";
    if (!cd_option_usage_begin(function, word, out, size)) return false;
    cd_words w;
    cd_words_begin(&w, word);
    /* "conv" is shown as that of pictures; "adaptive_avg_pool" has both, and every word one. */
    const int dims = find_of_dims(long_word(w.word), 2) ? 2 : 1;
    const cd_module_class *c = cd_layers_class(function, &w, dims + 2);
    if (!c) return false;
    cd_option_item item = { .numbers = 0 };
    cd_layers_set_up(&item, c);
    cd_option_item_usage(&item, out, size);
    return true;
}
