/* Computes samples of PyTorch's op_db with Candela: golden/op_samples.py sends them and compares.
 *
 * Reads requests from standard input, a line each, and answers each with a line:
 *
 *     NAME SEED VALUE... [KEY= VALUE]... weights VALUE... second VALUE... end
 *
 * NAME is an op of PyTorch with "_" in place of ".", and a "_" more for the form in place. The
 * values in front are the positional arguments. A VALUE is
 *
 *     none   true   false   i:5   f:0x1p-1   w:mean   d:float32   s:0:9:1   [ VALUE... ]
 *     (a word has tabulators for its spaces)
 *     t:float32:g 2x3 3x1 0 6 ELEMENT...     a tensor: dtype, "g" for one to differentiate, sizes,
 *         strides ("." for no dimensions), offset, number and values of the storage's elements
 *
 * `weights` are the gradients to start from, one for each result or none; `second` are the weights
 * by which the gradients are differentiated again, one for each differentiated tensor or none. The
 * answer is one of
 *
 *     unknown                     no line of sample_calls.def has this name
 *     lacking SENTENCE            there are lines, but none takes these arguments
 *     error CODE SENTENCE         the call failed
 *     ok results TENSOR... changed NUMBER TENSOR... gradients TENSOR... second TENSOR... end
 *
 * where the gradients may be "failed SENTENCE" instead. TENSOR is "none", or dtype, sizes, name of
 * the grad_fn or "-", and elements. `changed` numbers the tensors of the request that the call has
 * changed. The request "names" is answered with all names. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "candela.h"

enum { MOST_VALUES = 512, MOST_NAMED = 16, MOST_TENSORS = 64, MOST_RESULTS = 64, NAME_BYTES = 64 };

typedef enum kind { NONE, BOOL, INTEGER, REAL, WORD, DTYPE, SLICE, TENSOR, LIST } kind;

typedef struct value {
    kind kind;
    int64_t integer; /* of a bool too */
    double real;     /* of any number */
    const char *word;
    cd_dtype dtype;
    cd_subscript slice;
    cd_tensor *tensor;
    const struct value *item; /* of a list */
    int count;
} value;

static _Noreturn void give_up(const char *why, const char *what)
{
    (void)fprintf(stderr, "sample_driver: %s: %s\n", why, what);
    exit(2);
}

/* --- reading a request ------------------------------------------------------------------------ */

typedef struct request {
    char *rest; /* what is not read yet */
    value values[MOST_VALUES];
    int used;
    const value *positional;
    int positionals, named;
    struct {
        const char *key;
        const value *value;
    } name[MOST_NAMED];
    cd_tensor *tensor[MOST_TENSORS]; /* all tensors among the arguments */
    uint32_t version[MOST_TENSORS];
    cd_tensor *variable[MOST_TENSORS]; /* those to differentiate by */
    int tensors, variables;
} request;

static char *next_word(request *r)
{
    char *word = strsep(&r->rest, " \n");
    if (!word) give_up("the request ends too early", "");
    return word;
}

static cd_dtype dtype_named(const char *name)
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

static const value *read_value(request *r, char *word);

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

static const value *read_value(request *r, char *word)
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

static bool ends_with(const char *text, char last)
{
    return *text && text[strlen(text) - 1] == last;
}

static void read_arguments(request *r)
{
    value positional = { .kind = LIST };
    const value *items[MOST_VALUES];
    char *word = next_word(r);
    for (; !ends_with(word, '=') && strcmp(word, "weights") != 0; word = next_word(r)) {
        items[positional.count++] = read_value(r, word);
    }
    value *first = &r->values[r->used];
    r->used += positional.count;
    if (r->used > MOST_VALUES) give_up("too many values", "arguments");
    for (int i = 0; i < positional.count; i++) first[i] = *items[i];
    r->positional = first;
    r->positionals = positional.count;
    note_tensors(r, first, positional.count);
    for (; strcmp(word, "weights") != 0; word = next_word(r)) {
        if (r->named == MOST_NAMED) give_up("too many names", word);
        word[strlen(word) - 1] = '\0';
        r->name[r->named].key = word;
        const value *v = r->name[r->named++].value = read_value(r, next_word(r));
        note_tensors(r, v, 1);
    }
}

