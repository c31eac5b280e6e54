/* Recurrent layers and cells against PyTorch (golden/make_recurrent.py): initial values, outputs
 * and gradients; and what they refuse. */
#define GOLDEN_FILE "golden/recurrent.safetensors"
#include "goldens.h"
#include "modules.h"

#include "nn/layers.h"
#include "nn/module_internal.h"
#include "nn/recurrent.h"
#include "nn/state_dict.h"

enum { PARAMETERS = 24 };

typedef struct parameters {
    cd_tensor *tensor[PARAMETERS];
    int count;
} parameters;

static bool list(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    parameters *p = user;
    (void)name;
    (void)kind;
    assert_true(p->count < PARAMETERS);
    p->tensor[p->count++] = t;
    return true;
}

/* The number that the script keeps of a gradient. */
static cd_tensor *digest(cd_tensor *t)
{
    cd_tensor *flat = cd_reshape(t, CD_SHAPE(-1));
    return cd_sum(cd_mul(flat, cd_cos(cd_arange(cd_numel(flat), .dtype = cd_dtype_of(t)))));
}

static cd_tensor *drawn(cd_shape shape)
{
    return cd_set_requires_grad(cd_randn(shape), true);
}

/* The loss of the script: the outputs weighted by numbers that are drawn. */
static void compare(const char *name, cd_module *m, cd_tensor *const *y, int outputs,
                    cd_tensor *const *in, int inputs)
{
    cd_tensor *loss = NULL;
    for (int i = 0; i < outputs; i++) {
        assert_near(y[i], golden("%s.out%d", name, i), 1e-5, 1e-6);
        cd_tensor *part = cd_sum(cd_mul(y[i], cd_randn(cd_shape_of(y[i]))));
        loss = loss ? cd_add(loss, part) : part;
    }
    assert_true(cd_backward(loss));
    for (int i = 0; i < inputs; i++) {
        assert_near(cd_grad(in[i]), golden("%s.d%d", name, i), 1e-4, 1e-5);
    }
    parameters p = { .count = 0 };
    assert_true(cd_visit(m, list, &p));
    cd_tensor *digests[PARAMETERS];
    for (int i = 0; i < p.count; i++) digests[i] = digest(cd_grad(p.tensor[i]));
    assert_near(cd_stack((cd_tensors){ .tensor = digests, .count = p.count }, 0),
                golden("%s.parameters", name), 1e-4, 1e-5);
}

/* Calls the module with an x of this shape and, with a state's shape, h0 (and c0). */
static void layer(const char *name, cd_module *m, cd_shape shape, cd_shape h0, cd_shape c0,
                  cd_tensor *lengths)
{
    cd_tensor *in[3] = { drawn(shape) };
    if (h0.ndim) in[1] = drawn(h0);
    if (c0.ndim) in[2] = drawn(c0);
    const cd_recurrent r =
        cd_forward_recurrent(m, in[0], .h0 = in[1], .c0 = in[2], .lengths = lengths);
    assert_ok();
    cd_tensor *y[3] = { r.output, r.h, r.c };
    const bool cell = r.output == r.h;
    compare(name, m, y + cell, (r.c ? 3 : 2) - cell, in, 1 + (h0.ndim > 0) + (c0.ndim > 0));
}

#define NONE CD_SCALAR
#define LENGTHS(...)                                                                               \
    cd_from_array(((int64_t[]){ __VA_ARGS__ }),                                                    \
                  CD_SHAPE(sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t)))

