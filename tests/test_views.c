/* Views: that they share memory, which elements they show, and the names of their grad_fns. */
#include "test.h"

#include "autograd/hooks.h"
#include "autograd/index_ops.h"
#include "autograd/ops.h"

/* 0, 1, 2, ... in this shape. */
static cd_tensor *counted(cd_shape shape, bool requires_grad)
{
    float values[64];
    for (int i = 0; i < 64; i++) values[i] = (float)i;
    return cd_from_array(values, shape, .requires_grad = requires_grad);
}

static void expect_values(cd_tensor *t, const float *right, int64_t count)
{
    float values[64];
    assert_ok();
    assert_int_equal(cd_numel(t), count);
    assert_true(cd_read(t, values, (size_t)count * sizeof *values));
    for (int64_t i = 0; i < count; i++) assert_close(values[i], right[i], 0, 0);
}
#define EXPECT(t_, ...)                                                                            \
    expect_values((t_), (const float[]){ __VA_ARGS__ },                                            \
                  (int64_t)(sizeof((float[]){ __VA_ARGS__ }) / sizeof(float)))

static void views_of_views_look_at_the_same_elements(void **state)
{
    (void)state;
    cd_tensor *x = counted(CD_SHAPE(4, 6), false);
    EXPECT(cd_select(x, 1, -1), 5, 11, 17, 23);
    EXPECT(cd_index(cd_t(cd_slice(x, 0, 1, 4, 2)), 2), 8, 20);
    EXPECT(cd_narrow(cd_index(x, 1), 0, -2, 2), 10, 11);
    EXPECT(cd_permute(cd_view(cd_narrow(x, 0, 0, 1), CD_SHAPE(1, 2, 3)), CD_SHAPE(2, 1, 0)), 0, 3,
           1, 4, 2, 5);
    EXPECT(cd_slice(cd_slice(cd_index(x, 0), 0, 1, INT64_MAX, 2), 0, -2, -1, 1), 3);
    EXPECT(cd_expand(cd_slice(cd_index(x, 3), 0, 0, 1, 1), CD_SHAPE(2, 3)), 18, 18, 18, 18, 18, 18);
}

/* With the largest number of dimensions, and one fewer. */
static void views_of_many_dimensions_begin_where_they_should(void **state)
{
    (void)state;
    cd_tensor *x = counted(CD_SHAPE(1, 2, 1, 2, 1, 2, 2, 2), false);
    assert_int_equal(cd_ndim(x), CD_MAX_DIMS);
    cd_tensor *last = cd_narrow(x, 1, 1, 1);
    assert_int_equal(cd_ndim(last), CD_MAX_DIMS);
    EXPECT(last, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
    EXPECT(cd_narrow(cd_narrow(last, 3, 1, 1), 5, 1, 1), 28, 29, 30, 31);
    EXPECT(cd_slice(cd_transpose(last, 6, 7), 6, 1, 2, 1), 17, 19, 21, 23, 25, 27, 29, 31);
    assert_true(cd_is_contiguous(last));
    cd_tensor *crossed = cd_transpose(last, 5, 7);
    assert_false(cd_is_contiguous(crossed));
    EXPECT(cd_contiguous(crossed), 16, 20, 18, 22, 17, 21, 19, 23, 24, 28, 26, 30, 25, 29, 27, 31);
    EXPECT(cd_select(last, 7, 1), 17, 19, 21, 23, 25, 27, 29, 31);
    EXPECT(cd_unsqueeze(cd_select(last, 7, 1), 0), 17, 19, 21, 23, 25, 27, 29, 31);
    EXPECT(cd_expand(cd_narrow(last, 7, 1, 1), CD_SHAPE(2, 1, 1, 2, 1, 2, 2, 1)), 17, 19, 21, 23,
           25, 27, 29, 31, 17, 19, 21, 23, 25, 27, 29, 31);
    EXPECT(cd_as_strided(x, CD_SHAPE(1, 1, 1, 1, 1, 1, 1, 2), CD_SHAPE(1, 1, 1, 1, 1, 1, 1, 5), 3),
           3, 8);
    assert_non_null(cd_fill_(cd_narrow(last, 3, 0, 1), 0));
    EXPECT(cd_narrow(x, 1, 1, 1), 0, 0, 0, 0, 0, 0, 0, 0, 24, 25, 26, 27, 28, 29, 30, 31);
}

/* As in PyTorch, whichever dimension has the size 0. */
static void an_empty_tensor_lies_in_order_whatever_its_strides(void **state)
{
    (void)state;
    cd_tensor *x = cd_permute(cd_zeros(CD_SHAPE(2, 0, 4)), CD_SHAPE(1, 2, 0));
    assert_true(cd_is_contiguous(x));
    assert_ptr_equal(cd_contiguous(x), x);
    assert_non_null(cd_data(x));
    assert_true(cd_is_contiguous(cd_slice(cd_t(counted(CD_SHAPE(3, 4), false)), 0, 2, 2, 1)));
    assert_ok();
}

static void views_share_memory_and_version(void **state)
{
    (void)state;
    cd_tensor *x = counted(CD_SHAPE(2, 3), false);
    cd_tensor *const views[] = {
        cd_view(x, CD_SHAPE(3, 2)),
        cd_reshape(x, CD_SHAPE(6)),
        cd_flatten(x, 0, -1),
        cd_permute(x, CD_SHAPE(1, 0)),
        cd_unsqueeze(x, 1),
        cd_squeeze(x, 0),
        cd_slice(x, 0, 1, 2, 1),
        cd_select(x, 1, 0),
        cd_narrow(x, 1, 0, 2),
        cd_index(x, 1),
        cd_detach(x),
    };
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        uint32_t before = cd_version(x);
        (void)cd_fill_(views[i], 7 + (double)i);
        assert_ok();
        assert_int_equal(cd_version(x), before + 1);
        assert_int_equal(cd_version(views[i]), before + 1);
    }
    EXPECT(x, 17, 17, 17, 17, 17, 17);
}

