/* Layers from a text: layers_text.h. The words are in layers_text_words.c. */
#include "models/layers_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "autograd/autograd.h"
#include "autograd/create.h"
#include "core/device_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/text_internal.h"
#include "models/layers_text_internal.h"
#include "models/tree_internal.h"
#include "nn/containers.h"

static const char from_text[] = "layers_from_text";

enum {
    BATCH = 2,                  /* samples of the input with which the layers are tried */
    LAYERS = 2 * CD_LAYERS_MAX, /* each with a Flatten in front */
    MOST_PARAMETERS = 1 << 28
};

/* A layer of the text, or a Flatten in front of one. */
typedef struct layer {
    const cd_module_class *class_;
    cd_option_item item;
} layer;

typedef struct reader {
    const cd_layers_from_text_options *o;
    cd_words words;
    int item;        /* from 1 */
    int last_linear; /* the item that is the last `linear`; 0: there is none */
    layer *layers[LAYERS];
    int count;
    int64_t parameters;
    cd_tensor *x; /* what the layers so far give, on the meta device */
} reader;

/* The shape of a sample of a batch. */
static const char *sample_text(const cd_shape *batch, char text[CD_SHAPE_TEXT])
{
    cd_shape sample = { .ndim = batch->ndim - 1 };
    memcpy(sample.dim, batch->dim + 1, (size_t)sample.ndim * sizeof *sample.dim);
    return cd_shape_text(sample, text);
}

/* --- making a layer --------------------------------------------------------------------------- */

/* In a scope of its own, so that the children of the module have one owner each. */
static cd_module *make(const layer *l)
{
    CD_SCOPE();
    cd_module *m = l->class_->make(l->item.options);
    if (!m && cd_ok()) {
        (void)cd_fail(CD_ERR_STATE, "%s: the make function of %s returned NULL without an error",
                      l->item.where, l->class_->name);
    }
    return cd_ok() ? cd_escape(m) : NULL;
}

/* Gives the pending error of a layer its place and the shape of its input. Returns false. */
static bool failed(const reader *r, const layer *l)
{
    cd_error error;
    char shape[CD_SHAPE_TEXT];
    if (cd_error_code() == CD_ERR_MEMORY || !cd_error_take(&error)) return false;
    return cd_fail(error.code, "%s: a sample comes to it as %s: %s", l->item.where,
                   sample_text(&r->x->shape, shape), error.message);
}

static bool count_parameters(reader *r, const layer *l, cd_module *m)
{
    const int64_t most = r->o->most_parameters ? r->o->most_parameters : MOST_PARAMETERS;
    const int64_t more = cd_num_parameters(m);
    if (!cd_ok()) return failed(r, l);
    if (!__builtin_add_overflow(r->parameters, more, &r->parameters) && r->parameters <= most) {
        return true;
    }
    return cd_fail(CD_ERR_UNSUPPORTED,
                   "%s: the layers up to this one have more parameters than there may be, %" PRId64,
                   l->item.where, most);
}

/* Checks what a layer gives. */
static bool check_output(const layer *l, const cd_tensor *y)
{
    char text[CD_SHAPE_TEXT];
    if (y->shape.ndim < 2 || y->shape.dim[0] != BATCH) {
        return cd_fail(
            CD_ERR_SHAPE,
            "%s: it gives %s for %d samples: it must leave the samples apart, in dimension "
            "0, and give each a dimension",
            l->item.where, cd_shape_text(y->shape, text), BATCH);
    }
    return cd_numel(y) > 0 || cd_fail(CD_ERR_SHAPE, "%s: it gives nothing: a sample is %s",
                                      l->item.where, sample_text(&y->shape, text));
}

/* Makes the layer on the meta device and calls it there. */
static bool try_layer(reader *r, const layer *l)
{
    CD_SCOPE();
    cd_module *m = make(l);
    if (!m) return failed(r, l);
    if (!count_parameters(r, l, m)) return false;
    if (cd_module_outputs(m) != 1) {
        return cd_fail(CD_ERR_UNSUPPORTED, "%s: it gives %d tensors with these options",
                       l->item.where, cd_module_outputs(m));
    }
    CD_NO_GRAD();
    cd_tensor *y = cd_eval(m) ? cd_forward(m, r->x) : NULL;
    if (!y) return failed(r, l);
    if (!check_output(l, y)) return false;
    r->x = cd_escape(y);
    return true;
}