static void layers_compute_what_pytorch_computes(void **state)
{
    (void)state;
    CD_SCOPE();
#define LAYER(name_, make_, ...)                                                                   \
    cd_manual_seed(5);                                                                             \
    layer(name_, make_, __VA_ARGS__)
    const cd_shape x = CD_SHAPE(3, 2, 3), h = CD_SHAPE(4, 2, 4), one = CD_SHAPE(1, 4);
    LAYER("rnn", cd_nn_rnn(3, 4), x, NONE, NONE, NULL);
    LAYER("rnn_relu",
          cd_nn_rnn(3, 4, .num_layers = 2, .nonlinearity = CD_RNN_RELU, .bidirectional = true), x,
          h, NONE, LENGTHS(2, 3));
    LAYER("lstm", cd_nn_lstm(3, 4), x, NONE, NONE, NULL);
    LAYER("lstm_state",
          cd_nn_lstm(3, 4, .num_layers = 2, .batch_first = true, .bidirectional = true),
          CD_SHAPE(2, 3, 3), h, h, NULL);
    LAYER("lstm_lengths",
          cd_nn_lstm(3, 4, .num_layers = 2, .batch_first = true, .bidirectional = true),
          CD_SHAPE(3, 4, 3), CD_SHAPE(4, 3, 4), CD_SHAPE(4, 3, 4), LENGTHS(2, 4, 1));
    LAYER("lstm_proj",
          cd_nn_lstm(3, 4, .num_layers = 2, .bidirectional = true, .proj_size = 2, .no_bias = true),
          x, CD_SHAPE(4, 2, 2), h, NULL);
    LAYER("lstm_dropout", cd_nn_lstm(3, 4, .num_layers = 3, .dropout = 0.5), x, NONE, NONE, NULL);
    LAYER("lstm_unbatched", cd_nn_lstm(3, 4, .batch_first = true), CD_SHAPE(3, 3), one, one, NULL);
    LAYER("gru", cd_nn_gru(3, 4, .num_layers = 2, .bidirectional = true), x, h, NONE, NULL);
    LAYER("gru_lengths", cd_nn_gru(3, 4, .no_bias = true), x, NONE, NONE, LENGTHS(1, 3));
    LAYER("gru_unbatched", cd_nn_gru(3, 4), CD_SHAPE(3, 3), one, NONE, NULL);
}

static void cells_compute_what_pytorch_computes(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_shape x = CD_SHAPE(2, 3), h = CD_SHAPE(2, 4);
    LAYER("rnn_cell", cd_nn_rnn_cell(3, 4, .nonlinearity = CD_RNN_RELU), x, h, NONE, NULL);
    LAYER("lstm_cell", cd_nn_lstm_cell(3, 4), x, h, h, NULL);
    LAYER("gru_cell", cd_nn_gru_cell(3, 4, .no_bias = true), CD_SHAPE(3), NONE, NONE, NULL);
}

static void layers_print_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    prints(cd_nn_lstm(3, 4, .num_layers = 2, .no_bias = true, .batch_first = true, .dropout = 0.5,
                      .bidirectional = true, .proj_size = 2),
           "LSTM(3, 4, proj_size=2, num_layers=2, bias=False, batch_first=True, dropout=0.5, "
           "bidirectional=True)\n");
    prints(cd_nn_rnn(3, 4, .nonlinearity = CD_RNN_RELU), "RNN(3, 4)\n");
    prints(cd_nn_rnn_cell(3, 4, .no_bias = true, .nonlinearity = CD_RNN_RELU),
           "RNNCell(3, 4, bias=False, nonlinearity=relu)\n");
    prints(cd_nn_gru_cell(3, 4), "GRUCell(3, 4)\n");
}

/* In evaluation mode nothing is dropped. */
static void dropout_follows_the_mode(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_gru(3, 4, .num_layers = 2, .dropout = 0.5);
    cd_tensor *x = cd_randn(CD_SHAPE(3, 2, 3));
    assert_true(cd_eval(m));
    cd_tensor *y = cd_forward_recurrent(m, x).output;
    assert_near(cd_forward_recurrent(m, x).output, y, 0, 0);
}

#define refuses(code_, text_, call_)                                                               \
    do {                                                                                           \
        assert_null((call_));                                                                      \
        assert_failed_with((code_), (text_));                                                      \
    } while (0)