static void slices_clip_as_in_python(void **state)
{
    (void)state;
    cd_tensor *x = counted(CD_SHAPE(5), false);
    EXPECT(cd_slice(x, 0, -100, 100, 1), 0, 1, 2, 3, 4);
    EXPECT(cd_slice(x, 0, -2, INT64_MAX, 1), 3, 4);
    EXPECT(cd_slice(x, 0, 1, -1, 2), 1, 3);
    EXPECT(cd_slice(x, 0, 4, INT64_MAX, INT64_MAX), 4);
    assert_int_equal(cd_numel(cd_slice(x, 0, 3, 1, 1)), 0);
    assert_int_equal(cd_numel(cd_slice(x, 0, INT64_MIN, INT64_MIN, 1)), 0);
    assert_int_equal(cd_numel(cd_slice(x, 0, 9, 12, 1)), 0);
}

static void reshape_copies_only_where_it_must(void **state)
{
    (void)state;
    cd_tensor *x = counted(CD_SHAPE(2, 3), false);
    assert_ptr_equal(cd_data(cd_reshape(x, CD_SHAPE(3, 2))), cd_data(x));
    cd_tensor *copy = cd_reshape(cd_t(x), CD_SHAPE(6));
    EXPECT(copy, 0, 3, 1, 4, 2, 5);
    (void)cd_fill_(copy, 9);
    EXPECT(x, 0, 1, 2, 3, 4, 5);
}

/* torch.zeros(200).as_strided(shape, stride).view(-1) works for these, too. */
static void sizes_of_one_never_stand_in_the_way_of_a_view(void **state)
{
    (void)state;
    const struct {
        cd_shape shape, stride;
        int64_t count, last;
    } views[] = { { CD_SHAPE(2, 1, 3), CD_SHAPE(3, 77, 1), 6, 5 },
                  { CD_SHAPE(3, 1, 4), CD_SHAPE(8, 5, 2), 12, 22 },
                  { CD_SHAPE(1, 5), CD_SHAPE(9, 3), 5, 12 },
                  { CD_SHAPE(5, 1), CD_SHAPE(3, 100), 5, 12 } };
    cd_tensor *x = cd_arange(200);
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        cd_tensor *row =
            cd_view(cd_as_strided(x, views[i].shape, views[i].stride, 0), CD_SHAPE(-1));
        assert_ok();
        assert_int_equal(cd_numel(row), views[i].count);
        assert_close(cd_item(cd_index(row, -1)), (double)views[i].last, 0, 0);
    }
    assert_null(cd_view(cd_as_strided(x, CD_SHAPE(3, 4), CD_SHAPE(9, 2), 0), CD_SHAPE(-1)));
    assert_failed_with(CD_ERR_SHAPE, "view: ");
}