/* --- items ------------------------------------------------------------------------------------ */

/* A new layer at the end. NULL without memory. */
static layer *add(reader *r, const cd_module_class *class_, const char *where)
{
    layer *l = cd_alloc_zeroed(1, sizeof *l);
    if (!l) return NULL;
    l->class_ = class_;
    cd_layers_set_up(&l->item, class_);
    (void)snprintf(l->item.where, sizeof l->item.where, "%s", where);
    l->item.options = cd_alloc_zeroed(1, class_->options_bytes + 1);
    if (!l->item.options) {
        cd_free(l);
        return NULL;
    }
    r->layers[r->count++] = l;
    return l;
}

/* Puts a Flatten in front of a Linear whose input has several dimensions. */
static bool add_flatten(reader *r, const char *where)
{
    if (r->o->no_flatten || r->x->shape.ndim <= 2) return true;
    const layer *l = add(r, &cd_nn_flatten_class, where);
    return l && try_layer(r, l);
}

/* The last `linear` gives the wanted numbers if the text does not say how many. */
static bool fill_outputs(const reader *r, layer *l)
{
    const cd_option *row = cd_option_by_key(l->item.table, "out_features");
    if (cd_option_is_given(&l->item, row)) return true;
    if (r->item != r->last_linear) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: it needs its number of outputs, as in \"linear 256\": only the last "
                       "linear may leave it out",
                       l->item.where);
    }
    if (r->o->outputs == 0) {
        return cd_fail(
            CD_ERR_ARGUMENT,
            "%s: it needs its number of outputs, as in \"linear 10\", since the number of "
            "classes is not known",
            l->item.where);
    }
    return cd_option_give_number(&l->item, row, (double)r->o->outputs);
}

static bool read_item(reader *r)
{
    char where[CD_OPTION_TEXT_WHERE];
    cd_words *w = &r->words;
    if (++r->item > CD_LAYERS_MAX) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: there are more than %d layers (column %d)", from_text,
                       CD_LAYERS_MAX, w->column);
    }
    (void)snprintf(where, sizeof where, "%s: item %d, \"%s\"", from_text, r->item,
                   cd_words_end_item(w) ? "" : w->word);
    const cd_module_class *class_ = cd_layers_class(where, w, r->x->shape.ndim);
    const bool linear = class_ == &cd_nn_linear_class;
    if (!class_ || (linear && !add_flatten(r, where))) return false;
    layer *l = add(r, class_, where);
    if (!l) return false;
    cd_words_next(w);
    return cd_option_item_read(&l->item, w) && (!linear || fill_outputs(r, l)) &&
           cd_layers_fill(&l->item, class_, &r->x->shape) && cd_option_item_check(&l->item) &&
           try_layer(r, l);
}

/* The number of the item that is the last `linear`. */
static int find_last_linear(const char *text)
{
    cd_words w;
    int item = 1, last = 0;
    bool first = true; /* the word is the first of its item */
    for (cd_words_begin(&w, text); *w.word; cd_words_next(&w)) {
        if (first && cd_layers_is_linear(w.word)) last = item;
        first = *w.word == ',';
        item += first;
    }
    return last;
}

/* Checks that the layers give the numbers that the caller wants. */
static bool check_outputs(const reader *r)
{
    const cd_shape *s = &r->x->shape;
    const int64_t wanted = r->o->outputs;
    char text[CD_SHAPE_TEXT];
    if (wanted == 0 || (s->dim[s->ndim - 1] == wanted && (s->ndim == 2 || r->o->no_flatten))) {
        return true;
    }
    return cd_fail(CD_ERR_SHAPE,
                   "%s: the layers give %s for each sample, and must give %" PRId64
                   " numbers: end with \"linear\", which needs no number there",
                   from_text, sample_text(s, text), wanted);
}