/* Reads tensors or "none" up to this word; returns how many. */
static int read_until(request *r, const char *last, cd_tensor **out)
{
    int count = 0;
    for (char *word = next_word(r); strcmp(word, last) != 0; word = next_word(r)) {
        if (count == MOST_TENSORS) give_up("too many tensors", last);
        out[count++] = read_value(r, word)->tensor;
    }
    return count;
}

/* --- matching a request with a line of sample_calls.def --------------------------------------- */

typedef struct parameter {
    char type, name[NAME_BYTES];
    value standard; /* when it is left out */
    bool optional, constant;
} parameter;

typedef struct arguments {
    parameter parameter[MOST_NAMED];
    const value *value[MOST_NAMED];
    int count;
    value rest; /* positional integers that make one shape */
    char why[256];
} arguments;

static value standard_value(const char *text)
{
    char *end;
    value v = { .kind = REAL, .real = strtod(text, &end), .word = text };
    v.integer = strtoll(text, NULL, 10);
    if (end == text) v.kind = WORD;
    return v;
}

/* Parses "T input, I dim=0, B keepdim?", as sample_calls.def explains. */
static void parse_signature(char *text, arguments *a)
{
    a->count = 0;
    for (char *one; (one = strsep(&text, ",")) && *one;) {
        while (*one == ' ') one++;
        parameter *p = &a->parameter[a->count++];
        *p = (parameter){ .type = *one };
        size_t length = strcspn(one + 2, "?=");
        if (a->count == MOST_NAMED || length >= NAME_BYTES) give_up("bad parameter", one);
        memcpy(p->name, one + 2, length);
        const char *mark = one + 2 + length;
        p->optional = *mark != '\0';
        p->constant = strncmp(mark, "==", 2) == 0;
        const char *standard = strchr(mark, '=');
        if (standard) p->standard = standard_value(standard + (p->constant ? 2 : 1));
    }
}

static bool is_list_of(const value *v, kind of)
{
    bool all = v->kind == LIST;
    for (int i = 0; all && i < v->count; i++) all = v->item[i].kind == of;
    return all;
}

/* None stands for a size that stays as it is. */
static bool is_pair(const value *v)
{
    bool pair = v->kind == LIST && (v->count == 1 || v->count == 2);
    for (int i = 0; pair && i < v->count; i++) {
        pair = v->item[i].kind == INTEGER || v->item[i].kind == NONE;
    }
    return pair;
}

static bool is_number(const value *v)
{
    return v->kind == BOOL || v->kind == INTEGER || v->kind == REAL;
}

static bool type_takes(char type, const value *v)
{
    switch (type) {
    case 'T':
        return v->kind == TENSOR;
    case 'O':
        return v->kind == TENSOR || is_number(v);
    case 'N':
        return is_number(v);
    case 'I':
        return v->kind == INTEGER || v->kind == BOOL;
    case 'B':
        return v->kind == BOOL || v->kind == INTEGER;
    case 'S':
    case 'M':
        return v->kind == INTEGER || is_list_of(v, INTEGER);
    case 'P':
        return v->kind == INTEGER || (is_list_of(v, INTEGER) && v->count == 1);
    case 'Q':
        return v->kind == INTEGER || is_pair(v);
    case 'X':
        return true;
    case 'A':
        return v->kind == LIST && v->count == 2 && v->item[0].kind == LIST &&
               is_list_of(&v->item[0], INTEGER) && is_list_of(&v->item[1], INTEGER);
    case 'L':
    case 'V':
        return is_list_of(v, TENSOR);
    case 'D':
        return v->kind == DTYPE;
    case 'W':
        return v->kind == WORD;
    default:
        give_up("a parameter has an unknown type", (char[]){ type, '\0' });
    }
}

static __attribute__((format(printf, 2, 3))) bool refuse(arguments *a, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)vsnprintf(a->why, sizeof a->why, format, list);
    va_end(list);
    return false;
}

/* Gives the value to parameter k, if it takes it. */
static bool take(arguments *a, int k, const value *v)
{
    const parameter *p = &a->parameter[k];
    if (a->value[k]) return refuse(a, "%s is given twice", p->name);
    if ((v->kind == NONE || (p->type == 'Q' && v->kind == LIST && v->count == 0)) && p->optional) {
        return true;
    }
    if (!type_takes(p->type, v)) return refuse(a, "%s is of another kind", p->name);
    if (p->constant &&
        !(p->standard.kind == WORD ? v->kind == WORD && strcmp(p->standard.word, v->word) == 0
                                   : v->real == p->standard.real)) {
        return refuse(a, "%s is another than %s", p->name, p->standard.word);
    }
    a->value[k] = v;
    return true;
}

