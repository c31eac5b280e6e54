/* The losses as modules (nn/losses.h): what each prints, keeps in its state, and computes, beside
 * PyTorch's (golden/make_losses.py), and the options that it refuses. test_made_again.c makes each
 * again from its options. */
#include "goldens.h"

#include "autograd/autograd.h"
#include "autograd/create.h"
#include "core/random.h"
#include "nn/losses.h"

/* The inputs of golden/make_losses.py. */
typedef struct inputs {
    cd_tensor *x, *y, *z, *u, *q, *signs, *first, *classes, *lists, *w;
} inputs;

static inputs draw(void)
{
    const int64_t numbers[] = { 0, 2, 1, 2 };
    const int64_t listed[] = { 0, 2, -1, -1, 1, 1, 1, -1, 0, 0, 1, 2 };
    const float weights[] = { 0.5F, 1, 2 };
    const cd_shape shape = CD_SHAPE(4, 3);
    inputs in = { 0 };
    cd_manual_seed(5);
    in.x = cd_randn(shape);
    in.y = cd_randn(shape);
    in.z = cd_randn(shape);
    in.u = cd_rand(shape);
    in.q = cd_rand(shape);
    in.signs = cd_sub(cd_mul(cd_to(cd_ge(in.y, 0), CD_F32), 2), 1);
    in.first = cd_contiguous(cd_select(in.signs, 1, 0));
    in.classes = cd_from_array(numbers, CD_SHAPE(4));
    in.lists = cd_from_array(listed, shape);
    in.w = cd_from_array(weights, CD_SHAPE(3));
    assert_ok();
    return in;
}

/* The next line of the file begins with this. */
static const char *next(FILE *file, const char *begin)
{
    static char line[512];
    assert_non_null(fgets(line, sizeof line, file));
    assert_memory_equal(line, begin, strlen(begin));
    return line + strlen(begin);
}

static bool add_name(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)t;
    assert_int_equal(kind, CD_BUFFER);
    return fprintf(user, " %s", name) > 0;
}

static void prints(cd_module *m, FILE *file)
{
    char *text = NULL;
    size_t bytes;
    FILE *stream = open_memstream(&text, &bytes);
    assert_true(cd_print_module(stream, m));
    assert_true(fputs("state:", stream) >= 0 && cd_visit(m, add_name, stream));
    assert_true(fputc('\n', stream) == '\n' && fclose(stream) == 0);
    char *state = strchr(text, '\n') + 1;
    const char *rest = next(file, "");
    assert_int_equal(strncmp(rest, text, strlen(rest)), 0);
    assert_string_equal(next(file, ""), state);
    free(text);
}

/* The numbers of a line are those of t. */
static void holds(const char *line, cd_tensor *t, const char *what)
{
    char *end;
    for (int64_t i = 0; i < cd_numel(t); i++, line = end) {
        test_close(element(t, i), strtod(line, &end), 1e-5, 1e-6, what, __FILE__, __LINE__);
    }
    assert_string_equal(line, "\n");
}

/* The module is printed, and has the loss of these inputs and its gradient, as the next lines of
 * the file say. */
static void compare(FILE *file, cd_module *m, cd_tensor *input, cd_tensor *second, cd_tensor *third)
{
    assert_ok();
    CD_SCOPE();
    cd_tensor *x = cd_set_requires_grad(cd_clone(input), true);
    cd_tensor *y = third ? cd_forward(m, x, second, third) : cd_forward(m, x, second);
    assert_true(cd_backward(cd_sum(y)));
    prints(m, file);
    holds(next(file, "value:"), y, cd_module_name(m));
    holds(next(file, "gradient:"), cd_grad(x), cd_module_name(m));
}

static void losses_of_differences(FILE *file, const inputs *in)
{
    compare(file, cd_nn_mse_loss(), in->x, in->y, NULL);
    compare(file, cd_nn_mse_loss(.reduction = CD_NONE), in->x, in->y, NULL);
    compare(file, cd_nn_l1_loss(), in->x, in->y, NULL);
    compare(file, cd_nn_l1_loss(.reduction = CD_SUM), in->x, in->y, NULL);
    compare(file, cd_nn_smooth_l1_loss(), in->x, in->y, NULL);
    compare(file, cd_nn_smooth_l1_loss(.reduction = CD_NONE, .beta = 0.25), in->x, in->y, NULL);
    compare(file, cd_nn_smooth_l1_loss(.beta = CD_ZERO), in->x, in->y, NULL);
    compare(file, cd_nn_huber_loss(), in->x, in->y, NULL);
    compare(file, cd_nn_huber_loss(.reduction = CD_SUM, .delta = 0.25), in->x, in->y, NULL);
}

