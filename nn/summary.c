/* cd_summary: a copy of the model on the meta device is called with hooks that note the shapes. */
#include "nn/summary.h"

#include <inttypes.h>
#include <string.h>

#include "autograd/create.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "nn/module_internal.h"

typedef struct row {
    char layer[96]; /* its path and class, escaped and cut */
    cd_module *module;
    cd_shape shape;
    bool again; /* an earlier row is of the same module, and counts */
    bool called;
    int64_t parameters, multiply_adds;
} row;

typedef struct table {
    row *rows;
    int64_t count;
} table;

static bool count_row(const char *path, cd_module *m, void *user)
{
    (void)path;
    (void)m;
    ++*(int64_t *)user;
    return true;
}

static bool fill_row(const char *path, cd_module *m, void *user)
{
    table *t = user;
    row *r = &t->rows[t->count++];
    char whole[sizeof r->layer];
    (void)snprintf(whole, sizeof whole, "%s%s%s", path, *path ? ": " : "", m->class_->name);
    cd_escape_text(r->layer, sizeof r->layer, whole);
    r->module = m;
    for (int64_t i = 0; i < t->count - 1; i++) r->again |= t->rows[i].module == m;
    for (int32_t i = 0; i < m->count_; i++) {
        const cd_tensor *value = cd_module_value(&m->entries_[i]);
        if (m->entries_[i].kind == CD_PARAMETER && value) r->parameters += value->numel;
    }
    return true;
}

static bool is_one_of(const cd_module *m, const cd_module_class *const *classes)
{
    while (*classes && *classes != m->class_) classes++;
    return *classes != NULL;
}

/* How many times a call multiplies each element of a weight. In Linear, Bilinear and convolutions
 * each element of the output, or for a transposed convolution of the input, takes part in as many
 * products as the weight has elements for one index of its first dimension. In recurrent layers and
 * cells the whole weight is used for each vector of the input, so once for each step of each
 * sequence. 0: the class is not counted. */
static int64_t uses_of(const cd_module *m, const cd_arguments *a, const cd_tensor *weight)
{
    static const cd_module_class *const plain[] = { &cd_nn_linear_class, &cd_nn_bilinear_class,
                                                    &cd_nn_conv1d_class, &cd_nn_conv2d_class,
                                                    NULL };
    static const cd_module_class *const transposed[] = { &cd_nn_conv_transpose1d_class,
                                                         &cd_nn_conv_transpose2d_class, NULL };
    static const cd_module_class *const recurrent[] = { &cd_nn_rnn_class,
                                                        &cd_nn_lstm_class,
                                                        &cd_nn_gru_class,
                                                        &cd_nn_rnn_cell_class,
                                                        &cd_nn_lstm_cell_class,
                                                        &cd_nn_gru_cell_class,
                                                        NULL };
    const cd_tensor *x = a->in[0];
    if (is_one_of(m, plain)) return a->out[0]->numel / weight->shape.dim[0];
    if (is_one_of(m, transposed)) return x->numel / weight->shape.dim[0];
    return is_one_of(m, recurrent) ? x->numel / x->shape.dim[x->shape.ndim - 1] : 0;
}

/* Adds n times each. False if the sum does not fit. */
static bool add_products(int64_t n, int64_t each, int64_t *sum)
{
    int64_t products;
    return cd_checked_mul_i64(n, each, &products) && cd_checked_add_i64(*sum, products, sum);
}

/* Attention makes a vector of embed_dim elements of each vector of query, key and value. Its last
 * projection is a child, with a row of its own. */
static bool add_projections(const cd_arguments *a, int64_t *sum)
{
    const cd_shape *y = &a->out[0]->shape;
    for (int k = 0; k < 3; k++) {
        if (!add_products(a->in[k]->numel, y->dim[y->ndim - 1], sum)) return false;
    }
    return true;
}

/* Adds the products with the elements of all parameters whose names begin with "weight". */
static bool add_multiply_adds(const cd_module *m, const cd_arguments *a, int64_t *sum)
{
    if (m->class_ == &cd_nn_multihead_attention_class) return add_projections(a, sum);
    for (int32_t i = 0; i < m->count_; i++) {
        const cd_tensor *weight = cd_module_value(&m->entries_[i]);
        if (m->entries_[i].kind != CD_PARAMETER || !weight || weight->numel == 0 ||
            strncmp(m->entries_[i].name, "weight", 6) != 0) {
            continue;
        }
        if (!add_products(uses_of(m, a, weight), weight->numel, sum)) return false;
    }
    return true;
}

