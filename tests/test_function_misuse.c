/* Functions of one's own used wrongly: the error code and the sentence of each mistake. */
#include "functions.h"

#include "goldens.h"

static bool twice(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    out[0] = cd_mul(in[0], 2);
    return out[0];
}

/* --- calls ------------------------------------------------------------------------------------ */

static void a_function_must_be_whole(void **state)
{
    (void)state;
    cd_tensor *x = leaf64(CD_SHAPE(2), 1);
    static const cd_function nameless = { NULL, 1, 1, twice, pass_on };
    static const cd_function idle = { "Idle", 1, 1, NULL, pass_on };
    static const cd_function silent = { "Silent", 1, 0, twice, pass_on };
    static const cd_function odd = { "Odd", -2, 1, twice, pass_on };
    assert_null(cd_apply(NULL, x));
    assert_failed_with(CD_ERR_ARGUMENT, "apply: the function is NULL");
    assert_null(cd_apply(&nameless, x));
    assert_failed_with(CD_ERR_ARGUMENT, "apply: the function has no name");
    assert_null(cd_apply(&idle, x));
    assert_failed_with(CD_ERR_ARGUMENT, "apply: the function has no forward");
    assert_null(cd_apply(&silent, x));
    assert_failed_with(CD_ERR_ARGUMENT, "Silent: has 1 inputs and 0 outputs");
    assert_null(cd_apply(&odd, x));
    assert_failed_with(CD_ERR_ARGUMENT, "Odd: has -2 inputs");
}

static void inputs_must_be_as_many_as_it_takes(void **state)
{
    (void)state;
    cd_tensor *x = leaf64(CD_SHAPE(2), 1);
    assert_null(cd_apply(&my_relu, x, x));
    assert_failed_with(CD_ERR_ARGUMENT, "MyReLU: takes 1 input, and was given 2");
    assert_null(cd_apply_with(&my_relu, (cd_tensors){ NULL, 1 }));
    assert_failed_with(CD_ERR_ARGUMENT, "MyReLU: the array of inputs is NULL");
    assert_false(cd_gradcheck(&my_relu, x, x));
    assert_failed_with(CD_ERR_ARGUMENT, "MyReLU: takes 1 input, and was given 2");
}

static void inputs_must_be_tensors(void **state)
{
    (void)state;
    static const cd_function any = { "Any", -1, 1, twice, pass_on };
    cd_tensor *x = leaf64(CD_SHAPE(2), 1), *gone;
    assert_null(cd_apply(&my_relu, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "MyReLU: input is NULL");
    assert_null(cd_apply(&any, x, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "Any: input 2 is NULL");
    {
        CD_SCOPE();
        gone = cd_ones(CD_SHAPE(2));
    }
    assert_null(cd_apply(&any, x, x, gone));
    assert_failed_with(CD_ERR_ARGUMENT, "Any: input 3 is no live tensor");
}

static void outputs_need_a_place(void **state)
{
    (void)state;
    assert_false(cd_apply_n(&both, CD_TENSORS(leaf64(CD_SHAPE(2), 1)), NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "Both: the array of outputs is NULL");
}

static void more_outputs_than_there_is_memory_for(void **state)
{
    (void)state;
    static const cd_function endless = { "Endless", 1, INT32_MAX, twice, pass_on };
    (void)cd_memory_limit(64 << 20);
    assert_null(cd_apply(&endless, leaf64(CD_SHAPE(2), 1)));
    (void)cd_memory_limit(0);
    assert_failed_with(CD_ERR_MEMORY, "");
}

static void nothing_is_done_while_an_error_is_pending(void **state)
{
    (void)state;
    cd_tensor *h = computed(3), *y = h;
    (void)cd_fail(CD_ERR_STATE, "earlier");
    assert_null(cd_apply(&square_, h));
    assert_false(cd_apply_n(&square_, CD_TENSORS(h), &y));
    assert_false(cd_gradcheck(&my_relu, h));
    assert_failed_with(CD_ERR_STATE, "earlier");
    assert_ptr_equal(y, h);
    assert_int_equal(cd_version(h), 0);
}

/* --- forward ---------------------------------------------------------------------------------- */

typedef bool forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out);

/* Applies a function with this forward to a computed tensor and a leaf, which must fail. */
static void assert_refused(forward *f, int outputs, cd_code code, const char *text)
{
    CD_SCOPE();
    const cd_function wrong = { "Wrong", 2, outputs, f, pass_on };
    cd_tensor *out[2] = { NULL };
    assert_false(cd_apply_n(&wrong, CD_TENSORS(computed(1), leaf64(CD_SHAPE(3), 2)), out));
    test_failed_with(code, text, __FILE__, __LINE__);
    assert_null(out[0]);
    assert_null(out[1]);
}

static bool plain_false(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    (void)in;
    (void)out;
    return false;
}

static bool own_error(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)twice(ctx, in, out);
    return cd_fail(CD_ERR_SHAPE, "only squares");
}

static bool error_and_true(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)cd_mm(in[0], in[1]);
    return twice(ctx, in, out);
}