static void expand_takes_no_memory(void **state)
{
    (void)state;
    cd_tensor *y = cd_expand(counted(CD_SHAPE(3, 1), false), CD_SHAPE(2, 3, 4));
    assert_int_equal(cd_stride(y, 0), 0);
    assert_int_equal(cd_stride(y, 1), 1);
    assert_int_equal(cd_stride(y, 2), 0);
    assert_null(cd_fill_(y, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "share one");
}

static void gradients_of_overlapping_views_add_up(void **state)
{
    (void)state;
    cd_tensor *x = counted(CD_SHAPE(4), true);
    cd_tensor *twice = cd_add(cd_slice(x, 0, 0, 3, 1), cd_slice(x, 0, 1, 4, 1));
    assert_true(cd_backward(cd_add(cd_sum(twice), cd_index(x, -1))));
    EXPECT(cd_grad(x), 1, 2, 2, 2);
}

static void what_is_detached_has_no_history(void **state)
{
    (void)state;
    cd_tensor *x = counted(CD_SHAPE(3), true), *y = cd_detach(cd_mul(x, 2));
    assert_false(cd_requires_grad(y));
    assert_true(cd_is_leaf(y));
    assert_true(cd_backward(cd_sum(cd_mul(x, y))));
    EXPECT(cd_grad(x), 0, 2, 4);
}

static void cat_joins_more_than_a_node_has_room_for(void **state)
{
    (void)state;
    enum { COUNT = 20 };
    cd_tensor *parts[COUNT];
    for (int k = 0; k < COUNT; k++) {
        parts[k] = cd_full(CD_SHAPE(k % 3), k, .requires_grad = true);
    }
    cd_tensor *y = cd_cat((cd_tensors){ parts, COUNT }, 0);
    assert_int_equal(cd_numel(y), 19);
    assert_true(cd_backward(y, .gradient = counted(CD_SHAPE(19), false)));
    EXPECT(cd_grad(parts[2]), 1, 2);
    EXPECT(cd_grad(parts[19]), 18);
}

/* An empty vector joined along either dimension, first or last: its gradient has its own shape. */
static void an_empty_vector_gets_a_gradient_of_its_shape(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        cd_tensor *empty = cd_zeros(CD_SHAPE(0), .requires_grad = true);
        cd_tensor *x = counted(CD_SHAPE(2, 3), true), *plain = cd_mul(empty, 2);
        cd_tensor *y =
            k < 2 ? cd_cat(CD_TENSORS(plain, x), k) : cd_cat(CD_TENSORS(x, plain), k - 2);
        assert_true(cd_shape_equal(cd_shape_of(y), CD_SHAPE(2, 3)));
        assert_non_null(cd_retain_grad(plain));
        assert_true(cd_backward(cd_sum(cd_mul(y, y)), .create_graph = true));
        assert_true(cd_shape_equal(cd_shape_of(cd_grad(plain)), CD_SHAPE(0)));
        assert_true(cd_shape_equal(cd_shape_of(cd_grad(empty)), CD_SHAPE(0)));
        EXPECT(cd_detach(cd_grad(x)), 0, 2, 4, 6, 8, 10);
    }
}

static void dtypes_meet_in_cat(void **state)
{
    (void)state;
    cd_tensor *y = cd_cat(CD_TENSORS(cd_arange(2), counted(CD_SHAPE(1), false)), 0);
    assert_int_equal(cd_dtype_of(y), CD_F32);
    EXPECT(y, 0, 1, 0);
}

static void names_are_pytorchs(void **state)
{
    (void)state;
    cd_tensor *x = counted(CD_SHAPE(2, 3), true), *one = counted(CD_SHAPE(1, 3), true);
    const struct {
        cd_tensor *y;
        const char *name;
    } right[] = {
        { cd_view(x, CD_SHAPE(6)), "ViewBackward0" },
        { cd_reshape(x, CD_SHAPE(6)), "ViewBackward0" },
        { cd_reshape(cd_t(x), CD_SHAPE(6)), "UnsafeViewBackward0" },
        { cd_flatten(x, 0, -1), "ViewBackward0" },
        { cd_permute(x, CD_SHAPE(1, 0)), "PermuteBackward0" },
        { cd_expand(one, CD_SHAPE(2, 3)), "ExpandBackward0" },
        { cd_squeeze(one, 0), "SqueezeBackward1" },
        { cd_unsqueeze(x, 0), "UnsqueezeBackward0" },
        { cd_slice(x, 0, 0, 1, 1), "SliceBackward0" },
        { cd_narrow(x, 0, 0, 1), "SliceBackward0" },
        { cd_select(x, 0, 0), "SelectBackward0" },
        { cd_index(x, 0), "SelectBackward0" },
        { cd_cat(CD_TENSORS(x, one), 0), "CatBackward0" },
    };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_string_equal(cd_grad_fn_name(right[i].y), right[i].name);
    }
    assert_ptr_equal(cd_flatten(x, 1, 1), x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(views_of_views_look_at_the_same_elements),
        TEST(views_of_many_dimensions_begin_where_they_should),
        TEST(an_empty_tensor_lies_in_order_whatever_its_strides),
        TEST(views_share_memory_and_version),
        TEST(slices_clip_as_in_python),
        TEST(reshape_copies_only_where_it_must),
        TEST(sizes_of_one_never_stand_in_the_way_of_a_view),
        TEST(expand_takes_no_memory),
        TEST(gradients_of_overlapping_views_add_up),
        TEST(what_is_detached_has_no_history),
        TEST(cat_joins_more_than_a_node_has_room_for),
        TEST(an_empty_vector_gets_a_gradient_of_its_shape),
        TEST(dtypes_meet_in_cat),
        TEST(names_are_pytorchs),
    };
    return RUN(tests);
}