static void losses_of_probabilities(FILE *file, const inputs *in)
{
    compare(file, cd_nn_cross_entropy_loss(), in->x, in->classes, NULL);
    compare(file,
            cd_nn_cross_entropy_loss(.weight = in->w, .ignore = true, .ignore_index = 1,
                                     .label_smoothing = 0.25),
            in->x, in->classes, NULL);
    compare(file, cd_nn_cross_entropy_loss(.weight = in->w, .reduction = CD_NONE), in->x, in->q,
            NULL);
    compare(file, cd_nn_nll_loss(), in->x, in->classes, NULL);
    compare(file,
            cd_nn_nll_loss(.weight = in->w, .ignore = true, .ignore_index = 1, .reduction = CD_SUM),
            in->x, in->classes, NULL);
    compare(file, cd_nn_bce_with_logits_loss(), in->x, in->q, NULL);
    compare(file,
            cd_nn_bce_with_logits_loss(.weight = in->w, .pos_weight = cd_add(in->w, 1),
                                       .reduction = CD_SUM),
            in->x, in->q, NULL);
    compare(file, cd_nn_bce_loss(), in->u, in->q, NULL);
    compare(file, cd_nn_bce_loss(.weight = in->w, .reduction = CD_NONE), in->u, in->q, NULL);
    compare(file, cd_nn_kl_div_loss(), in->x, in->q, NULL);
    compare(file, cd_nn_kl_div_loss(.batchmean = true, .log_target = true), in->x, in->y, NULL);
    compare(file, cd_nn_gaussian_nll_loss(), in->x, in->y, in->q);
    compare(file, cd_nn_gaussian_nll_loss(.full = true, .eps = 0.5, .reduction = CD_SUM), in->x,
            in->y, in->q);
    compare(file, cd_nn_poisson_nll_loss(), in->x, in->q, NULL);
    compare(file,
            cd_nn_poisson_nll_loss(.no_log_input = true, .full = true, .eps = 0.5,
                                   .reduction = CD_NONE),
            in->u, cd_mul(in->q, 3), NULL);
    compare(file, cd_nn_multilabel_soft_margin_loss(), in->x, in->q, NULL);
    compare(file, cd_nn_multilabel_soft_margin_loss(.weight = in->w, .reduction = CD_NONE), in->x,
            in->q, NULL);
}

static void losses_of_margins(FILE *file, const inputs *in)
{
    compare(file, cd_nn_soft_margin_loss(), in->x, in->signs, NULL);
    compare(file, cd_nn_soft_margin_loss(.reduction = CD_SUM), in->x, in->signs, NULL);
    compare(file, cd_nn_hinge_embedding_loss(), in->x, in->signs, NULL);
    compare(file, cd_nn_hinge_embedding_loss(.margin = CD_ZERO, .reduction = CD_NONE), in->x,
            in->signs, NULL);
    compare(file, cd_nn_margin_ranking_loss(), in->x, in->z, in->signs);
    compare(file, cd_nn_margin_ranking_loss(.margin = -0.5, .reduction = CD_NONE), in->x, in->z,
            in->signs);
    compare(file, cd_nn_cosine_embedding_loss(), in->x, in->z, in->first);
    compare(file, cd_nn_cosine_embedding_loss(.margin = 0.25, .reduction = CD_SUM), in->x, in->z,
            in->first);
    compare(file, cd_nn_triplet_margin_loss(), in->x, in->y, in->z);
    compare(file, cd_nn_triplet_margin_loss(.margin = 2, .p = INFINITY, .reduction = CD_NONE),
            in->x, in->y, in->z);
    compare(file,
            cd_nn_triplet_margin_loss(.margin = 0.5, .p = 3, .eps = 0.125, .swap = true,
                                      .reduction = CD_SUM),
            in->x, in->y, in->z);
    compare(file, cd_nn_multi_margin_loss(), in->x, in->classes, NULL);
    compare(file,
            cd_nn_multi_margin_loss(.p = 2, .margin = 1.5, .weight = in->w, .reduction = CD_NONE),
            in->x, in->classes, NULL);
    compare(file, cd_nn_multilabel_margin_loss(), in->x, in->lists, NULL);
    compare(file, cd_nn_multilabel_margin_loss(.reduction = CD_NONE), in->x, in->lists, NULL);
}