static void layers_refuse_what_they_cannot_use(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(3, 2, 3)), *h = cd_ones(CD_SHAPE(1, 2, 4));
    cd_module *lstm = cd_nn_lstm(3, 4), *gru = cd_nn_gru(3, 4), *cell = cd_nn_lstm_cell(3, 4);
    refuses(CD_ERR_ARGUMENT, "only an LSTM has a proj_size", cd_nn_gru(3, 4, .proj_size = 2));
    refuses(CD_ERR_ARGUMENT, "only an RNN has a nonlinearity",
            cd_nn_lstm(3, 4, .nonlinearity = CD_RNN_RELU));
    refuses(CD_ERR_ARGUMENT, "proj_size is 4, and must be below hidden_size, 4",
            cd_nn_lstm(3, 4, .proj_size = 4));
    refuses(CD_ERR_ARGUMENT, "only an RNNCell has a nonlinearity",
            cd_nn_gru_cell(3, 4, .nonlinearity = CD_RNN_RELU));
    refuses(CD_ERR_ARGUMENT, "hidden_size", cd_nn_rnn(3, 0));
    refuses(CD_ERR_ARGUMENT, "input_size is 0", cd_nn_rnn(0, 3));
    refuses(CD_ERR_ARGUMENT, "LSTM gives 3 outputs", cd_forward(cd_nn_sequential(lstm), x));
    refuses(CD_ERR_ARGUMENT, "h0 is given without c0",
            cd_forward_recurrent(lstm, x, .h0 = h).output);
    refuses(CD_ERR_ARGUMENT, "c0 is given without h0",
            cd_forward_recurrent(cell, cd_ones(CD_SHAPE(2, 3)), .c0 = h).output);
    refuses(CD_ERR_ARGUMENT, "GRU has no c0", cd_forward_recurrent(gru, x, .c0 = h).output);
    refuses(CD_ERR_ARGUMENT, "no lengths",
            cd_forward_recurrent(cell, x, .lengths = LENGTHS(1, 2)).output);
    refuses(CD_ERR_ARGUMENT, "Linear is no recurrent layer",
            cd_forward_recurrent(cd_nn_linear(3, 4), x).output);
    refuses(CD_ERR_ARGUMENT, "NULL", cd_forward_recurrent(lstm, NULL).output);
    refuses(CD_ERR_SHAPE, "h0 is 1x2x3, and must be 1x2x4",
            cd_forward_recurrent(gru, x, .h0 = cd_ones(CD_SHAPE(1, 2, 3))).output);
    refuses(CD_ERR_SHAPE, "input_size, 3", cd_forward_recurrent(gru, h).output);
    refuses(CD_ERR_SHAPE, "input_size, 3", cd_forward_recurrent(cell, x).output);
    refuses(CD_ERR_SHAPE, "no step", cd_forward_recurrent(gru, cd_ones(CD_SHAPE(0, 2, 3))).output);
    refuses(CD_ERR_SHAPE, "lengths is", cd_forward_recurrent(gru, x, .lengths = LENGTHS(1)).output);
    refuses(CD_ERR_ARGUMENT, "a length is 0, and must be from 1 to 3",
            cd_forward_recurrent(gru, x, .lengths = LENGTHS(3, 0)).output);
    refuses(CD_ERR_ARGUMENT, "a length is 4, and must be from 1 to 3",
            cd_forward_recurrent(gru, x, .lengths = LENGTHS(4, 1)).output);
    refuses(CD_ERR_SHAPE, "no sequence",
            cd_forward_recurrent(gru, cd_ones(CD_SHAPE(3, 0, 3)),
                                 .lengths = cd_zeros(CD_SHAPE(0), .dtype = CD_I64))
                .output);
    refuses(CD_ERR_SHAPE, "lengths are for a batch",
            cd_forward_recurrent(gru, cd_ones(CD_SHAPE(2, 3)), .lengths = LENGTHS(1)).output);
    refuses(CD_ERR_DTYPE, "must be int64", cd_forward_recurrent(gru, x, .lengths = x).output);
    refuses(CD_ERR_DTYPE, "x is float64", cd_forward_recurrent(gru, cd_to(x, CD_F64)).output);
}

static void recurrent_layers_compute_shapes_on_meta(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_lstm(3, 4, .device = CD_META);
    cd_tensor *x = cd_zeros(CD_SHAPE(5, 2, 3), .device = CD_META);
    const cd_recurrent y = cd_forward_recurrent(m, x);
    assert_ok();
    assert_true(cd_shape_equal(cd_shape_of(y.output), CD_SHAPE(5, 2, 4)));
    assert_true(cd_shape_equal(cd_shape_of(y.c), CD_SHAPE(1, 2, 4)));
}