static bool one_missing(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    return twice(ctx, in, out);
}

static bool out_of_scope(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    CD_SCOPE();
    return twice(ctx, in, out);
}

static void forward_must_do_its_work(void **state)
{
    (void)state;
    assert_refused(plain_false, 1, CD_ERR_AUTOGRAD, "Wrong: forward returned false, and set no");
    assert_refused(own_error, 1, CD_ERR_SHAPE, "only squares");
    assert_refused(error_and_true, 1, CD_ERR_SHAPE, "mm:");
    assert_refused(one_missing, 2, CD_ERR_AUTOGRAD, "Wrong: forward left out[1] NULL");
    assert_refused(out_of_scope, 1, CD_ERR_ARGUMENT, "Wrong: out[0] is no live tensor");
}

static bool changes_in_silence(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)cd_mul_(in[0], 2);
    return twice(ctx, in, out);
}

static bool does_not_return(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    cd_mark_dirty(ctx, in[0]);
    (void)cd_mul_(in[0], 2);
    return twice(ctx, in, out);
}

static bool marks_a_leaf(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    cd_mark_dirty(ctx, in[1]);
    out[0] = cd_mul_(in[1], 2);
    return out[0];
}

static bool marks_a_stranger(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    return twice(ctx, in, out) && cd_mark_dirty(ctx, out[0]);
}

static bool marks_both_ways(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    out[0] = in[0];
    return cd_mark_dirty(ctx, in[0]) && cd_mark_non_differentiable(ctx, in[0]);
}

static void a_change_in_place_must_be_said_and_right(void **state)
{
    (void)state;
    assert_refused(changes_in_silence, 1, CD_ERR_AUTOGRAD,
                   "Wrong: forward changed in[0] in place and did not say so: call cd_mark_dirty");
    assert_refused(does_not_return, 1, CD_ERR_AUTOGRAD,
                   "Wrong: in[0] was marked as changed in place, and must be an output");
    assert_refused(marks_a_stranger, 1, CD_ERR_ARGUMENT,
                   "Wrong: mark_dirty was given a tensor that is no input");
    assert_refused(marks_both_ways, 1, CD_ERR_AUTOGRAD, "and as not differentiable");
}

static void a_leaf_or_a_view_cannot_be_changed(void **state)
{
    (void)state;
    static const cd_function leaf = { "Leaf", 2, 1, marks_a_leaf, pass_on };
    cd_tensor *w = leaf64(CD_SHAPE(3), 2);
    assert_null(cd_apply(&leaf, computed(1), w));
    assert_failed_with(CD_ERR_AUTOGRAD, "Leaf: in[1], a leaf that requires gradients");
    assert_close(element(w, 0), 2, 0, 0);
    assert_int_equal(cd_version(w), 0);
    static const cd_function one_way = { "OneWay", 2, 1, marks_a_leaf, NULL };
    assert_null(cd_apply(&one_way, w, w));
    assert_failed_with(CD_ERR_AUTOGRAD, "OneWay: in[0], a leaf that requires gradients");
    assert_null(cd_apply(&one_way, w, computed(1)));
    assert_failed_with(CD_ERR_AUTOGRAD, "OneWay: in[1], which requires gradients");
    cd_tensor *h = computed(2);
    assert_null(cd_apply(&square_, cd_narrow(h, 0, 0, 2)));
    assert_failed_with(CD_ERR_UNSUPPORTED, "Square_: in[0], a view");
    assert_close(element(h, 0), 2, 0, 0);
}

