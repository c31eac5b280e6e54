/* cd_print_module: prints a module as PyTorch does. A module without children takes one line, and
 * one with children is printed as
 *
 *     Name(
 *       description, if there is one
 *       (child): ...
 *     )
 *
 * Neighbours in a ModuleList that print alike take one entry, "(0-2): 3 x Linear(...)". */
#include <string.h>

#include "core/error.h"
#include "core/text_internal.h"
#include "nn/module_internal.h"

enum { TEXT_BYTES = 256 };

typedef struct printer {
    FILE *stream;
    bool written; /* false after a write that failed */
} printer;

/* Whether a module is printed with the parameters that it holds. */
static bool holds_parameters(const cd_module *m)
{
    return m->class_ == &cd_nn_parameter_list_class || m->class_ == &cd_nn_parameter_dict_class;
}

/* Writes what stands between the parentheses: what the class's describe writes, or else the
 * options. describe may be a user's function and print numbers with printf, so it runs in the C
 * locale. */
static void describe(const cd_module *m, char *text, size_t bytes)
{
    const cd_module_class *c = m->class_;
    text[0] = '\0';
    if (!c->describe) {
        if (c->options) cd_options_text(c->options, cd_module_options(m), text, bytes);
        return;
    }
    locale_t before = cd_c_locale_enter();
    c->describe(m, text, bytes);
    cd_c_locale_leave(before);
}

/* The number of an entry with a value, from number i on; m->count_ if there is none. */
static int32_t next_value(const cd_module *m, int32_t i)
{
    while (i < m->count_ && !cd_module_value(&m->entries_[i])) i++;
    return i;
}

/* Whether two modules that hold parameters, of one class, have the same names, dtypes and sizes. */
static bool hold_alike(const cd_module *a, const cd_module *b)
{
    int32_t i = next_value(a, 0), j = next_value(b, 0);
    for (; i < a->count_ && j < b->count_; i = next_value(a, i + 1), j = next_value(b, j + 1)) {
        const cd_module_entry *x = &a->entries_[i], *y = &b->entries_[j];
        const cd_tensor *t = cd_module_value(x), *u = cd_module_value(y);
        if (x->kind != y->kind || strcmp(x->name, y->name) != 0) return false;
        if (x->kind == CD_CHILD) continue; /* compared with the children */
        if (t->dtype != u->dtype || !cd_shape_equal(t->shape, u->shape)) return false;
    }
    return i == a->count_ && j == b->count_;
}

/* Whether two modules are printed alike, but for their names. */
static bool print_alike(const cd_module *a, const cd_module *b)
{
    char text_a[TEXT_BYTES], text_b[TEXT_BYTES];
    if (a == b) return true;
    const int count = cd_module_child_count(a);
    if (strcmp(a->class_->name, b->class_->name) != 0 || count != cd_module_child_count(b))
        return false;
    describe(a, text_a, sizeof text_a);
    describe(b, text_b, sizeof text_b);
    if (strcmp(text_a, text_b) != 0 || holds_parameters(a) != holds_parameters(b)) return false;
    if (holds_parameters(a) && !hold_alike(a, b)) return false;
    for (int i = 0; i < count; i++) {
        const cd_module_entry *x = cd_module_child_entry(a, i), *y = cd_module_child_entry(b, i);
        if (strcmp(x->name, y->name) != 0 || !print_alike(cd_module_value(x), cd_module_value(y)))
            return false;
    }
    return true;
}

/* PyTorch's name of the class of such tensors. */
static const char *tensor_type(cd_dtype dtype)
{
    static const char *const types[CD_DTYPE_COUNT] = {
        [CD_F32] = "FloatTensor", [CD_F64] = "DoubleTensor", [CD_I64] = "LongTensor",
        [CD_I32] = "IntTensor",   [CD_U8] = "ByteTensor",    [CD_BOOL] = "BoolTensor",
    };
    return types[dtype];
}

/* "  (0): Parameter containing: [torch.float32 of size 2x3]", as PyTorch prints a parameter of a
 * ParameterList; a ParameterDict says torch.FloatTensor. */
