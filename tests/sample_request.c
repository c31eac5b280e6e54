/* Requests of the scripts in golden/ that compare PyTorch's samples: sample_request.h. */
#include "sample_request.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void give_up(const char *why, const char *what)
{
    (void)fprintf(stderr, "sample_driver: %s: %s\n", why, what);
    exit(2);
}

/* --- reading a request ------------------------------------------------------------------------ */

char *next_word(request *r)
{
    char *word = strsep(&r->rest, " \n");
    if (!word) give_up("the request ends too early", "");
    return word;
}

cd_dtype dtype_named(const char *name)
{
    for (int d = CD_F32; d < CD_DTYPE_COUNT; d++) {
        if (strcmp(cd_dtype_name((cd_dtype)d), name) == 0) return (cd_dtype)d;
    }
    give_up("no dtype", name);
}

/* "2x3"; "." for no dimensions. */
static cd_shape read_shape(const char *text)
{
    cd_shape shape = { .ndim = 0 };
    while (*text && *text != '.' && shape.ndim < CD_MAX_DIMS) {
        char *end;
        shape.dim[shape.ndim++] = strtoll(text, &end, 10);
        text = *end == 'x' ? end + 1 : end;
    }
    return shape;
}

static void read_element(const char *word, cd_dtype dtype, void *out, int64_t at)
{
    switch (dtype) {
    case CD_F32:
        ((float *)out)[at] = (float)strtod(word, NULL);
        break;
    case CD_F64:
        ((double *)out)[at] = strtod(word, NULL);
        break;
    case CD_I64:
        ((int64_t *)out)[at] = strtoll(word, NULL, 10);
        break;
    case CD_I32:
        ((int32_t *)out)[at] = (int32_t)strtoll(word, NULL, 10);
        break;
    case CD_U8:
    case CD_BOOL:
        ((unsigned char *)out)[at] = (unsigned char)strtol(word, NULL, 10);
        break;
    default:
        break;
    }
}

static cd_tensor *read_tensor(request *r, char *description)
{
    char *variable = strchr(description, ':');
    if (variable) *variable = '\0';
    const cd_dtype dtype = dtype_named(description);
    const cd_shape shape = read_shape(next_word(r)), stride = read_shape(next_word(r));
    const int64_t offset = strtoll(next_word(r), NULL, 10);
    const int64_t count = strtoll(next_word(r), NULL, 10);
    void *elements = calloc((size_t)count + 1, cd_dtype_size(dtype));
    if (!elements) give_up("no memory", description);
    for (int64_t i = 0; i < count; i++) read_element(next_word(r), dtype, elements, i);
    cd_tensor *storage = cd_from_array((const void *)elements, CD_SHAPE(count), .dtype = dtype);
    free(elements);
    cd_tensor *t = cd_detach(cd_as_strided(storage, shape, stride, offset));
    if (variable) (void)cd_set_requires_grad(t, true);
    if (!cd_ok()) give_up("the tensor cannot be made", cd_error_message());
    return t;
}

/* "0:9:1": from, to and step. */
static cd_subscript read_slice(const char *text)
{
    char *end;
    const int64_t from = strtoll(text, &end, 10), to = strtoll(end + 1, &end, 10);
    return CD_SLICE(from, to, strtoll(end + 1, NULL, 10));
}

static void read_list(request *r, value *v)
{
    const value *items[MOST_VALUES];
    for (char *word = next_word(r); strcmp(word, "]") != 0; word = next_word(r)) {
        items[v->count++] = read_value(r, word);
    }
    /* The items' own items are among the values too: the list needs its items side by side. */
    value *side_by_side = &r->values[r->used];
    r->used += v->count;
    if (r->used > MOST_VALUES) give_up("too many values", "a list");
    for (int i = 0; i < v->count; i++) side_by_side[i] = *items[i];
    v->item = side_by_side;
}