/* Whether the positional arguments from k on are integers that make the shape which parameter k
 * takes, as in x.view(2, 3), or tensors that make its list. */
static bool take_rest(const request *r, arguments *a, int k)
{
    const char type = a->parameter[k].type;
    const bool shape = type == 'S' && k + 1 < r->positionals;
    if (!shape && type != 'V') return false;
    a->rest = (value){ .kind = LIST, .item = &r->positional[k], .count = r->positionals - k };
    return is_list_of(&a->rest, shape ? INTEGER : TENSOR) && take(a, k, &a->rest);
}

/* An argument that says what Candela does anyway. */
static bool is_neutral(const char *key, const value *v)
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

static bool take_named(const request *r, arguments *a, int i)
{
    const char *key = r->name[i].key;
    for (int k = 0; k < a->count; k++) {
        if (strcmp(a->parameter[k].name, key) == 0) return take(a, k, r->name[i].value);
    }
    return is_neutral(key, r->name[i].value) || refuse(a, "there is no argument %s", key);
}

/* Whether a call with this signature takes the request's arguments. */
static bool match(const request *r, char *signature, arguments *a)
{
    *a = (arguments){ .count = 0 };
    parse_signature(signature, a);
    for (int i = 0; i < r->positionals; i++) {
        if (i >= a->count) {
            if (r->positional[i].kind == NONE) continue;
            return refuse(a, "there are more than %d arguments", a->count);
        }
        if (take_rest(r, a, i)) break;
        if (!take(a, i, &r->positional[i])) return false;
    }
    for (int i = 0; i < r->named; i++) {
        if (!take_named(r, a, i)) return false;
    }
    for (int k = 0; k < a->count; k++) {
        if (a->value[k]) continue;
        if (!a->parameter[k].optional) return refuse(a, "%s is missing", a->parameter[k].name);
    }
    return true;
}

/* --- what the lines of sample_calls.def say --------------------------------------------------- */

/* What a call has besides its first result: an array that ends with NULL. */
typedef struct results {
    cd_tensor *tensor[MOST_RESULTS];
} results;

static const value *find(const arguments *a, const char *name)
{
    for (int k = 0; k < a->count; k++) {
        if (strcmp(a->parameter[k].name, name) == 0) {
            return a->value[k] ? a->value[k] : &a->parameter[k].standard;
        }
    }
    give_up("a line of sample_calls.def names an argument that its signature lacks", name);
}

static cd_operand operand(const value *v)
{
    switch (v->kind) {
    case BOOL:
        return cd_operand_bool(v->integer != 0);
    case INTEGER:
        return cd_operand_signed(v->integer);
    case REAL:
        return cd_operand_double(v->real);
    default:
        return cd_operand_tensor(v->tensor);
    }
}

static cd_shape shape(const value *v)
{
    if (v->kind != LIST) return CD_SHAPE(v->integer);
    cd_shape shape = { .ndim = v->count };
    for (int i = 0; i < v->count && i < CD_MAX_DIMS; i++) {
        shape.dim[i] = v->item[i].kind == NONE ? -1 : v->item[i].integer;
    }
    return shape;
}

static cd_dims dims(const value *v)
{
    if (v->kind != LIST) return (cd_dims){ v->kind != NONE, { (int)v->integer } };
    cd_dims dims = { .count = v->count };
    for (int i = 0; i < v->count && i < CD_MAX_DIMS; i++) dims.dim[i] = (int)v->item[i].integer;
    return dims;
}

static cd_sizes int64_list(const value *v)
{
    static int64_t list[MOST_VALUES];
    list[0] = v->integer;
    for (int i = 0; i < v->count; i++) list[i] = v->item[i].integer;
    return (cd_sizes){ list, v->kind == LIST ? v->count : 1 };
}

static cd_subscript subscript(const value *v)
{
    switch (v->kind) {
    case TENSOR:
        return cd_subscript_tensor(v->tensor);
    case SLICE:
        return v->slice;
    case NONE:
        return CD_NEW_DIM;
    case WORD:
        return CD_REST;
    default:
        return cd_subscript_number(v->integer);
    }
}

