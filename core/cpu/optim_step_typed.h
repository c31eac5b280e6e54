/* Steps of optimizers over a run of elements, for one floating type. optim_step_internal.h has the
 * formulas.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h). */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of optim_step_typed.h is missing"
#endif
#include <tgmath.h>

#include "core/cpu/cpu_internal.h"
#include "core/cpu/optim_step_internal.h"
#include "core/cpu/typed_internal.h"

/* The arrays and numbers of a task, from its element `first` on. */
#define BEGIN                                                                                      \
    const cd_step_numbers *const o = &task->numbers;                                               \
    TYPE *const w = (TYPE *)task->w + first;                                                       \
    const TYPE *const g = (const TYPE *)task->g + first;                                           \
    const TYPE lr = (TYPE)o->lr, keep = (TYPE)o->keep, decay = (TYPE)o->decay;                     \
    const TYPE sign = o->maximize ? -1 : 1;                                                        \
    const bool decays = o->decay != 0;
/* State array k; NULL where the task has none. */
#define STATE(k_)  (task->state[k_] ? (TYPE *)task->state[k_] + first : NULL)
#define NUMBER(n_) ((TYPE)o->n_)
/* 1 - beta, before it is rounded: the float next to 0.999 is 1e-8 away from it, which is 1e-5 of
 * 1 - 0.999. */
#define REST(n_)   ((TYPE)(1 - o->n_))
/* Makes `weight` and `grad`, element i of w and of the gradient. Without decay the weight must not
 * enter the sum: 0 times an infinite weight is NaN. */
#define ELEMENT(i_)                                                                                \
    const TYPE weight = w[i_] * keep;                                                              \
    const TYPE grad = decays ? sign * g[i_] + decay * weight : sign * g[i_];
/* Moves element i of the first and second moment, m and v. */
#define MOMENTS(i_)                                                                                \
    const TYPE mean = m[i_] + rest1 * (grad - m[i_]);                                              \
    const TYPE square = beta2 * v[i_] + rest2 * grad * grad;                                       \
    m[i_] = mean;                                                                                  \
    v[i_] = square;

static void TYPED(sgd)(const cd_step_task *task, int64_t first, int64_t n)
{
    BEGIN
    TYPE *const b = o->momentum != 0 ? STATE(0) : NULL;
    const TYPE momentum = NUMBER(momentum), undamped = NUMBER(undamped);
    const bool nesterov = o->nesterov;
    if (!b) {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < n; i++) {
            ELEMENT(i)
            w[i] = weight - lr * grad;
        }
    } else if (o->first) {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < n; i++) {
            ELEMENT(i)
            b[i] = grad;
            w[i] = weight - lr * (nesterov ? grad + momentum * grad : grad);
        }
    } else {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < n; i++) {
            ELEMENT(i)
            const TYPE velocity = momentum * b[i] + undamped * grad;
            b[i] = velocity;
            w[i] = weight - lr * (nesterov ? grad + momentum * velocity : velocity);
        }
    }
}

static void TYPED(adam)(const cd_step_task *task, int64_t first, int64_t n)
{
    BEGIN
    TYPE *const m = STATE(0), *const v = STATE(1), *const top = STATE(2);
    const TYPE beta2 = NUMBER(beta2), eps = NUMBER(eps);
    const TYPE rest1 = REST(beta1), rest2 = REST(beta2);
    const TYPE scale = NUMBER(scale);
    if (top) {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < n; i++) {
            ELEMENT(i)
            MOMENTS(i)
            const TYPE highest = top[i] > square ? top[i] : square;
            top[i] = highest;
            w[i] = weight - lr * mean / (scale * sqrt(highest) + eps);
        }
    } else {
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < n; i++) {
            ELEMENT(i)
            MOMENTS(i)
            w[i] = weight - lr * mean / (scale * sqrt(square) + eps);
        }
    }
}

static void TYPED(adamax)(const cd_step_task *task, int64_t first, int64_t n)
{
    BEGIN
    TYPE *const m = STATE(0), *const u = STATE(1);
    const TYPE beta2 = NUMBER(beta2), eps = NUMBER(eps);
    const TYPE rest1 = REST(beta1);
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) {
        ELEMENT(i)
        const TYPE mean = m[i] + rest1 * (grad - m[i]);
        const TYPE size = fabs(grad) + eps, faded = beta2 * u[i];
        const TYPE highest = faded > size ? faded : size;
        m[i] = mean;
        u[i] = highest;
        w[i] = weight - lr * mean / highest;
    }
}

