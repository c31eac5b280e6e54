/* Optimizers and schedules, for golden/optim_samples.py. The requests are
 *
 *     optimizer o:CLASS ( KEY= VALUE... ) PARAMETER... gradients TENSOR... end
 *     schedule o:CLASS ( KEY= VALUE... ) o:OPTIMIZER ( KEY= VALUE... ) STEPS METRICS
 *
 * An optimizer makes as many steps as the gradients have rows: there is one tensor for each
 * parameter, and its row t is the gradient at step t. A parameter may be i:K, for number K again.
 * METRICS are none, or a tensor with a number for each step. Functions are words, and schedules
 * within a schedule a list of objects. The answer is one of
 *
 *     lacking SENTENCE        there is no such class, or it does not take these arguments
 *     error CODE SENTENCE     it cannot be made, or a step failed
 *     ok results TENSOR... state NAME TENSOR... end      the parameters and state after the steps
 *     ok TENSOR TENSOR        the rates, and momenta, before the first step and after each
 *
 * The request "optimizers" is answered with the names of all classes of both kinds. */
#include <stdlib.h>
#include <string.h>

#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"
#include "optim/state.h"
#include "sample_options.h"

static void print_refusal(const char *why)
{
    if (cd_ok()) {
        printf("lacking %s", why);
    } else {
        print_failure("error");
    }
}

/* --- optimizers ------------------------------------------------------------------------------- */

/* What the options of every optimizer begin with. */
typedef struct common_options {
    cd_module *module;
    CD_OPTIMIZER_OPTIONS;
} common_options;

/* NULL with an error, or with `why`. */
static cd_optimizer *make_optimizer(const value *object, cd_tensors parameters, char why[WHY_BYTES])
{
    options_room room = { { 0 } };
    for (int i = 0; cd_optimizer_classes[i]; i++) {
        const cd_optimizer_class *c = cd_optimizer_classes[i];
        if (strcmp(c->name, object->word) != 0) continue;
        if (c->options_bytes > sizeof room) give_up("too many options", c->name);
        common_options *common = (common_options *)(void *)&room;
        common->tensors = parameters.tensor;
        common->count = parameters.count;
        if (!put_options(c->options, &room, object->named, object->count, why)) return NULL;
        return cd_optimizer_new(c, &room);
    }
    (void)lack(why, "there is no class %s", object->word);
    return NULL;
}

/* Reads parameters up to the word "gradients"; returns how many. */
static int read_parameters(request *r, cd_tensor **parameter)
{
    int count = 0;
    for (char *word = next_word(r); strcmp(word, "gradients") != 0; word = next_word(r)) {
        const value *v = read_value(r, word);
        if (count == MOST_TENSORS || (v->kind == INTEGER && v->integer >= count)) {
            give_up("no parameter", word);
        }
        parameter[count++] = v->kind == INTEGER ? parameter[v->integer] : v->tensor;
    }
    return count;
}

/* One step: each gradient comes from a backward pass through the sum of parameter * row t. */
static bool step(cd_optimizer *o, cd_tensors parameters, cd_tensor *const *gradient, int64_t t)
{
    CD_SCOPE();
    (void)cd_optimizer_zero_grad(o);
    for (int i = 0; i < parameters.count && cd_ok(); i++) {
        cd_tensor *row = cd_select(gradient[i], 0, t);
        (void)cd_backward(cd_sum(cd_mul(parameters.tensor[i], row)));
    }
    return cd_step(o);
}

static bool print_state(const char *name, cd_tensor *t, cd_entry_kind entry, void *user)
{
    (void)entry, (void)user;
    printf(" %s", name);
    print_tensor(t);
    return true;
}

void answer_optimizer(request *r)
{
    cd_tensor *parameter[MOST_TENSORS], *gradient[MOST_TENSORS];
    char why[WHY_BYTES];
    const value *object = read_value(r, next_word(r));
    const cd_tensors parameters = { parameter, read_parameters(r, parameter) };
    const int gradients = read_until(r, "end", gradient);
    cd_optimizer *o = make_optimizer(object, parameters, why);
    const int64_t steps = gradients ? cd_shape_of(gradient[0]).dim[0] : 0;
    for (int64_t t = 0; o && t < steps; t++) {
        if (!step(o, parameters, gradient, t)) o = NULL;
    }
    if (!o) {
        print_refusal(why);
        return;
    }
    printf("ok results");
    for (int i = 0; i < parameters.count; i++) print_tensor(parameter[i]);
    printf(" state");
    (void)cd_visit_state(o, print_state, NULL);
    printf(" end");
}

/* --- schedules -------------------------------------------------------------------------------- */

/* The functions that golden/optim_samples.py has under the same names. */
static double shrink(int64_t t, void *user)
{
    (void)user;
    return pow(0.95, (double)t);
}

static double warm_up(int64_t t, void *user)
{
    (void)user;
    return t < 10 ? (double)(t + 1) / 10 : 1;
}

static double steady(int64_t t, void *user)
{
    (void)t, (void)user;
    return 0.9;
}

