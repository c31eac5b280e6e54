/* Samples and bad calls of einsum: see op_cases.h. */
#include "op_cases.h"

#include "autograd/product_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static const char *const of_one[] = { "ij->ji", "ij", "ij->", "ji", "i...->...", "...j->j", "iI" };
static const char *const of_two[] = { "ij,jk",         "ij,jk->ki", "ij,jk->ijk", "ij,jk->",
                                      "ij , jk -> ik", "ij,kl",     "iB,Bk->k",   "...j,jk->...k" };
static const char *const of_batches[] = { "bij,bjk->bik", "bij,bjk", "...ij,...jk->ik...",
                                          "bij,bjk->jb" };

static cd_tensor *one(cd_tensor *const *in, const double *p)
{
    return cd_einsum(of_one[(int)p[0]], CD_TENSORS(in[0]));
}

static cd_tensor *two(cd_tensor *const *in, const double *p)
{
    return cd_einsum(of_two[(int)p[0]], CD_TENSORS(in[0], in[1]));
}

static cd_tensor *batches(cd_tensor *const *in, const double *p)
{
    return cd_einsum(of_batches[(int)p[0]], CD_TENSORS(in[0], in[1]));
}

static cd_tensor *trace(cd_tensor *const *in, const double *p)
{
    return cd_einsum(p[0] == 0 ? "ii" : p[0] == 1 ? "ii->i" : "iji->j", CD_TENSORS(in[0]));
}

static cd_tensor *three(cd_tensor *const *in, const double *p)
{
    return cd_einsum(p[0] == 0 ? "ij,jk,kl->il" : "ij,jk,kl", CD_TENSORS(in[0], in[1], in[2]));
}

static void samples(cd_samples *s)
{
    for (int i = 0; i < (int)(sizeof of_one / sizeof *of_one); i++) {
        cd_sample(s, one, { RANDOM(2, 3) }, { i });
    }
    for (int i = 0; i < (int)(sizeof of_two / sizeof *of_two); i++) {
        cd_sample(s, two, { RANDOM(2, 3), RANDOM(3, 4) }, { i });
    }
    for (int i = 0; i < (int)(sizeof of_batches / sizeof *of_batches); i++) {
        cd_sample(s, batches, { RANDOM(2, 2, 3), RANDOM(2, 3, 2) }, { i });
        cd_sample(s, batches, { RANDOM(1, 2, 1), RANDOM(2, 3, 2) }, { i });
    }
    cd_sample(s, trace, { RANDOM(3, 3) }, { 0 });
    cd_sample(s, trace, { RANDOM(3, 3) }, { 1 });
    cd_sample(s, trace, { RANDOM(2, 3, 2) }, { 2 });
    cd_sample(s, three, { RANDOM(2, 3), RANDOM(3, 1), RANDOM(1, 2) }, { 0 });
    cd_sample(s, three, { RANDOM(2, 3), RANDOM(3, 2), RANDOM(2, 4) }, { 1 });
    cd_sample(s, two, { RANDOM(2, 0), RANDOM(0, 4) }, { 0 });
    cd_sample(s, two, { RANDOM(0, 3), RANDOM(3, 2) }, { 1 });
}

static void misuse_of_letters(cd_samples *s, cd_tensor *x)
{
    const struct {
        const char *equation, *expected;
    } wrong[] = { { "i1", "no letter: at \"1\"" },   { "i.j", "no letter: at \".j\"" },
                  { "ij->-i", "at \"-i\"" },         { "ij - > i", "at \"- > i\"" },
                  { "...i...", "twice in a term" },  { "ij,", "more terms" },
                  { "ij->k", "in no operand" },      { "ij->ii", "in the result twice" },
                  { "ij->i->j", "a second result" }, { "ij->i,", "a second result" } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cd_expect_error(s, CD_ERR_ARGUMENT, wrong[i].expected,
                        cd_einsum(wrong[i].equation, CD_TENSORS(x)));
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *wide = cd_zeros(CD_SHAPE(1, 1, 1, 1, 2));
    misuse_of_letters(s, x);
    cd_expect_error(s, CD_ERR_ARGUMENT, "2 operands, and 1 term",
                    cd_einsum("ij", CD_TENSORS(x, x)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "2 operands, and 1 term",
                    cd_einsum("", CD_TENSORS(cd_ones(CD_SCALAR), x)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "equation is NULL", cd_einsum(NULL, CD_TENSORS(x)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "an operand is NULL", cd_einsum("ij", CD_TENSORS(NULL)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "at least one", cd_einsum("ij", (cd_tensors){ NULL, 1 }));
    cd_expect_error(s, CD_ERR_SHAPE, "operand 0 has shape 2x3, and 1 letter without",
                    cd_einsum("i", CD_TENSORS(x)));
    cd_expect_error(s, CD_ERR_SHAPE, "operand 0 has shape 2x3, and 3 letters",
                    cd_einsum("ijk...", CD_TENSORS(x)));
    cd_expect_error(s, CD_ERR_SHAPE, "j has size 2 in operand 1 (2x3), and 3 in operand 0 (2x3)",
                    cd_einsum("ij,jk", CD_TENSORS(x, x)));
    cd_expect_error(s, CD_ERR_SHAPE, "i stands for the sizes 2 and 3 of operand 0 (2x3)",
                    cd_einsum("ii", CD_TENSORS(x)));
    cd_expect_error(s, CD_ERR_SHAPE, "k has size 2 in operand 2 (2x3), and 4 in operand 1 (3x4)",
                    cd_einsum("ij,jk,kl", CD_TENSORS(x, cd_zeros(CD_SHAPE(3, 4)), x)));
    cd_expect_error(s, CD_ERR_SHAPE, "... has size 2 in operand 1 (2x3), and 3 in operand 0 (2x3)",
                    cd_einsum("i...,...j", CD_TENSORS(x, x)));
    cd_expect_error(s, CD_ERR_SHAPE, "more than 8 different",
                    cd_einsum("abcde,fghij", CD_TENSORS(wide, wide)));
    cd_expect_error(s, CD_ERR_DTYPE, "float64",
                    cd_einsum("ij,kj", CD_TENSORS(x, cd_to(x, CD_F64))));
}

const op_cases cases_einsum = { samples, misuse };