static bool bad_arguments(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    assert_false(cd_save_for_backward(ctx, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "Args: the tensor given to save_for_backward is NULL");
    assert_false(cd_mark_dirty(ctx, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "Args: the tensor given to mark_dirty is NULL");
    assert_false(cd_mark_non_differentiable(ctx, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "given to mark_non_differentiable is NULL");
    assert_false(cd_needs_input_grad(ctx, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "Args: needs_input_grad was asked for number 1");
    assert_false(cd_needs_input_grad(ctx, -1));
    assert_failed_with(CD_ERR_ARGUMENT, "number -1, and there are 1, from 0 on");
    assert_null(cd_saved_tensor(ctx, 0));
    assert_failed_with(CD_ERR_STATE, "Args: saved_tensor belongs into backward");
    return twice(ctx, in, out);
}

static void arguments_of_the_context_are_checked(void **state)
{
    (void)state;
    static const cd_function args = { "Args", 1, 1, bad_arguments, pass_on };
    assert_non_null(cd_apply(&args, leaf64(CD_SHAPE(2), 1)));
}

static void a_context_cannot_be_null(void **state)
{
    (void)state;
    cd_tensor *x = leaf64(CD_SHAPE(2), 1);
    assert_false(cd_save_for_backward(NULL, x));
    assert_failed_with(CD_ERR_ARGUMENT, "save_for_backward: the context is NULL");
    assert_false(cd_mark_dirty(NULL, x));
    assert_failed_with(CD_ERR_ARGUMENT, "mark_dirty: the context is NULL");
    assert_false(cd_mark_non_differentiable(NULL, x));
    assert_failed_with(CD_ERR_ARGUMENT, "mark_non_differentiable: the context is NULL");
    assert_null(cd_saved_tensor(NULL, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "saved_tensor: the context is NULL");
    assert_false(cd_needs_input_grad(NULL, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "needs_input_grad: the context is NULL");
    assert_int_equal(cd_context_inputs(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "context_inputs: the context is NULL");
    assert_null(cd_context_user(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "context_user: the context is NULL");
    assert_false(cd_context_set_user(NULL, x, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "context_set_user: the context is NULL");
}

/* --- backward --------------------------------------------------------------------------------- */

typedef bool backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in);

static void assert_backward_fails(backward *b, cd_code code, const char *text)
{
    CD_SCOPE();
    const cd_function wrong = { "Wrong", 1, 1, twice, b };
    cd_tensor *x = leaf64(CD_SHAPE(2), 1);
    assert_false(cd_backward(cd_sum(cd_apply(&wrong, x))));
    test_failed_with(code, text, __FILE__, __LINE__);
    assert_null(cd_grad(x));
}

static bool back_false(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    (void)ctx;
    grad_in[0] = grad_out[0];
    return false;
}

static bool back_error(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    (void)pass_on(ctx, grad_out, grad_in);
    (void)cd_fail(CD_ERR_SHAPE, "no way back");
    return true;
}

static bool back_shape(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    (void)ctx;
    (void)grad_out;
    grad_in[0] = cd_ones(CD_SHAPE(5));
    return true;
}

static bool back_gone(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    CD_SCOPE();
    (void)ctx;
    grad_in[0] = cd_mul(grad_out[0], 2);
    return true;
}

static bool back_saved(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    (void)grad_out;
    grad_in[0] = cd_saved_tensor(ctx, 0);
    return grad_in[0];
}

static bool back_late(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    grad_in[0] = grad_out[0];
    return cd_save_for_backward(ctx, grad_out[0]);
}

static bool back_dirty(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    grad_in[0] = grad_out[0];
    return cd_mark_dirty(ctx, grad_out[0]);
}

static bool back_user(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    grad_in[0] = grad_out[0];
    return cd_context_set_user(ctx, NULL, NULL);
}

static void backward_must_do_its_work(void **state)
{
    (void)state;
    assert_backward_fails(back_false, CD_ERR_AUTOGRAD, "Wrong: backward returned false, and set");
    assert_backward_fails(back_error, CD_ERR_SHAPE, "no way back");
    assert_backward_fails(back_shape, CD_ERR_AUTOGRAD,
                          "WrongBackward gave a gradient of shape 5 for a value of shape 2");
    assert_backward_fails(back_gone, CD_ERR_ARGUMENT, "Wrong: grad_in[0] is no live tensor");
    assert_backward_fails(back_saved, CD_ERR_ARGUMENT,
                          "Wrong: saved_tensor was asked for number 0, and there are 0");
}

static void what_belongs_into_forward_is_refused_in_backward(void **state)
{
    (void)state;
    assert_backward_fails(back_late, CD_ERR_STATE, "Wrong: save_for_backward belongs into forward");
    assert_backward_fails(back_dirty, CD_ERR_STATE, "Wrong: mark_dirty belongs into forward");
    assert_backward_fails(back_user, CD_ERR_STATE, "Wrong: context_set_user belongs into forward");
}

static void gradcheck_says_what_it_cannot_check(void **state)
{
    (void)state;
    static const cd_function one_way = { "OneWay", 1, 1, twice, NULL };
    assert_false(cd_gradcheck(&my_relu, cd_ones(CD_SHAPE(2), .dtype = CD_F64)));
    assert_failed_with(CD_ERR_ARGUMENT, "gradcheck: no input requires gradients");
    assert_false(cd_gradcheck(&one_way, leaf64(CD_SHAPE(2), 1)));
    assert_failed_with(CD_ERR_AUTOGRAD, "gradcheck: for element 0 of input 0");
    assert_false(cd_gradgradcheck(NULL, leaf64(CD_SHAPE(2), 1)));
    assert_failed_with(CD_ERR_ARGUMENT, "the function is NULL");
    assert_false(cd_gradcheck(&my_relu, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "MyReLU: input is NULL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_function_must_be_whole),
        TEST(inputs_must_be_as_many_as_it_takes),
        TEST(inputs_must_be_tensors),
        TEST(outputs_need_a_place),
        TEST(more_outputs_than_there_is_memory_for),
        TEST(nothing_is_done_while_an_error_is_pending),
        TEST(forward_must_do_its_work),
        TEST(a_change_in_place_must_be_said_and_right),
        TEST(a_leaf_or_a_view_cannot_be_changed),
        TEST(arguments_of_the_context_are_checked),
        TEST(a_context_cannot_be_null),
        TEST(backward_must_do_its_work),
        TEST(what_belongs_into_forward_is_refused_in_backward),
        TEST(gradcheck_says_what_it_cannot_check),
    };
    return RUN(tests);
}