static cd_rate_function *function_named(const char *name)
{
    static const struct {
        const char *name;
        cd_rate_function *function;
    } functions[] = { { "shrink", shrink }, { "warm_up", warm_up }, { "steady", steady } };
    for (size_t i = 0; name && i < sizeof functions / sizeof *functions; i++) {
        if (strcmp(functions[i].name, name) == 0) return functions[i].function;
    }
    give_up("no function", name ? name : "");
}

static const value *argument(const value *object, const char *key)
{
    for (int i = 0; i < object->count; i++) {
        if (strcmp(object->named[i].key, key) == 0) return object->named[i].value;
    }
    give_up("an argument is missing", key);
}

static cd_scheduler *make_schedule(const value *object, cd_optimizer *o, char why[WHY_BYTES]);

/* A schedule of schedules. */
static cd_scheduler *make_joined(const value *object, cd_optimizer *o, char why[WHY_BYTES])
{
    const value *list = argument(object, "schedulers");
    cd_scheduler *part[MOST_NAMED];
    if (list->count > MOST_NAMED) give_up("too many schedules", object->word);
    for (int i = 0; i < list->count; i++) {
        part[i] = make_schedule(&list->item[i], o, why);
        if (!part[i]) return NULL;
    }
    if (strcmp(object->word, "ChainedScheduler") == 0) {
        return cd_schedule_chained(o, part, list->count);
    }
    const value *at = argument(object, "milestones");
    int64_t milestone[MOST_NAMED];
    if (at->count != list->count - 1) {
        (void)lack(why, "there is one milestone less than schedules");
        return NULL;
    }
    for (int i = 0; i < at->count; i++) milestone[i] = at->item[i].integer;
    return cd_schedule_sequential(o, part, list->count, .milestones = milestone);
}

/* NULL with an error, or with `why`. */
static cd_scheduler *make_schedule(const value *object, cd_optimizer *o, char why[WHY_BYTES])
{
    options_room room = { { 0 } };
    const char *name = object->word;
    *why = '\0';
    if (strcmp(name, "SequentialLR") == 0 || strcmp(name, "ChainedScheduler") == 0) {
        return make_joined(object, o, why);
    }
    if (strcmp(name, "LambdaLR") == 0 || strcmp(name, "MultiplicativeLR") == 0) {
        cd_rate_function *function = function_named(argument(object, "lr_lambda")->word);
        return *name == 'L' ? cd_schedule_lambda(o, function)
                            : cd_schedule_multiplicative(o, function);
    }
    for (int i = 0; cd_scheduler_classes[i]; i++) {
        const cd_scheduler_class *c = cd_scheduler_classes[i];
        if (strcmp(c->name, name) != 0) continue;
        if (c->options_bytes > sizeof room) give_up("too many options", c->name);
        if (!put_options(c->options, &room, object->named, object->count, why)) return NULL;
        return cd_scheduler_make(c, o, &room);
    }
    (void)lack(why, "there is no class %s", name);
    return NULL;
}

/* Makes the steps, and notes rates and momenta. False with an error. */
static bool run_schedule(cd_scheduler *s, cd_optimizer *o, int64_t steps, const cd_tensor *metrics,
                         double *rate, double *momentum)
{
    for (int64_t t = 0; t <= steps; t++) {
        double metric = 0;
        if (metrics && t > 0) cd_tensor_get(metrics, t - 1, &metric);
        if (t > 0 && !(metrics ? cd_scheduler_step_by(s, metric) : cd_scheduler_step(s))) {
            return false;
        }
        rate[t] = cd_lr(o);
        momentum[t] = cd_optimizer_momentum(o, 0);
    }
    return true;
}

void answer_schedule(request *r)
{
    char why[WHY_BYTES] = "";
    const value *object = read_value(r, next_word(r)), *of = read_value(r, next_word(r));
    const int64_t steps = read_value(r, next_word(r))->integer;
    const cd_tensor *metrics = read_value(r, next_word(r))->tensor;
    cd_tensor *parameter = cd_zeros(CD_SHAPE(1), .requires_grad = true);
    double *rate = calloc((size_t)steps + 1, sizeof *rate);
    double *momentum = calloc((size_t)steps + 1, sizeof *momentum);
    if (!rate || !momentum) give_up("no memory", object->word);
    cd_optimizer *o = make_optimizer(of, CD_TENSORS(parameter), why);
    cd_scheduler *s = o ? make_schedule(object, o, why) : NULL;
    if (s && run_schedule(s, o, steps, metrics, rate, momentum)) {
        printf("ok");
        print_tensor(cd_from_array((const double *)rate, CD_SHAPE(steps + 1)));
        print_tensor(cd_from_array((const double *)momentum, CD_SHAPE(steps + 1)));
    } else {
        print_refusal(why);
    }
    free(rate);
    free(momentum);
}

void answer_optimizers(request *r)
{
    (void)r;
    for (int i = 0; cd_optimizer_classes[i]; i++) printf("%s ", cd_optimizer_classes[i]->name);
    for (int i = 0; cd_scheduler_classes[i]; i++) printf("%s ", cd_scheduler_classes[i]->name);
}
