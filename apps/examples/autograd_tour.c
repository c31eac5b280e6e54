/* A tour of autograd: the examples that notebooks about PyTorch's autograd begin with, line by line
 * in C. It prints what PyTorch prints. */
#include <candela.h>
#include <stdlib.h>

static void show(const cd_tensor *t)
{
    cd_print(stdout, t);
}

/* Prints two tensors on one line, as Python prints several values. */
static void show_both(const cd_tensor *a, const cd_tensor *b)
{
    char *text[2] = { a ? cd_to_string(a) : NULL, b ? cd_to_string(b) : NULL };
    printf("%s %s\n", text[0] ? text[0] : "None", text[1] ? text[1] : "None");
    free(text[0]);
    free(text[1]);
}

static const char *truth(bool value)
{
    return value ? "True" : "False";
}

/* A logger, for cd_set_logger. */
static void print_warning(cd_log_level level, const char *message, void *user)
{
    (void)user;
    if (level == CD_LOG_WARNING) printf("warning: %s\n", message);
}

static void tensors_that_require_gradients(void)
{
    CD_SCOPE();
    puts("# Tensors that require gradients");
    cd_tensor *x = cd_ones(CD_SHAPE(2, 2));
    show(x);
    cd_tensor *y = cd_ones(CD_SHAPE(2, 2), .requires_grad = true);
    show(y);
    show(cd_add(x, 3)); /* nothing requires a gradient: no grad_fn */
    show(cd_add(y, 3));
    show(cd_add(y, 2));
    show(cd_sub(y, 4));
    show(cd_mul(y, 1.2));
    show(cd_div(y, 0.5));
    cd_tensor *a = cd_add(x, 2), *b = cd_mul(x, 3);
    cd_set_requires_grad(a, true); /* computed without a graph, so they are leaves */
    cd_set_requires_grad(b, true);
    show(a);
    show(b);
    show(cd_add(a, b));
}

/* y = 9 x^4 + 2 x^3 + 3 x^2 + 6 x + 1, so dy/dx = 36 x^3 + 6 x^2 + 6 x + 6: 330 at x = 2. */
static void a_polynomial(void)
{
    CD_SCOPE();
    puts("# A polynomial");
    cd_tensor *x = cd_full(CD_SCALAR, 2, .requires_grad = true);
    cd_tensor *y = cd_add(cd_mul(9, cd_pow(x, 4)), cd_mul(2, cd_pow(x, 3)));
    y = cd_add(cd_add(cd_add(y, cd_mul(3, cd_pow(x, 2))), cd_mul(6, x)), 1);
    cd_backward(y);
    show(y);
    show(cd_grad(x));
}

static void leaves_have_gradients(void)
{
    CD_SCOPE();
    puts("# (x + 3)^2, summed");
    cd_tensor *x = cd_ones(CD_SHAPE(2, 2), .requires_grad = true);
    cd_tensor *y = cd_add(x, 3);
    cd_tensor *z = cd_pow(y, 2);
    cd_backward(cd_sum(z));
    show(cd_grad(x));
    cd_set_logger(print_warning, NULL); /* y and z are no leaves: no gradient, and a warning */
    cd_tensor *of_y = cd_grad(y), *of_z = cd_grad(z);
    show_both(of_y, of_z);
    cd_set_logger(NULL, NULL);
}

/* q = 3 a^3 + 2 b^2, so dq/da = 9 a^2 and dq/db = 4 b. */
static void gradients_of_q(bool by_sum)
{
    CD_SCOPE();
    const float at_a[] = { 2, 3 }, at_b[] = { 6, 4 };
    cd_tensor *a = cd_from_array(at_a, CD_SHAPE(2), .requires_grad = true);
    cd_tensor *b = cd_from_array(at_b, CD_SHAPE(2), .requires_grad = true);
    cd_tensor *q = cd_add(cd_mul(3, cd_pow(a, 3)), cd_mul(2, cd_pow(b, 2)));
    if (by_sum) {
        cd_backward(cd_sum(q));
    } else {
        cd_backward(q, .gradient = cd_ones(CD_SHAPE(2)));
    }
    show_both(cd_grad(a), cd_grad(b));
}

static void a_gradient_to_start_from(void)
{
    CD_SCOPE();
    puts("# A gradient to start from");
    cd_tensor *x = cd_ones(CD_SHAPE(2, 2), .requires_grad = true);
    cd_tensor *y = cd_add(x, 2);
    cd_tensor *z = cd_mul(y, y);
    cd_backward(y, .gradient = z);
    show(cd_grad(x));
    gradients_of_q(false);
    gradients_of_q(true);
}