static void TYPED(nadam)(const cd_step_task *task, int64_t first, int64_t n)
{
    BEGIN
    TYPE *const m = STATE(0), *const v = STATE(1);
    const TYPE beta2 = NUMBER(beta2), eps = NUMBER(eps);
    const TYPE rest1 = REST(beta1), rest2 = REST(beta2);
    const TYPE scale = NUMBER(scale), undamped = NUMBER(undamped), momentum = NUMBER(momentum);
    (void)lr;
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) {
        ELEMENT(i)
        MOMENTS(i)
        w[i] = weight - (undamped * grad + momentum * mean) / (scale * sqrt(square) + eps);
    }
}

/* adam without a third array. */
static void TYPED(radam)(const cd_step_task *task, int64_t first, int64_t n)
{
    TYPED(adam)(task, first, n);
}

static void TYPED(adagrad)(const cd_step_task *task, int64_t first, int64_t n)
{
    BEGIN
    TYPE *const sum = STATE(0);
    const TYPE eps = NUMBER(eps);
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) {
        ELEMENT(i)
        const TYPE total = sum[i] + grad * grad;
        sum[i] = total;
        w[i] = weight - lr * grad / (sqrt(total) + eps);
    }
}

static void TYPED(adadelta)(const cd_step_task *task, int64_t first, int64_t n)
{
    BEGIN
    TYPE *const v = STATE(0), *const a = STATE(1);
    const TYPE beta2 = NUMBER(beta2), rest2 = REST(beta2), eps = NUMBER(eps);
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) {
        ELEMENT(i)
        const TYPE square = beta2 * v[i] + rest2 * grad * grad;
        const TYPE delta = sqrt(a[i] + eps) / sqrt(square + eps) * grad;
        v[i] = square;
        a[i] = beta2 * a[i] + rest2 * delta * delta;
        w[i] = weight - lr * delta;
    }
}

static void TYPED(rmsprop)(const cd_step_task *task, int64_t first, int64_t n)
{
    BEGIN
    TYPE *const v = STATE(0), *const mean = STATE(2);
    TYPE *const b = o->momentum != 0 ? STATE(1) : NULL;
    const TYPE beta2 = NUMBER(beta2), rest2 = REST(beta2);
    const TYPE eps = NUMBER(eps), momentum = NUMBER(momentum);
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) {
        ELEMENT(i)
        TYPE square = beta2 * v[i] + rest2 * grad * grad;
        v[i] = square;
        if (mean) {
            const TYPE moved = mean[i] + rest2 * (grad - mean[i]);
            mean[i] = moved;
            square -= moved * moved;
        }
        TYPE delta = grad / (sqrt(square) + eps);
        if (b) {
            delta += momentum * b[i];
            b[i] = delta;
        }
        w[i] = weight - lr * delta;
    }
}

static void TYPED(rprop)(const cd_step_task *task, int64_t first, int64_t n)
{
    BEGIN
    TYPE *const size = STATE(0), *const before = STATE(1);
    const TYPE smaller = NUMBER(beta1), larger = NUMBER(beta2);
    const TYPE least = NUMBER(least), most = NUMBER(most);
    const bool begins = o->first;
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) {
        ELEMENT(i)
        const TYPE product = begins ? 0 : grad * before[i];
        const TYPE factor = product > 0 ? larger : product < 0 ? smaller : 1;
        TYPE step = (begins ? lr : size[i]) * factor;
        step = step < least ? least : step > most ? most : step;
        const TYPE used = product < 0 ? 0 : grad;
        size[i] = step;
        before[i] = used;
        w[i] = weight - (used > 0 ? step : used < 0 ? -step : 0);
    }
}

static void TYPED(lion)(const cd_step_task *task, int64_t first, int64_t n)
{
    BEGIN
    TYPE *const m = STATE(0);
    const TYPE beta1 = NUMBER(beta1), rest1 = REST(beta1);
    const TYPE beta2 = NUMBER(beta2), rest2 = REST(beta2);
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) {
        ELEMENT(i)
        const TYPE mixed = beta1 * m[i] + rest1 * grad;
        m[i] = beta2 * m[i] + rest2 * grad;
        w[i] = weight - (mixed > 0 ? lr : mixed < 0 ? -lr : 0);
    }
}

#undef BEGIN
#undef STATE
#undef NUMBER
#undef REST
#undef ELEMENT
#undef MOMENTS
#undef TYPE
#undef SUFFIX