static bool refuse_count(const char *layer)
{
    return cd_fail(CD_ERR_SHAPE,
                   "summary: %s: more than 2^63 - 1 multiply-adds: the input must be smaller",
                   layer);
}

static bool note_call(cd_module *m, const cd_arguments *a, void *user)
{
    row *r = user;
    r->called = true;
    if (a->out[0]) r->shape = a->out[0]->shape; /* a class may leave an output NULL */
    if (r->again || add_multiply_adds(m, a, &r->multiply_adds)) return true;
    return refuse_count(r->layer);
}

/* Where the table goes: to a stream, to a text, to both or neither. */
typedef struct writer {
    const cd_summary_options *o;
    size_t used;
    bool written;
} writer;

static void put(writer *w, const char *layer, const char *shape, const char *parameters,
                const char *multiply_adds)
{
    char line[256];
    (void)snprintf(line, sizeof line, "%-48s  %-20s  %12s  %16s\n", layer, shape, parameters,
                   multiply_adds);
    if (w->o->stream) w->written &= fputs(line, w->o->stream) >= 0;
    if (w->o->text && w->used < w->o->bytes) {
        w->used += (size_t)snprintf(w->o->text + w->used, w->o->bytes - w->used, "%s", line);
    }
}

/* A whole number, and nothing for 0. */
static const char *number(int64_t n, char text[24])
{
    text[0] = '\0';
    if (n) (void)snprintf(text, 24, "%" PRId64, n);
    return text;
}

static bool write_table(const table *t, const cd_summary_options *o, int64_t parameters)
{
    char shape[CD_SHAPE_TEXT], a[24], b[24];
    int64_t sum = 0;
    for (int64_t i = 0; i < t->count; i++) {
        if (!cd_checked_add_i64(sum, t->rows[i].multiply_adds, &sum))
            return refuse_count("all modules");
    }
    writer w = { .o = o, .written = true };
    if (o->text && o->bytes > 0) o->text[0] = '\0';
    put(&w, "layer", "output", "parameters", "multiply-adds");
    for (int64_t i = 0; i < t->count; i++) {
        const row *r = &t->rows[i];
        put(&w, r->layer, r->called ? cd_shape_text(r->shape, shape) : "not called",
            number(r->parameters, a), number(r->multiply_adds, b));
    }
    put(&w, "all", "", number(parameters, a), number(sum, b));
    if (o->multiply_adds) *o->multiply_adds = sum;
    return w.written || cd_fail(CD_ERR_IO, "summary: the stream could not be written to");
}

/* Notes in the rows what the modules of the copy give for an input of the shape. */
static bool call(table *t, cd_module *copy, const cd_summary_options *o)
{
    t->count = 0;
    if (!cd_visit_paths(copy, fill_row, t)) return false;
    for (int64_t i = 0; i < t->count; i++) {
        if (!cd_register_forward_hook(t->rows[i].module, note_call, .user = &t->rows[i]))
            return false;
    }
    CD_NO_GRAD();
    cd_tensor *x = cd_empty(o->shape, .dtype = o->dtype, .device = CD_META);
    cd_tensor *out[CD_MODULE_OUTPUTS];
    return x && cd_forward_n(copy, &x, 1, out, cd_module_outputs(copy));
}

bool cd_summary_with(cd_summary_options o)
{
    if (!cd_ok() || !cd_check_module(o.module, "summary", "the module")) return false;
    if (!o.stream && !o.text && !o.multiply_adds) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "summary: the table has nowhere to go: give it a .stream, such as stdout, "
                       "or a .text and its .bytes, or ask for .multiply_adds alone");
    }
    CD_SCOPE();
    table t = { .count = 0 };
    const int64_t parameters = cd_num_parameters(o.module);
    cd_module *copy = cd_module_copy_on_meta(o.module);
    if (!copy || !cd_eval(copy) || !cd_visit_paths(copy, count_row, &t.count)) return false;
    t.rows = cd_alloc((size_t)t.count * sizeof *t.rows);
    if (!t.rows) return false;
    memset(t.rows, 0, (size_t)t.count * sizeof *t.rows);
    const bool done = call(&t, copy, &o) && write_table(&t, &o, parameters);
    for (int64_t i = 0; i < t.count; i++) cd_module_clear_hooks(t.rows[i].module);
    cd_free(t.rows);
    return done;
}