static cd_subscripts subscripts(const value *v)
{
    static cd_subscript list[MOST_VALUES];
    list[0] = subscript(v);
    for (int i = 0; i < v->count; i++) list[i] = subscript(&v->item[i]);
    return (cd_subscripts){ list, v->kind == LIST ? v->count : 1 };
}

/* Which of the words, which end with NULL, the value is: 0 if it was left out, and their number if
 * it is none of them. */
static int choice(const value *v, const char *const *words)
{
    int i = 0;
    while (v->word && words[i] && strcmp(v->word, words[i]) != 0) i++;
    return i;
}

/* A truth as a tensor. */
static cd_tensor *truth(bool is)
{
    return cd_full(CD_SCALAR, is, .dtype = CD_BOOL);
}

/* The first of the tensors; the others go to `more`. */
static cd_tensor *several(cd_tensor *const *tensor, int count, results *more)
{
    for (int i = 1; i < count && i < MOST_RESULTS; i++) more->tensor[i - 1] = tensor[i];
    return count > 0 ? tensor[0] : NULL;
}

static cd_tensor *all_of(cd_tensors list, results *more)
{
    return several(list.tensor, list.count, more);
}

static cd_tensors tensors(const value *v)
{
    static cd_tensor *list[MOST_VALUES];
    for (int i = 0; i < v->count; i++) list[i] = v->item[i].tensor;
    return (cd_tensors){ list, v->count };
}

static cd_reduction reduction(const value *v)
{
    const char *word = v->word ? v->word : "mean";
    static const char *const names[] = { [CD_MEAN] = "mean", [CD_SUM] = "sum", [CD_NONE] = "none" };
    int k = CD_MEAN;
    while (k <= CD_NONE && strcmp(word, names[k]) != 0) k++;
    return (cd_reduction)k; /* one that does not exist for another word */
}

/* torch.nn.PairwiseDistance(). */
static cd_tensor *pairwise_distance(cd_tensor *a, cd_tensor *b)
{
    return cd_pairwise_distance(a, b);
}

#define V(name_)           find(a, #name_)
#define T(name_)           (V(name_)->tensor)
#define COPY(name_)        cd_clone(T(name_))
#define O(name_)           operand(V(name_))
#define N(name_)           (V(name_)->real)
#define ZERO(name_)        (N(name_) != 0 ? N(name_) : CD_ZERO)
#define I(name_)           (V(name_)->integer)
#define INDEX(name_, i_)   (shape(V(name_)).dim[shape(V(name_)).ndim > 1 ? (i_) : 0])
#define DIM(name_)         ((int)INDEX(name_, 0))
#define B(name_)           (V(name_)->integer != 0)
#define S(name_)           shape(V(name_))
#define L(name_)           tensors(V(name_))
#define D(name_)           (V(name_)->dtype)
#define W(name_)           (V(name_)->word)
#define RED(name_)         reduction(V(name_))
#define GIVEN(name_)       (V(name_)->kind != NONE)
#define SECOND             (&more->tensor[0])
#define THIRD              (&more->tensor[1])
#define ALL(list_)         all_of((list_), more)
#define DIMS(name_)        dims(V(name_))
#define DIMS_OF(name_, i_) dims(&V(name_)->item[i_])
#define SIZES(name_)       int64_list(V(name_))
#define AT(name_)          subscripts(V(name_))
#define CHOICE(name_, ...) choice(V(name_), (const char *const[]){ __VA_ARGS__, NULL })
#define TRUTH(is_)         truth(is_)

#define SAMPLE(name_, form_, signature_, ...)                                                      \
    static cd_tensor *call_##name_##__##form_(const arguments *a, results *more)                   \
    {                                                                                              \
        (void)a, (void)more;                                                                       \
        return (__VA_ARGS__);                                                                      \
    }
#include "sample_calls.def"
#undef SAMPLE

static const struct call {
    const char *name, *signature;
    cd_tensor *(*run)(const arguments *a, results *more);
} calls[] = {
#define SAMPLE(name_, form_, signature_, ...) { #name_, signature_, call_##name_##__##form_ },
#include "sample_calls.def"
#undef SAMPLE
};
enum { CALLS = sizeof calls / sizeof *calls };

/* The first line that takes the arguments. NULL if none does; *known says whether there is one of
 * this name, and a->why what the last of them did not take. */