static bool ends_with(const char *text, char last)
{
    return *text && text[strlen(text) - 1] == last;
}

/* Reads KEY= VALUE from this word on up to the word `last`. */
static int read_named(request *r, char *word, const char *last, const named **out)
{
    named list[MOST_NAMED];
    int count = 0;
    for (; strcmp(word, last) != 0; word = next_word(r)) {
        if (count == MOST_NAMED || !ends_with(word, '=')) give_up("no name, or too many", word);
        word[strlen(word) - 1] = '\0';
        named *n = &list[count++];
        *n = (named){ .key = word, .standard = ends_with(word, '?') };
        if (n->standard) word[strlen(word) - 1] = '\0';
        n->value = read_value(r, next_word(r));
    }
    /* An object's own names are in the pool already: these follow side by side. */
    if (r->names_used + count > MOST_VALUES) give_up("too many names", last);
    memcpy(&r->names[r->names_used], list, (size_t)count * sizeof *list);
    *out = &r->names[r->names_used];
    r->names_used += count;
    return count;
}

const value *read_value(request *r, char *word)
{
    if (r->used == MOST_VALUES) give_up("too many values", word);
    value *v = &r->values[r->used++];
    *v = (value){ .kind = NONE };
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
        v->kind = BOOL;
        v->real = (double)(v->integer = *word == 't');
    } else if (strncmp(word, "i:", 2) == 0) {
        v->kind = INTEGER;
        v->real = (double)(v->integer = strtoll(word + 2, NULL, 10));
    } else if (strncmp(word, "f:", 2) == 0) {
        v->kind = REAL;
        v->real = strtod(word + 2, NULL);
    } else if (strncmp(word, "w:", 2) == 0) {
        v->kind = WORD;
        for (char *c = word; *c; c++) {
            if (*c == '\t') *c = ' ';
        }
        v->word = word + 2;
    } else if (strncmp(word, "d:", 2) == 0) {
        v->kind = DTYPE;
        v->dtype = dtype_named(word + 2);
    } else if (strncmp(word, "s:", 2) == 0) {
        v->kind = SLICE;
        v->slice = read_slice(word + 2);
    } else if (strncmp(word, "t:", 2) == 0) {
        v->kind = TENSOR;
        v->tensor = read_tensor(r, word + 2);
    } else if (strcmp(word, "[") == 0) {
        v->kind = LIST;
        read_list(r, v);
    } else if (strncmp(word, "o:", 2) == 0) {
        v->kind = OBJECT;
        v->word = word + 2;
        if (strcmp(next_word(r), "(") != 0) give_up("an object without arguments", v->word);
        v->count = read_named(r, next_word(r), ")", &v->named);
    } else if (strcmp(word, "none") != 0) {
        give_up("no value", word);
    }
    return v;
}

/* Lists the tensors among these values, in order. */
static void note_tensors(request *r, const value *v, int count)
{
    for (int i = 0; i < count; i++) {
        if (v[i].kind == LIST) note_tensors(r, v[i].item, v[i].count);
        if (v[i].kind != TENSOR) continue;
        if (r->tensors == MOST_TENSORS) give_up("too many tensors", "");
        r->version[r->tensors] = cd_version(v[i].tensor);
        r->tensor[r->tensors++] = v[i].tensor;
        if (cd_requires_grad(v[i].tensor)) r->variable[r->variables++] = v[i].tensor;
    }
}

void read_arguments(request *r, const char *last)
{
    value positional = { .kind = LIST };
    const value *items[MOST_VALUES];
    char *word = next_word(r);
    for (; !ends_with(word, '=') && strcmp(word, last) != 0; word = next_word(r)) {
        if (positional.count == MOST_VALUES) give_up("too many values", word);
        items[positional.count++] = read_value(r, word);
    }
    value *first = &r->values[r->used];
    r->used += positional.count;
    if (r->used > MOST_VALUES) give_up("too many values", "arguments");
    for (int i = 0; i < positional.count; i++) first[i] = *items[i];
    r->positional = first;
    r->positionals = positional.count;
    note_tensors(r, first, positional.count);
    r->named = read_named(r, word, last, &r->name);
    for (int i = 0; i < r->named; i++) note_tensors(r, r->name[i].value, 1);
}

