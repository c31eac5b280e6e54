/* Modules, for golden/module_samples.py. A request is
 *
 *     module o:CLASS ( KEY= VALUE... ) train|eval SEED NAME= TENSOR... inputs VALUE...
 *         weights VALUE... end
 *
 * The module is made with these arguments, named as in PyTorch; its tensors become those that are
 * named; and it is called with the inputs, of which a list stands for its items and "none" for one
 * that is left out. The answer is one of
 *
 *     lacking SENTENCE        there is no such class, or it does not take these arguments
 *     error CODE SENTENCE     the module cannot be made, or the call failed
 *     ok TEXT results TENSOR... state NAME KIND TENSOR... gradients TENSOR... end
 *
 * TEXT is the module as it is printed. `state` are its tensors after the call, each a parameter or
 * a buffer. The gradients, which may be "failed SENTENCE" instead, are those of the inputs that are
 * to be differentiated, and then of the parameters. The request "modules" is answered with the
 * names of all classes. */
#include <stdlib.h>
#include <string.h>

#include "nn/module_internal.h"
#include "sample_options.h"

static cd_module *make_module(const value *object, char why[WHY_BYTES]);

/* --- making a module -------------------------------------------------------------------------- */

/* The options of TransformerEncoder and TransformerDecoder are modules, which no table has. */
static bool put_part(cd_nn_transformer_stack_options *o, const named *n, char why[WHY_BYTES])
{
    if (n->value->kind == OBJECT && strcmp(n->key, "norm") == 0) {
        return (o->norm = make_module(n->value, why));
    }
    if (n->value->kind == OBJECT) return (o->layer = make_module(n->value, why));
    if (strcmp(n->key, "num_layers") != 0) {
        return n->standard || is_neutral(n->key, n->value) || n->value->kind == DTYPE ||
               lack(why, "there is no argument %s", n->key);
    }
    o->num_layers = n->value->integer;
    return true;
}

static cd_module *make_stack(const value *object, char why[WHY_BYTES])
{
    cd_nn_transformer_stack_options o = { .layer = NULL };
    for (int i = 0; i < object->count; i++) {
        if (!put_part(&o, &object->named[i], why)) return NULL;
    }
    return strcmp(object->word, "TransformerEncoder") == 0 ? cd_nn_transformer_encoder_with(o)
                                                           : cd_nn_transformer_decoder_with(o);
}

/* NULL with an error, or with `why`. */
static cd_module *make_module(const value *object, char why[WHY_BYTES])
{
    options_room room = { { 0 } };
    const cd_module_class *c = cd_find_module_class(object->word);
    if (!c || c->options_bytes > sizeof room) {
        (void)lack(why, "there is no class %s", object->word);
        return NULL;
    }
    if (c == &cd_nn_transformer_encoder_class || c == &cd_nn_transformer_decoder_class) {
        return make_stack(object, why);
    }
    if (!put_options(c->options, &room, object->named, object->count, why)) return NULL;
    return c->make(&room);
}

/* Copies the tensors of the request into those of the module that have the same name and shape. */
static bool set_state(cd_tensor *of, const named *given, int count, const char *name)
{
    CD_NO_GRAD();
    for (int i = 0; i < count; i++) {
        if (strcmp(given[i].key, name) != 0) continue;
        const cd_tensor *t = given[i].value->tensor;
        if (!cd_shape_equal(cd_shape_of(t), cd_shape_of(of))) return true;
        return cd_copy_(of, given[i].value->tensor) != NULL;
    }
    return true;
}

/* --- calling it ------------------------------------------------------------------------------- */

typedef struct call {
    const named *state;
    int states;
    cd_module *module;
    cd_tensor *in[MOST_TENSORS], *out[CD_MODULE_OUTPUTS];
    int inputs, outputs;
    /* What to differentiate by: the inputs that are variables, and then the parameters. */
    cd_tensor *variable[MOST_TENSORS];
    int variables;
    char why[WHY_BYTES];
} call;

