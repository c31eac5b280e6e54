/* Ops in place with an operand that overlaps x: the operand's elements count as they were
 * before. */
#include "test.h"

#include "autograd/ops.h"
#include "core/threads.h"

typedef cd_tensor *change(cd_tensor *x, cd_tensor *y);

static cd_tensor *masked_filled(cd_tensor *x, cd_tensor *y)
{
    return cd_masked_fill_(x, y, false);
}

static cd_tensor *scattered_by_mask(cd_tensor *x, cd_tensor *y)
{
    return cd_masked_scatter_(x, y, cd_clone(x));
}

static cd_tensor *scattered_from(cd_tensor *x, cd_tensor *y)
{
    return cd_masked_scatter_(x, cd_gt(x, 2), y);
}

static cd_tensor *added_by_index(cd_tensor *x, cd_tensor *y)
{
    return cd_scatter_add_(x, 0, y, cd_clone(x));
}

static cd_tensor *added_from(cd_tensor *x, cd_tensor *y)
{
    return cd_scatter_add_(x, 0, cd_clone(x), y);
}

static cd_tensor *added(cd_tensor *x, cd_tensor *y)
{
    return cd_add_(x, y);
}

static cd_tensor *subtracted(cd_tensor *x, cd_tensor *y)
{
    return cd_sub_(x, y);
}

static cd_tensor *multiplied(cd_tensor *x, cd_tensor *y)
{
    return cd_mul_(x, y);
}

static cd_tensor *divided(cd_tensor *x, cd_tensor *y)
{
    return cd_div_(x, cd_add(y, 1));
}

static cd_tensor *clamped_from_below(cd_tensor *x, cd_tensor *y)
{
    return cd_clamp_min_(x, y);
}

static cd_tensor *clamped_from_above(cd_tensor *x, cd_tensor *y)
{
    return cd_clamp_max_(x, y);
}

static const struct {
    const char *name;
    change *run;
    cd_dtype dtype;
} changes[] = {
    { "copy_", cd_copy_, CD_F32 },
    { "copy_", cd_copy_, CD_F64 },
    { "copy_", cd_copy_, CD_U8 },
    { "masked_fill_'s mask", masked_filled, CD_BOOL },
    { "masked_scatter_'s mask", scattered_by_mask, CD_BOOL },
    { "masked_scatter_'s source", scattered_from, CD_F32 },
    { "scatter_add_'s index", added_by_index, CD_I64 },
    { "scatter_add_'s src", added_from, CD_I64 },
    { "add_", added, CD_F32 },
    { "sub_", subtracted, CD_F32 },
    { "mul_", multiplied, CD_F32 },
    { "div_", divided, CD_F32 },
    { "clamp_min_", clamped_from_below, CD_F32 },
    { "clamp_max_", clamped_from_above, CD_F32 },
};

typedef enum layout { BEHIND, BEFORE, ACROSS, LAYOUTS } layout;
static const char *const layout_names[] = { "behind", "before", "across" };

/* Sets x, which is changed, and y, which is read: y is one element after x, one before it, or x's
 * transpose. */
static void lay(layout how, int64_t side, cd_tensor *memory, cd_tensor **x, cd_tensor **y)
{
    int64_t n = side * side;
    *x = cd_slice(memory, 0, how == BEFORE, n + (how == BEFORE), 1);
    *y = cd_slice(memory, 0, how == BEHIND, n + (how == BEHIND), 1);
    if (how != ACROSS) return;
    *x = cd_view(*x, CD_SHAPE(side, side));
    *y = cd_t(*x);
}

/* Whole numbers below `side`, so that they are valid indices too; for bool every third is false. */
static cd_tensor *memory_of(cd_dtype dtype, int64_t side)
{
    int64_t n = side * side + 1, *values = malloc((size_t)n * sizeof *values);
    assert_non_null(values);
    for (int64_t i = 0; i < n; i++) values[i] = dtype == CD_BOOL ? i % 3 : 7 * i % side % 251;
    cd_tensor *t = cd_to(cd_from_array(values, CD_SHAPE(n), .dtype = CD_I64), dtype);
    free(values);
    return t;
}

static void check(size_t number, layout how, int64_t side)
{
    CD_SCOPE();
    cd_tensor *memory = memory_of(changes[number].dtype, side), *apart = cd_clone(memory), *x, *y;
    lay(how, side, apart, &x, &y);
    assert_ptr_equal(changes[number].run(x, cd_clone(y)), x);
    lay(how, side, memory, &x, &y);
    assert_ptr_equal(changes[number].run(x, y), x);
    assert_ok();
    int64_t wrong = cd_item_int(cd_sum(cd_ne(memory, apart)));
    assert_that(wrong == 0, "%s, which lies %s what is changed, of %lld x %lld: %lld elements",
                changes[number].name, layout_names[how], (long long)side, (long long)side,
                (long long)wrong);
}

static void check_all(int64_t side)
{
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        for (layout how = BEHIND; how < LAYOUTS; how++) check(i, how, side);
    }
}

static void small_ones(void **state)
{
    (void)state;
    check_all(3);
    check_all(7);
}

static void large_ones_on_many_threads(void **state)
{
    (void)state;
    int before = cd_num_threads();
    assert_true(cd_set_num_threads(4));
    check_all(300);
    assert_true(cd_set_num_threads(before));
}

/* The checks above compare with the op itself on a copy; this one with numbers. */
static void a_matrix_is_transposed_in_place(void **state)
{
    (void)state;
    float values[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    cd_tensor *x = cd_from_array(values, CD_SHAPE(3, 3));
    assert_ptr_equal(cd_copy_(x, cd_t(x)), x);
    assert_true(cd_read(x, values, sizeof values));
    assert_memory_equal(values, ((const float[]){ 1, 4, 7, 2, 5, 8, 3, 6, 9 }), sizeof values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(small_ones),
        TEST(large_ones_on_many_threads),
        TEST(a_matrix_is_transposed_in_place),
    };
    return RUN(tests);
}