static void print_parameter(printer *p, const cd_module *m, const cd_module_entry *e)
{
    const cd_tensor *t = cd_module_value(e);
    char name[128];
    cd_escape_text(name, sizeof name, e->name);
    p->written &= fprintf(p->stream, "  (%s): Parameter containing: [torch.", name) >= 0;
    const bool by_name = m->class_ == &cd_nn_parameter_dict_class;
    const char *type = by_name ? tensor_type(t->dtype) : cd_dtype_name(t->dtype);
    p->written &= fprintf(p->stream, "%s of size ", type) >= 0;
    for (int i = 0; i < t->shape.ndim; i++) {
        p->written &= fprintf(p->stream, i > 0 ? "x%lld" : "%lld", (long long)t->shape.dim[i]) >= 0;
    }
    p->written &= fprintf(p->stream, "]") >= 0;
}

/* The parameters of a ParameterList: on one line if there is one, as PyTorch does. */
static void print_parameters(printer *p, const cd_module *m, int depth)
{
    int count = 0;
    for (int32_t i = 0; i < m->count_; i++) count += cd_module_value(&m->entries_[i]) != NULL;
    for (int32_t i = 0; i < m->count_; i++) {
        if (!cd_module_value(&m->entries_[i])) continue;
        if (count > 1) p->written &= fprintf(p->stream, "\n%*s", 2 * depth + 2, "") >= 0;
        print_parameter(p, m, &m->entries_[i]);
    }
    if (count > 1) p->written &= fprintf(p->stream, "\n%*s", 2 * depth, "") >= 0;
}

static void print_one(printer *p, const cd_module *m, int depth);

/* Children first to last - 1, which print alike. */
static void print_children(printer *p, const cd_module *m, int first, int last, int depth)
{
    char name[128], other[128];
    cd_escape_text(name, sizeof name, cd_module_child_entry(m, first)->name);
    cd_escape_text(other, sizeof other, cd_module_child_entry(m, last - 1)->name);
    p->written &=
        (last - first > 1
             ? fprintf(p->stream, "%*s(%s-%s): %d x ", 2 * depth + 2, "", name, other, last - first)
             : fprintf(p->stream, "%*s(%s): ", 2 * depth + 2, "", name)) >= 0;
    print_one(p, cd_module_child(m, first), depth + 1);
}

/* Recurses no deeper than cd_visit_modules has been. */
static void print_one(printer *p, const cd_module *m, int depth)
{
    char description[TEXT_BYTES], text[2 * TEXT_BYTES], class_name[128];
    const int count = cd_module_child_count(m);
    describe(m, description, sizeof description);
    cd_escape_text(text, sizeof text, description);
    cd_escape_text(class_name, sizeof class_name, m->class_->name);
    p->written &= fprintf(p->stream, "%s(%s", class_name, count > 0 ? "\n" : text) >= 0;
    if (holds_parameters(m)) print_parameters(p, m, depth);
    if (count > 0 && *text)
        p->written &= fprintf(p->stream, "%*s%s\n", 2 * depth + 2, "", text) >= 0;
    for (int i = 0, next; i < count && p->written; i = next) {
        next = i + 1;
        if (m->class_ == &cd_nn_module_list_class) {
            while (next < count && print_alike(cd_module_child(m, i), cd_module_child(m, next)))
                next++;
        }
        print_children(p, m, i, next, depth);
    }
    p->written &= fprintf(p->stream, "%*s)\n", count > 0 ? 2 * depth : 0, "") >= 0;
}

bool cd_print_module(FILE *stream, cd_module *m)
{
    if (!stream) return cd_fail(CD_ERR_ARGUMENT, "print_module: the stream is NULL");
    if (!cd_check_module(m, "print_module", "the module")) return false;
    if (!cd_module_check_depth(m)) return false;
    printer p = { .stream = stream, .written = true };
    print_one(&p, m, 0);
    return p.written || cd_fail(CD_ERR_IO, "print_module: the stream could not be written to");
}