/* Reads the text and tries the layers, on the meta device. */
static bool read_text(reader *r)
{
    cd_shape shape = { .ndim = r->o->input.ndim + 1, .dim = { BATCH } };
    memcpy(shape.dim + 1, r->o->input.dim, (size_t)r->o->input.ndim * sizeof *shape.dim);
    r->x = cd_empty(shape, .dtype = r->o->dtype, .device = CD_META);
    if (!r->x) return false;
    r->last_linear = find_last_linear(r->o->text);
    cd_words_begin(&r->words, r->o->text);
    for (;; cd_words_next(&r->words)) {
        if (!read_item(r)) return false;
        if (!*r->words.word) return check_outputs(r);
    }
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Makes the modules of layers that fit each other. */
static cd_module *make_all(const reader *r)
{
    cd_module *modules[LAYERS];
    for (int i = 0; i < r->count; i++) {
        modules[i] = make(r->layers[i]);
        if (!modules[i]) {
            (void)cd_option_item_failed(&r->layers[i]->item);
            return NULL;
        }
    }
    return cd_nn_sequential_n(modules, r->count);
}

/* Calls read_text or make_all with the limit on modules, in this mode of devices. */
static cd_module *in_mode(reader *r, unsigned mode, bool reads)
{
    int64_t most = CD_TREE_STANDS_FOR, *const before = cd_module_allowance;
    cd_scope scope = cd_modes_begin(mode, CD_MODE_CAPTURE);
    cd_module *m = NULL;
    cd_module_allowance = &most;
    if (!cd_ok() || (reads && !read_text(r))) {
        m = NULL;
    } else if (!reads) {
        m = make_all(r);
    }
    cd_module_allowance = before;
    (void)cd_scope_end(scope);
    return m;
}

static bool check_input(const cd_shape *input)
{
    char text[CD_SHAPE_TEXT];
    bool right = input->ndim >= 1 && input->ndim < CD_MAX_DIMS;
    for (int i = 0; right && i < input->ndim; i++) right = input->dim[i] >= 1;
    if (right) return true;
    if (input->ndim == 0) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: .input is missing, the shape of a sample, as in .input = CD_SHAPE(784)",
                       from_text);
    }
    if (input->ndim < 0 || input->ndim >= CD_MAX_DIMS) {
        return cd_fail(CD_ERR_SHAPE, "%s: .input has %d dimensions, and must have 1 to %d",
                       from_text, input->ndim, CD_MAX_DIMS - 1);
    }
    return cd_fail(CD_ERR_SHAPE, "%s: .input is %s, and each size must be 1 or more", from_text,
                   cd_shape_text(*input, text));
}

static bool check(cd_layers_from_text_options *o)
{
    if (!o->text || strnlen(o->text, CD_LAYERS_TEXT) == CD_LAYERS_TEXT) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the text is NULL or has %d bytes or more", from_text,
                       CD_LAYERS_TEXT);
    }
    if (o->outputs < 0 || o->most_parameters < 0) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: .outputs is %" PRId64 " and .most_parameters %" PRId64
                       ", and must be 0 or more",
                       from_text, o->outputs, o->most_parameters);
    }
    if (!check_input(&o->input) || !cd_device_check(&o->device, from_text)) return false;
    return o->device == CD_CPU || o->device == CD_META ||
           cd_fail(CD_ERR_DEVICE,
                   "%s: layers are made on the CPU or the meta device: move them with cd_module_to "
                   "afterwards",
                   from_text);
}

cd_module *cd_layers_from_text_with(cd_layers_from_text_options o)
{
    if (!cd_ok() || !check(&o)) return NULL;
    reader *r = cd_alloc_zeroed(1, sizeof *r);
    if (!r) return NULL;
    r->o = &o;
    cd_scope scope = cd_scope_begin();
    (void)in_mode(r, CD_MODE_META, true);
    cd_module *m = cd_ok() ? in_mode(r, o.device == CD_META ? CD_MODE_META : 0, false) : NULL;
    for (int i = 0; i < r->count; i++) {
        cd_free(r->layers[i]->item.options);
        cd_free(r->layers[i]);
    }
    cd_free(r);
    m = cd_escape(m);
    (void)cd_scope_end(scope);
    return m;
}