int read_until(request *r, const char *last, cd_tensor **out)
{
    int count = 0;
    for (char *word = next_word(r); strcmp(word, last) != 0; word = next_word(r)) {
        if (count == MOST_TENSORS) give_up("too many tensors", last);
        out[count++] = read_value(r, word)->tensor;
    }
    return count;
}

bool is_list_of(const value *v, kind of)
{
    bool all = v->kind == LIST;
    for (int i = 0; all && i < v->count; i++) all = v->item[i].kind == of;
    return all;
}

bool lack(char why[WHY_BYTES], const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)vsnprintf(why, WHY_BYTES, format, list);
    va_end(list);
    return false;
}

bool is_neutral(const char *key, const value *v)
{
    static const char *const neutral[][2] = { { "device", "cpu" },
                                              { "layout", "strided" },
                                              { "memory_format", "preserve_format" },
                                              { "memory_format", "contiguous_format" } };
    for (size_t i = 0; v->kind == WORD && i < sizeof neutral / sizeof *neutral; i++) {
        if (strcmp(key, neutral[i][0]) == 0 && strcmp(v->word, neutral[i][1]) == 0) return true;
    }
    return v->kind == NONE || (strcmp(key, "requires_grad") == 0 && v->integer == 0);
}

/* --- the answer ------------------------------------------------------------------------------- */

static void print_elements(const cd_tensor *t)
{
    const cd_dtype dtype = cd_dtype_of(t);
    const int64_t count = cd_numel(t);
    const size_t bytes = (size_t)count * cd_dtype_size(dtype);
    void *elements = malloc(bytes + 1);
    if (!elements || !cd_read(t, elements, bytes)) give_up("cannot read", cd_error_message());
    for (int64_t i = 0; i < count; i++) {
        switch (dtype) {
        case CD_F32:
            printf(" %a", (double)((float *)elements)[i]);
            break;
        case CD_F64:
            printf(" %a", ((double *)elements)[i]);
            break;
        case CD_I64:
            printf(" %lld", (long long)((int64_t *)elements)[i]);
            break;
        case CD_I32:
            printf(" %d", (int)((int32_t *)elements)[i]);
            break;
        default:
            printf(" %d", ((unsigned char *)elements)[i]);
            break;
        }
    }
    free(elements);
}

void print_tensor(const cd_tensor *t)
{
    char sizes[CD_SHAPE_TEXT];
    if (!t) {
        printf(" none");
        return;
    }
    const cd_shape shape = cd_shape_of(t);
    const char *node = cd_grad_fn_name(t);
    printf(" %s %s %s", cd_dtype_name(cd_dtype_of(t)),
           shape.ndim ? cd_shape_text(shape, sizes) : ".", node ? node : "-");
    print_elements(t);
}

void print_failure(const char *word)
{
    cd_error error;
    (void)cd_error_take(&error);
    printf("%s %s %s", word, cd_code_name(error.code), error.message);
}

void print_text(const char *text)
{
    for (const char *c = text; *c; c++) {
        printf(strchr(" \n%", *c) ? "%%%02x" : "%c", (unsigned char)*c);
    }
}

/* --- gradients -------------------------------------------------------------------------------- */

int weighted(cd_tensor **of, cd_tensor **weight, int count, bool recorded)
{
    int kept = 0;
    for (int i = 0; i < count; i++) {
        if (!weight[i] || (recorded && (!of[i] || !cd_requires_grad(of[i])))) continue;
        of[kept] = of[i];
        weight[kept++] = weight[i];
    }
    return kept;
}