static void what_requires_gradients(void)
{
    CD_SCOPE();
    puts("# What requires gradients");
    cd_tensor *x = cd_rand(CD_SHAPE(5, 5)), *y = cd_rand(CD_SHAPE(5, 5));
    cd_tensor *z = cd_rand(CD_SHAPE(5, 5), .requires_grad = true);
    printf("%s %s\n", truth(cd_requires_grad(cd_add(x, y))), truth(cd_requires_grad(cd_add(x, z))));
    x = cd_ones(CD_SHAPE(2, 2), .requires_grad = true);
    printf("%s %s\n", truth(cd_requires_grad(x)), truth(cd_requires_grad(cd_add(x, 3))));
    {
        CD_NO_GRAD();
        printf("%s %s\n", truth(cd_requires_grad(x)), truth(cd_requires_grad(cd_add(x, 3))));
    }
    printf("%s %s\n", truth(cd_requires_grad(x)), truth(cd_requires_grad(cd_add(x, 3))));
    y = cd_detach(x);
    puts(truth(cd_requires_grad(y)));
    show(y);
}

static void tensors_in_other_shapes(void)
{
    CD_SCOPE();
    puts("# Tensors in other shapes");
    const int64_t numbers[] = { 1, 2, 3, 4, 5, 6, 7, 8 }, index[] = { 0, 0, 1, 0 };
    cd_tensor *t = cd_from_array(numbers, CD_SHAPE(2, 2), .dtype = CD_I64);
    show(cd_gather(t, 1, cd_from_array(index, CD_SHAPE(2, 2), .dtype = CD_I64)));

    cd_tensor *x = cd_from_array(((const float[]){ 1, 2, 3 }), CD_SHAPE(3, 1));
    cd_tensor *wide = cd_expand(x, CD_SHAPE(3, 4)); /* a view of the same three numbers */
    show(wide);
    puts(truth(cd_stride(wide, 1) == 0));
    cd_tensor *copies = cd_repeat(x, CD_SHAPE(1, 4)); /* twelve numbers */
    show(copies);
    puts(truth(cd_stride(copies, 1) == 0));

    cd_tensor *indices;
    show(cd_topk(cd_arange(6.0, .start = 1), 3, .indices = &indices));
    show(indices);
    show(cd_arange(10));
    show(cd_linspace(0, 1, 5));
    show(cd_from_array(numbers, CD_SHAPE(2, 2, 2), .dtype = CD_I64));
}

static void a_loss_and_backward_twice(void)
{
    CD_SCOPE();
    puts("# A loss, and backward twice");
    cd_manual_seed(0);
    cd_tensor *x = cd_ones(CD_SHAPE(5)), *y = cd_zeros(CD_SHAPE(3));
    cd_tensor *w = cd_randn(CD_SHAPE(5, 3), .requires_grad = true);
    cd_tensor *b = cd_randn(CD_SHAPE(3), .requires_grad = true);
    cd_tensor *z = cd_add(cd_matmul(x, w), b);
    show(z);
    cd_tensor *loss = cd_binary_cross_entropy_with_logits(z, y);
    show(loss);
    cd_backward(loss, .retain_graph = true);
    show(cd_grad(w)); /* x is all ones, so each row equals b's gradient */
    show(cd_grad(b));
    cd_backward(loss);
    show(cd_grad(b));
}

static void gradients_accumulate(void)
{
    CD_SCOPE();
    puts("# Gradients accumulate");
    cd_tensor *x = cd_ones(CD_SHAPE(2, 2), .requires_grad = true);
    cd_tensor *y = cd_add(x, 2);
    cd_tensor *z = cd_mul(cd_mul(3, y), y);
    cd_tensor *out = cd_mean(z);
    show(z);
    show(out);
    cd_backward(out);
    show(cd_grad(x));

    x = cd_ones(CD_SHAPE(2, 2), .requires_grad = true);
    y = cd_add(cd_mul(4, x), 2);
    cd_backward(y, .gradient = cd_ones(CD_SHAPE(2, 2)), .retain_graph = true);
    show(cd_grad(x));
    cd_tensor *gradient = cd_from_array(((const float[]){ 1, 2, 3, 4 }), CD_SHAPE(2, 2));
    cd_backward(y, .gradient = gradient, .retain_graph = true);
    show(cd_grad(x));
}

static void a_loop_that_depends_on_its_values(void)
{
    CD_SCOPE();
    puts("# A loop that depends on its values");
    cd_tensor *x = cd_ones(CD_SHAPE(3), .requires_grad = true);
    cd_tensor *y = cd_mul(x, 2);
    int doublings = 1;
    while (cd_ok() && cd_item(cd_norm(y)) < 1000) {
        y = cd_mul(y, 2);
        doublings++;
    }
    printf("%d\n", doublings);
    show(y);
    cd_backward(y, .gradient = cd_from_array(((const float[]){ 0.1f, 1, 0.0001f }), CD_SHAPE(3)));
    show(cd_grad(x));
}

int main(void)
{
    tensors_that_require_gradients();
    a_polynomial();
    leaves_have_gradients();
    a_gradient_to_start_from();
    what_requires_gradients();
    tensors_in_other_shapes();
    a_loss_and_backward_twice();
    gradients_accumulate();
    a_loop_that_depends_on_its_values();
    return cd_report(stderr);
}
