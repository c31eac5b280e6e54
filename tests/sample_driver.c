/* Computes samples of PyTorch's op_db with Candela: golden/op_samples.py sends them and compares.
 *
 * Reads requests from standard input, a line each, and answers each with a line:
 *
 *     NAME SEED VALUE... [KEY= VALUE]... weights VALUE... second VALUE... end
 *
 * NAME is an op of PyTorch with "_" in place of ".", and a "_" more for the form in place. The
 * values in front are the positional arguments; sample_request.h says what a VALUE is. `weights`
 * are the gradients to start from, one for each result or none; `second` are the weights by which
 * the gradients are differentiated again, one for each differentiated tensor or none. The answer is
 * one of
 *
 *     unknown                     no line of sample_calls.def has this name
 *     lacking SENTENCE            there are lines, but none takes these arguments
 *     error CODE SENTENCE         the call failed
 *     ok results TENSOR... changed NUMBER TENSOR... gradients TENSOR... second TENSOR... end
 *
 * where the gradients may be "failed SENTENCE" instead. `changed` numbers the tensors of the
 * request that the call has changed. The request "names" is answered with all names. Other
 * requests are explained in sample_modules.c and sample_optim.c. */
#include <stdlib.h>
#include <string.h>

#include "sample_request.h"

/* --- matching a request with a line of sample_calls.def --------------------------------------- */

enum { MOST_PARAMETERS = 16, NAME_BYTES = 64 };

typedef struct parameter {
    char type, name[NAME_BYTES];
    value standard; /* when it is left out */
    bool optional, constant;
} parameter;

typedef struct arguments {
    parameter parameter[MOST_PARAMETERS];
    const value *value[MOST_PARAMETERS];
    int count;
    value rest; /* positional integers that make one shape */
    char why[WHY_BYTES];
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
        if (a->count == MOST_PARAMETERS || length >= NAME_BYTES) give_up("bad parameter", one);
        memcpy(p->name, one + 2, length);
        const char *mark = one + 2 + length;
        p->optional = *mark != '\0';
        p->constant = strncmp(mark, "==", 2) == 0;
        const char *standard = strchr(mark, '=');
        if (standard) p->standard = standard_value(standard + (p->constant ? 2 : 1));
    }
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

/* Gives the value to parameter k, if it takes it. */
static bool take(arguments *a, int k, const value *v)
{
    const parameter *p = &a->parameter[k];
    if (a->value[k]) return lack(a->why, "%s is given twice", p->name);
    if ((v->kind == NONE || (p->type == 'Q' && v->kind == LIST && v->count == 0)) && p->optional) {
        return true;
    }
    if (!type_takes(p->type, v)) return lack(a->why, "%s is of another kind", p->name);
    if (p->constant &&
        !(p->standard.kind == WORD ? v->kind == WORD && strcmp(p->standard.word, v->word) == 0
                                   : v->real == p->standard.real)) {
        return lack(a->why, "%s is another than %s", p->name, p->standard.word);
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

static bool take_named(const request *r, arguments *a, int i)
{
    const char *key = r->name[i].key;
    for (int k = 0; k < a->count; k++) {
        if (strcmp(a->parameter[k].name, key) == 0) return take(a, k, r->name[i].value);
    }
    return is_neutral(key, r->name[i].value) || lack(a->why, "there is no argument %s", key);
}

/* Whether a call with this signature takes the request's arguments. */
static bool match(const request *r, char *signature, arguments *a)
{
    *a = (arguments){ .count = 0 };
    parse_signature(signature, a);
    for (int i = 0; i < r->positionals; i++) {
        if (i >= a->count) {
            if (r->positional[i].kind == NONE) continue;
            return lack(a->why, "there are more than %d arguments", a->count);
        }
        if (take_rest(r, a, i)) break;
        if (!take(a, i, &r->positional[i])) return false;
    }
    for (int i = 0; i < r->named; i++) {
        if (!take_named(r, a, i)) return false;
    }
    for (int k = 0; k < a->count; k++) {
        if (a->value[k]) continue;
        if (!a->parameter[k].optional) return lack(a->why, "%s is missing", a->parameter[k].name);
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
    if (v->kind != LIST) return (cd_dims){ .count = v->kind != NONE, .dim = { (int)v->integer } };
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

static void print_changed(const request *r)
{
    for (int i = 0; i < r->tensors; i++) {
        if (cd_version(r->tensor[i]) == r->version[i]) continue;
        printf(" %d", i);
        print_tensor(r->tensor[i]);
    }
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
        print_failure(" failed");
        return;
    }
    for (int i = 0; i < r->variables; i++) print_tensor(gradient[i]);
    printf(" second");
    seconds = weighted(gradient, second, seconds, true);
    if (seconds > 0 && !cd_autograd_grad_n(((cd_tensors){ gradient, seconds }), variables, again,
                                           .weights = second, .allow_unused = true)) {
        print_failure(" failed");
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
        print_failure("error");
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

static void answer_names(request *r)
{
    (void)r;
    for (int i = 0; i < CALLS; i++) printf("%s ", calls[i].name);
}

/* The requests that are no calls of ops. */
static const struct {
    const char *name;
    void (*answer)(request *r);
} requests[] = {
    { "names", answer_names },       { "module", answer_module },
    { "modules", answer_modules },   { "optimizer", answer_optimizer },
    { "schedule", answer_schedule }, { "optimizers", answer_optimizers },
};

static void answer(char *line)
{
    CD_SCOPE();
    static request r;
    arguments a;
    bool known;
    r = (request){ .rest = line };
    const char *name = next_word(&r);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        if (strcmp(requests[i].name, name) != 0) continue;
        requests[i].answer(&r);
        return;
    }
    const uint64_t seed = strtoull(next_word(&r), NULL, 10);
    read_arguments(&r, "weights");
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
