/* bench_op_cost OP COUNT: calls one op COUNT times on tensors of one element, so that the cost is
 * that of a call and not of its kernel. With OP+ the calls are recorded for backward. op_cost.sh
 * runs this and counts the instructions. */
#include <candela.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct inputs {
    cd_tensor *a, *b, *image, *weight, *row, *index;
} inputs;

static void add(const inputs *in)
{
    (void)cd_add(in->a, in->b);
}

static void add_number(const inputs *in)
{
    (void)cd_add(in->a, 2);
}

static void add_in_place(const inputs *in)
{
    CD_NO_GRAD();
    (void)cd_add_(in->a, in->b);
}

static void mul(const inputs *in)
{
    (void)cd_mul(in->a, in->b);
}

static void relu(const inputs *in)
{
    (void)cd_relu(in->a);
}

static void relu_backward(const inputs *in)
{
    (void)cd_backward(cd_relu(in->a));
    (void)cd_grad_drop(in->a);
}

static void max_pool2d(const inputs *in)
{
    (void)cd_max_pool2d(in->image, 1);
}

static void conv2d(const inputs *in)
{
    (void)cd_conv2d(in->image, in->weight, NULL);
}

static void mm(const inputs *in)
{
    (void)cd_mm(in->row, in->row);
}

static void sum(const inputs *in)
{
    (void)cd_sum(in->a);
}

static void transpose(const inputs *in)
{
    (void)cd_t(in->row);
}

static void view(const inputs *in)
{
    (void)cd_view(in->row, CD_SHAPE(1));
}

static void cat(const inputs *in)
{
    (void)cd_cat(CD_TENSORS(in->a, in->b), 0);
}

static void softmax(const inputs *in)
{
    (void)cd_softmax(in->row, 1);
}

static void gather(const inputs *in)
{
    (void)cd_gather(in->a, 0, in->index);
}

static void mse_loss(const inputs *in)
{
    (void)cd_mse_loss(in->a, in->b);
}

static void zeros(const inputs *in)
{
    (void)in;
    (void)cd_zeros(CD_SHAPE(1));
}

static void ones(const inputs *in)
{
    (void)in;
    (void)cd_ones(CD_SHAPE(1));
}

static void uniform(const inputs *in)
{
    (void)in;
    (void)cd_rand(CD_SHAPE(1));
}

static const struct {
    const char *name;
    void (*call)(const inputs *in);
} ops[] = {
    { "add", add },
    { "add_number", add_number },
    { "add_", add_in_place },
    { "mul", mul },
    { "relu", relu },
    { "relu_backward", relu_backward },
    { "max_pool2d", max_pool2d },
    { "conv2d", conv2d },
    { "mm", mm },
    { "sum", sum },
    { "t", transpose },
    { "view", view },
    { "cat", cat },
    { "softmax", softmax },
    { "gather", gather },
    { "mse_loss", mse_loss },
    { "zeros", zeros },
    { "ones", ones },
    { "rand", uniform },
};

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: bench_op_cost OP COUNT; OP+ to record; OP is one of:");
        for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) fprintf(stderr, " %s", ops[i].name);
        fprintf(stderr, "\n");
        return 2;
    }
    const size_t length = strcspn(argv[1], "+");
    const bool record = argv[1][length] == '+';
    inputs in = { .a = cd_ones(CD_SHAPE(1), .requires_grad = record),
                  .b = cd_ones(CD_SHAPE(1)),
                  .image = cd_ones(CD_SHAPE(1, 1, 1, 1), .requires_grad = record),
                  .weight = cd_ones(CD_SHAPE(1, 1, 1, 1)),
                  .row = cd_ones(CD_SHAPE(1, 1), .requires_grad = record),
                  .index = cd_zeros(CD_SHAPE(1), .dtype = CD_I64) };
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (strlen(ops[i].name) != length || strncmp(ops[i].name, argv[1], length) != 0) continue;
        for (long k = atol(argv[2]); k > 0 && cd_ok(); k--) {
            CD_SCOPE();
            ops[i].call(&in);
        }
        return cd_report(stderr);
    }
    fprintf(stderr, "bench_op_cost: there is no op %s\n", argv[1]);
    return 2;
}
