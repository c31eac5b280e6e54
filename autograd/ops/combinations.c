/* combinations: every choice of r elements of a vector, as rows in the order of x. Made of two ops:
 * combination_indices makes the indices, and index picks the elements. */
#include "autograd/families/create_internal.h"
#include "autograd/ops_internal.h"

/* --- the number of combinations --------------------------------------------------------------- */

/* n over r, which is 1 or more. -1 where that is too large, together with its r columns, to be
 * counted. */
static int64_t choose(int64_t n, int64_t r)
{
    int64_t count = 1;
    const int64_t rest = n - r, steps = r < rest ? r : rest;
    if (n < r) return 0;
    for (int64_t k = 1; k <= steps; k++) {
        if (__builtin_mul_overflow(count, n - steps + k, &count)) return -1;
        count /= k;
    }
    return count <= INT64_MAX / r ? count : -1;
}

static int64_t count_of(const cd_combinations_options *o)
{
    int64_t n = o->x->numel;
    if (!o->with_replacement) return choose(n, o->r);
    if (n == 0) return 0;
    return __builtin_add_overflow(n - 1, o->r, &n) ? -1 : choose(n, o->r);
}

/* --- the function ----------------------------------------------------------------------------- */

static bool check(const cd_combinations_options *o)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(o->x, "combinations", "x")) return false;
    if (o->x->shape.ndim != 1) {
        return cd_fail(CD_ERR_SHAPE, "combinations: x has shape %s, and must be a vector",
                       cd_sizes_text(&o->x->shape, text));
    }
    return o->r >= 0 ||
           cd_fail(CD_ERR_ARGUMENT, "combinations: r is %lld: 0 or more", (long long)o->r);
}

cd_tensor *cd_combinations_with(cd_combinations_options o)
{
    if (!check(&o)) return NULL;
    const cd_device device = cd_tensor_device(o.x);
    if (o.r == 0) return cd_zeros(CD_SHAPE(0), .dtype = o.x->dtype, .device = device);
    cd_combinations_attributes a = { .made = { .dtype = CD_I64, .device = device },
                                     .n = o.x->numel,
                                     .r = o.r,
                                     .rows = count_of(&o),
                                     .with_replacement = o.with_replacement };
    if (a.rows < 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "combinations: there are too many of %lld elements of %lld",
                      (long long)a.r, (long long)a.n);
        return NULL;
    }
    const cd_scope scope = cd_scope_begin();
    if (scope.depth < 0) return NULL;
    cd_tensor *index = cd_make(&cd_op_combination_indices, "combinations", NULL, &a, NULL);
    return cd_ops_end(scope, index ? cd_index(o.x, index) : NULL);
}

const cd_op cd_op_combinations = {
    .name = "combinations",
    .like = "torch.combinations(x, r, with_replacement)",
    .formula = "y = a row (x[i], x[j], ..) for all i < j < .., or i <= j <= .. with replacement",
    .gradient = "that of index",
    .dtypes = "all",
    .composed = true,
};

/* --- combination_indices ---------------------------------------------------------------------- */

static const cd_field fields[] = { CD_FIELD(cd_combinations_attributes, n, INTEGER),
                                   CD_FIELD(cd_combinations_attributes, r, INTEGER),
                                   CD_FIELD(cd_combinations_attributes, with_replacement, BOOL),
                                   CD_FIELDS_END };

static bool infer_indices(cd_call *call)
{
    const cd_combinations_attributes *a = call->launch.attributes;
    const cd_shape shape = { .ndim = 2, .dim = { a->rows, a->r } };
    return cd_infer_made(call, &shape);
}

/* A row is the one before, with its last index that can grow grown by 1, and with the least ones
 * behind it. */
static void run_indices(const cd_launch *launch)
{
    const cd_combinations_attributes *a = launch->attributes;
    const int64_t r = a->r, apart = a->with_replacement ? 0 : 1;
    int64_t *row = launch->out[0].data;
    for (int64_t i = 0; i < a->rows; i++, row += r) {
        int64_t k = r - 1;
        for (int64_t j = 0; j < r; j++) row[j] = i > 0 ? row[j - r] : j * apart;
        if (i == 0) continue;
        while (row[k] == a->n - 1 - (r - 1 - k) * apart) k--;
        row[k]++;
        for (int64_t j = k + 1; j < r; j++) row[j] = row[j - 1] + apart;
    }
}

const cd_op cd_op_combination_indices = {
    .name = "combination_indices",
    .formula = "y = every i < j < .. below n, or i <= j <= .., as rows",
    .gradient = "none: it has no input",
    .dtypes = "int64",
    CD_OP_ATTRIBUTES(cd_combinations_attributes, fields),
    .infer = infer_indices,
    .cpu = { .run = run_indices },
};