static bool load_tensor(const char *name, cd_tensor *t, cd_entry_kind entry, void *user)
{
    call *c = user;
    if (entry == CD_PARAMETER && c->variables == MOST_TENSORS) give_up("too many parameters", name);
    if (entry == CD_PARAMETER) c->variable[c->variables++] = t;
    return set_state(t, c->state, c->states, name);
}

static bool print_state(const char *name, cd_tensor *t, cd_entry_kind entry, void *user)
{
    (void)user;
    printf(" %s %s", name, entry == CD_PARAMETER ? "parameter" : "buffer");
    print_tensor(t);
    return true;
}

static void print_module(cd_module *m)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *f = open_memstream(&text, &bytes);
    if (!f || !cd_print_module(f, m) || fclose(f) != 0) give_up("cannot print", cd_module_name(m));
    print_text(text);
    free(text);
}

/* The inputs of the call: tensors, none, and the items of lists. */
static bool add_inputs(call *c, const value *v, int count)
{
    for (int i = 0; i < count; i++) {
        if (v[i].kind == LIST && add_inputs(c, v[i].item, v[i].count)) continue;
        if (v[i].kind != TENSOR && v[i].kind != NONE) {
            return lack(c->why, "input %d is no tensor", c->inputs);
        }
        if (c->inputs == MOST_TENSORS) give_up("too many inputs", cd_module_name(c->module));
        c->in[c->inputs++] = v[i].tensor;
    }
    return true;
}

static void print_gradients(call *c, cd_tensor **weight, int weights)
{
    cd_tensor *gradient[MOST_TENSORS] = { NULL };
    const int count = weighted(c->out, weight, weights < c->outputs ? weights : c->outputs, false);
    if (count == 0 || c->variables == 0) return;
    if (!cd_autograd_grad_n(((cd_tensors){ c->out, count }),
                            ((cd_tensors){ c->variable, c->variables }), gradient,
                            .weights = weight, .allow_unused = true)) {
        print_failure(" failed");
        return;
    }
    for (int i = 0; i < c->variables; i++) print_tensor(gradient[i]);
}

static void call_module(call *c, cd_tensor **weight, int weights)
{
    c->outputs = cd_module_outputs(c->module);
    if (!cd_forward_n(c->module, c->in, c->inputs, c->out, c->outputs)) {
        print_failure("error");
        return;
    }
    printf("ok ");
    print_module(c->module);
    printf(" results");
    for (int i = 0; i < c->outputs; i++) print_tensor(c->out[i]);
    printf(" state");
    (void)cd_visit(c->module, print_state, NULL);
    printf(" gradients");
    print_gradients(c, weight, weights);
    printf(" end");
}

/* Makes the module and gives it its state. False with an error, or with `why`. */
static bool prepare(call *c, const value *object, const char *mode, const request *r)
{
    c->module = make_module(object, c->why);
    c->variables = r->variables;
    memcpy(c->variable, r->variable, (size_t)r->variables * sizeof *c->variable);
    return c->module && cd_visit(c->module, load_tensor, c) &&
           (strcmp(mode, "train") == 0 ? cd_train : cd_eval)(c->module) &&
           add_inputs(c, r->positional, r->positionals) &&
           (r->named == 0 || lack(c->why, "a call takes no %s", r->name[0].key));
}

void answer_module(request *r)
{
    cd_tensor *weight[MOST_TENSORS];
    const value *object = read_value(r, next_word(r));
    const char *mode = next_word(r);
    const uint64_t seed = strtoull(next_word(r), NULL, 10);
    read_arguments(r, "inputs");
    call c = { .state = r->name, .states = r->named };
    read_arguments(r, "weights");
    const int weights = read_until(r, "end", weight);
    if (!prepare(&c, object, mode, r)) {
        if (cd_ok()) {
            printf("lacking %s", c.why);
        } else {
            print_failure("error");
        }
        return;
    }
    cd_manual_seed(seed);
    call_module(&c, weight, weights);
}

void answer_modules(request *r)
{
    (void)r;
    for (int i = 0; cd_module_classes[i]; i++) printf("%s ", cd_module_classes[i]->name);
}
