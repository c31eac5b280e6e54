/* Steps of optimizers: a parameter w is updated by its gradient in a single pass through memory.
 * optim/optim.h says where the formulas come from. */
#ifndef CANDELA_CORE_CPU_OPTIM_STEP_INTERNAL_H
#define CANDELA_CORE_CPU_OPTIM_STEP_INTERNAL_H

#include "core/dtype.h"

enum { CD_STEP_STATES = 3 };

/* The numbers in the formula of a step. Each formula below uses some of them. */
typedef struct cd_step_numbers {
    double lr;       /* the rate, times what is the same for all elements */
    double keep;     /* first of all w is multiplied by it: 1, or less for decoupled decay */
    double decay;    /* weight decay that goes into the gradient */
    double momentum; /* of sgd and rmsprop */
    double undamped; /* of sgd: the share of the gradient in the buffer */
    double beta1, beta2, eps;
    double scale;       /* a factor that depends on the count of steps */
    double least, most; /* of rprop: the bounds of a step */
    bool maximize, nesterov, first;
} cd_step_numbers;

/* The update of one parameter: n elements, of one floating dtype in all arrays. */
typedef struct cd_step_task {
    int64_t n;
    void *w;
    const void *g;
    void *state[CD_STEP_STATES];
    cd_step_numbers numbers;
} cd_step_task;

/* The kernels, and their state arrays. In each formula g is (maximize ? -g : g) + decay * w, and w
 * has been multiplied by keep. The array g itself is not changed. An array in brackets may be NULL,
 * and the formula is then the one without it. A momentum of 0, which a schedule may set, leaves b
 * alone, as if it were NULL.
 *
 *     sgd       [b]           b = first ? g : momentum * b + undamped * g
 *                             w -= lr * (nesterov ? g + momentum * b : b); without b, w -= lr * g
 *     adam      m v [top]     m += (1 - beta1) * (g - m), v = beta2 * v + (1 - beta2) * g^2
 *                             top = max(top, v), w -= lr * m / (scale * sqrt(top) + eps)
 *     adamax    m u           m as in adam, u = max(beta2 * u, |g| + eps), w -= lr * m / u
 *     nadam     m v           m and v as in adam
 *                             w -= (undamped * g + momentum * m) / (scale * sqrt(v) + eps)
 *     radam     m v           m and v as in adam; w -= lr * m / (scale * sqrt(v) + eps), where a
 *                             scale of 0 and an eps of 1 make it w -= lr * m
 *     adagrad   sum           sum += g^2, w -= lr * g / (sqrt(sum) + eps)
 *     adadelta  v a           v = beta2 * v + (1 - beta2) * g^2
 *                             d = g * sqrt(a + eps) / sqrt(v + eps)
 *                             a = beta2 * a + (1 - beta2) * d^2, w -= lr * d
 *     rmsprop   v [b] [mean]  v as in adadelta, mean += (1 - beta2) * (g - mean)
 *                             d = g / (sqrt(v - mean^2) + eps), b = momentum * b + d, w -= lr * b
 *     rprop     s before      s *= beta1 where g * before < 0, beta2 where it is > 0, within
 *                             [least, most]; g = 0 where it was < 0; w -= sign(g) * s, before = g.
 *                             first: s is lr, and before 0
 *     lion      m             w -= lr * sign(beta1 * m + (1 - beta1) * g)
 *                             m = beta2 * m + (1 - beta2) * g */
#define CD_STEPS(X)                                                                                \
    X(sgd)                                                                                         \
    X(adam)                                                                                        \
    X(adamax)                                                                                      \
    X(nadam)                                                                                       \
    X(radam)                                                                                       \
    X(adagrad)                                                                                     \
    X(adadelta)                                                                                    \
    X(rmsprop)                                                                                     \
    X(rprop)                                                                                       \
    X(lion)

typedef enum cd_step_kind {
#define CD_STEP_NAME(step_) CD_STEP_##step_,
    CD_STEPS(CD_STEP_NAME)
#undef CD_STEP_NAME
        CD_STEP_COUNT
} cd_step_kind;

/* Updates all parameters, of one dtype, on all threads. */
void cd_cpu_step(cd_step_kind kind, cd_dtype dtype, const cd_step_task *tasks, int64_t count);

/* Updates n elements of a task, from `first` on. */
typedef void cd_step_run(const cd_step_task *task, int64_t first, int64_t n);
struct cd_cpu_optim_step_table {
    cd_step_run *run[CD_STEP_COUNT][CD_DTYPE_COUNT];
};

#endif