static const struct call *choose(const char *name, const request *r, arguments *a, bool *known)
{
    *known = false;
    for (int i = 0; i < CALLS; i++) {
        if (strcmp(calls[i].name, name) != 0) continue;
        char signature[512];
        (void)snprintf(signature, sizeof signature, "%s", calls[i].signature);
        *known = true;
        if (match(r, signature, a)) return &calls[i];
    }
    return NULL;
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

static void print_tensor(const cd_tensor *t)
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

static void print_failure(void)
{
    cd_error error;
    (void)cd_error_take(&error);
    printf(" failed %s %s", cd_code_name(error.code), error.message);
}

static void print_changed(const request *r)
{
    for (int i = 0; i < r->tensors; i++) {
        if (cd_version(r->tensor[i]) == r->version[i]) continue;
        printf(" %d", i);
        print_tensor(r->tensor[i]);
    }
}

/* The tensors of `of` that have a weight, side by side with the weights; returns how many. With
 * `recorded`, only those that can be differentiated. */
static int weighted(cd_tensor **of, cd_tensor **weight, int count, bool recorded)
{
    int kept = 0;
    for (int i = 0; i < count; i++) {
        if (!weight[i] || (recorded && (!of[i] || !cd_requires_grad(of[i])))) continue;
        of[kept] = of[i];
        weight[kept++] = weight[i];
    }
    return kept;
}

/* Prints the gradients of the results, and their gradients where `second` has weights. */
static void differentiate(request *r, cd_tensor **of, cd_tensor **weight, int count,
                          cd_tensor **second, int seconds)
{
    cd_tensor *gradient[MOST_TENSORS] = { NULL }, *again[MOST_TENSORS] = { NULL };
    const cd_tensors variables = { r->variable, r->variables };
    count = weighted(of, weight, count, false);
    if (count == 0) return;
    if (!cd_autograd_grad_n(((cd_tensors){ of, count }), variables, gradient, .weights = weight,
                            .create_graph = seconds > 0, .allow_unused = true)) {
        print_failure();
        return;
    }
    for (int i = 0; i < r->variables; i++) print_tensor(gradient[i]);
    printf(" second");
    seconds = weighted(gradient, second, seconds, true);
    if (seconds > 0 && !cd_autograd_grad_n(((cd_tensors){ gradient, seconds }), variables, again,
                                           .weights = second, .allow_unused = true)) {
        print_failure();
        return;
    }
    for (int i = 0; i < r->variables; i++) print_tensor(again[i]);
}

static void run_call(const struct call *call, const arguments *a, request *r)
{
    cd_tensor *result[MOST_RESULTS + 1] = { NULL };
    cd_tensor *weight[MOST_TENSORS] = { NULL }, *second[MOST_TENSORS] = { NULL };
    results more = { { NULL } };
    const int weights = read_until(r, "second", weight);
    const int seconds = read_until(r, "end", second);
    result[0] = call->run(a, &more);
    if (!cd_ok()) {
        cd_error error;
        (void)cd_error_take(&error);
        printf("error %s %s", cd_code_name(error.code), error.message);
        return;
    }
    int count = result[0] ? 1 : 0;
    while (count > 0 && count < MOST_RESULTS && more.tensor[count - 1]) {
        result[count] = more.tensor[count - 1];
        count++;
    }
    printf("ok results");
    for (int i = 0; i < count; i++) print_tensor(result[i]);
    printf(" changed");
    print_changed(r);
    printf(" gradients");
    differentiate(r, result, weight, weights < count ? weights : count, second, seconds);
    printf(" end");
}

static void answer(char *line)
{
    CD_SCOPE();
    static request r;
    arguments a;
    bool known;
    r = (request){ .rest = line };
    const char *name = next_word(&r);
    if (strcmp(name, "names") == 0) {
        for (int i = 0; i < CALLS; i++) printf("%s ", calls[i].name);
        return;
    }
    const uint64_t seed = strtoull(next_word(&r), NULL, 10);
    read_arguments(&r);
    const struct call *call = choose(name, &r, &a, &known);
    if (!call) {
        printf(known ? "lacking %s" : "unknown", a.why);
        return;
    }
    cd_manual_seed(seed);
    run_call(call, &a, &r);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        answer(line);
        printf("\n");
        (void)fflush(stdout);
    }
    free(line);
    return 0;
}