static bool add_one(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    (void)user;
    return cd_add_(t, 1) != NULL;
}

static void a_copied_layer_has_parameters_of_its_own(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(0);
    cd_module *m = cd_nn_lstm(3, 4, .num_layers = 2, .bidirectional = true, .proj_size = 2);
    cd_tensor *x = cd_randn(CD_SHAPE(5, 2, 3)), *before = cd_forward_recurrent(m, x).output;
    cd_module *copy = cd_module_copy(m);
    assert_ok();
    assert_int_equal(cd_num_parameters(copy), cd_num_parameters(m));
    {
        CD_NO_GRAD();
        assert_true(cd_visit(m, add_one, NULL));
    }
    assert_near(cd_forward_recurrent(copy, x).output, before, 0, 0);
    /* The layer computes with the copy's parameters, which have the names. */
    {
        CD_NO_GRAD();
        assert_true(cd_visit(copy, add_one, NULL));
    }
    assert_near(cd_forward_recurrent(copy, x).output, cd_forward_recurrent(m, x).output, 0, 0);
}

/* As in PyTorch, whose packed sequences do not have what is beyond. */
static void elements_beyond_a_sequence_do_not_matter(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        CD_SCOPE();
        cd_manual_seed(0);
        cd_module *m = cd_nn_gru(3, 4, .bidirectional = true);
        cd_tensor *x = cd_randn(CD_SHAPE(4, 2, 3)), *like = cd_clone(x);
        (void)cd_fill_(cd_slice(cd_select(x, 1, 1), 0, 2, 4, 1), k ? INFINITY : NAN);
        (void)cd_set_requires_grad(x, true);
        cd_tensor *y = cd_forward_recurrent(m, x, .lengths = LENGTHS(4, 2)).output;
        assert_true(cd_backward(cd_sum(y)));
        cd_tensor *weight = cd_module_tensor(m, "weight_ih_l0_reverse");
        cd_tensor *gradient = cd_clone(cd_grad(weight));
        assert_near(cd_slice(cd_select(cd_grad(x), 1, 1), 0, 2, 4, 1), cd_zeros(CD_SHAPE(2, 3)), 0,
                    0);
        assert_true(cd_module_zero_grad(m));
        cd_tensor *z = cd_forward_recurrent(m, like, .lengths = LENGTHS(4, 2)).output;
        assert_near(y, z, 0, 0);
        assert_true(cd_backward(cd_sum(z)));
        assert_near(gradient, cd_grad(weight), 0, 0);
    }
}

static void states_without_a_batch_are_those_of_a_batch_of_one(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_lstm(3, 4, .num_layers = 2, .bidirectional = true);
    cd_tensor *x = cd_randn(CD_SHAPE(5, 3)), *h = cd_randn(CD_SHAPE(4, 4)),
              *c = cd_randn(CD_SHAPE(4, 4));
    cd_recurrent alone = cd_forward_recurrent(m, x, .h0 = h, .c0 = c);
    cd_recurrent batch = cd_forward_recurrent(m, cd_unsqueeze(x, 1), .h0 = cd_unsqueeze(h, 1),
                                              .c0 = cd_unsqueeze(c, 1));
    assert_near(alone.output, cd_squeeze(batch.output, 1), 0, 0);
    assert_near(alone.h, cd_squeeze(batch.h, 1), 0, 0);
    assert_near(alone.c, cd_squeeze(batch.c, 1), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(layers_compute_what_pytorch_computes),
        TEST(cells_compute_what_pytorch_computes),
        TEST(layers_print_as_in_pytorch),
        TEST(dropout_follows_the_mode),
        TEST(layers_refuse_what_they_cannot_use),
        TEST(recurrent_layers_compute_shapes_on_meta),
        TEST(a_copied_layer_has_parameters_of_its_own),
        TEST(elements_beyond_a_sequence_do_not_matter),
        TEST(states_without_a_batch_are_those_of_a_batch_of_one),
    };
    return RUN(tests);
}