static void each_is_pytorchs(void **state)
{
    (void)state;
    CD_SCOPE();
    const inputs in = draw();
    char line[8];
    FILE *file = fopen(test_path("golden/losses.txt"), "r");
    assert_non_null(file);
    losses_of_differences(file, &in);
    losses_of_probabilities(file, &in);
    losses_of_margins(file, &in);
    assert_null(fgets(line, sizeof line, file));
    assert_int_equal(fclose(file), 0);
}

static cd_tensor *distance(cd_tensor *a, cd_tensor *b)
{
    return cd_sub(a, b);
}

static void wrong_options_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2));
    const char *inputs_sentence = "inputs are given to cd_forward, not here";
#define REFUSED(call_, sentence_) assert_null(call_), assert_failed_with(CD_ERR_ARGUMENT, sentence_)
    REFUSED(cd_nn_l1_loss(.weight = x), "nn_l1_loss: weight is not for this loss");
    REFUSED(cd_nn_bce_loss(.pos_weight = x), "nn_bce_loss: pos_weight is not for this loss");
    REFUSED(cd_nn_nll_loss(.label_smoothing = 0.5), "nn_nll_loss: label_smoothing is not for");
    REFUSED(cd_nn_nll_loss(.ignore_index = 1), "nn_nll_loss: .ignore_index is 1, and is only");
    REFUSED(cd_nn_soft_margin_loss(.ignore = true), "nn_soft_margin_loss: ignore is not for");
    REFUSED(cd_nn_huber_loss(.weight = x), "nn_huber_loss: weight is not for this loss");
    REFUSED(cd_nn_huber_loss(.delta = CD_ZERO), "nn_huber_loss: .delta is -0, and must be above 0");
    REFUSED(cd_nn_smooth_l1_loss(.beta = -1), "nn_smooth_l1_loss: .beta is -1, and must be finite");
    REFUSED(cd_nn_hinge_embedding_loss(.margin = NAN), "nn_hinge_embedding_loss: .margin is nan");
    REFUSED(cd_nn_kl_div_loss(.batchmean = true, .reduction = CD_SUM),
            "nn_kl_div_loss: .batchmean is a reduction, and .reduction another one");
    REFUSED(cd_nn_triplet_margin_loss(.margin = -1),
            "nn_triplet_margin_loss: .margin is -1, and must be above 0");
    REFUSED(cd_nn_triplet_margin_loss(.distance = distance), "nn_triplet_margin_loss: .distance");
    REFUSED(cd_nn_gaussian_nll_loss(.reduction = (cd_reduction)7),
            "nn_gaussian_nll_loss: .reduction is 7");
    REFUSED(cd_nn_multi_margin_loss(.p = 3),
            "nn_multi_margin_loss: .p is 3, and must be from 1 to 2");
    REFUSED(cd_nn_multi_margin_loss_with((cd_multi_margin_loss_options){ .target = x }),
            inputs_sentence);
    assert_null(cd_nn_multi_margin_loss(.weight = cd_ones(CD_SHAPE(2, 2))));
    assert_failed_with(CD_ERR_SHAPE, "nn_multi_margin_loss: weight has 2 dimensions");
    REFUSED(cd_nn_soft_margin_loss_with((cd_loss_options){ .target = x }), inputs_sentence);
    REFUSED(cd_nn_gaussian_nll_loss_with((cd_gaussian_nll_loss_options){ .var = x }),
            inputs_sentence);
    REFUSED(cd_nn_margin_ranking_loss_with((cd_pair_loss_options){ .input2 = x }), inputs_sentence);
    REFUSED(cd_nn_triplet_margin_loss_with((cd_triplet_margin_loss_options){ .positive = x }),
            inputs_sentence);
    REFUSED(cd_nn_poisson_nll_loss_with((cd_poisson_nll_loss_options){ .input = x }),
            inputs_sentence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_is_pytorchs),
        TEST(wrong_options_are_refused),
    };
    return RUN(tests);
}
