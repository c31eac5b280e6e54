/* Recurrent layers, attention and transformers: saved and loaded, differentiated twice, and with
 * memory that fails. Their numbers are compared with PyTorch's in test_recurrent and
 * test_transformer. */
#include "hostile.h"

#include "goldens.h"

#include "autograd/gradcheck.h"
#include "core/threads.h"
#include "io/checkpoint.h"
#include "nn/layers.h"
#include "nn/module_internal.h"
#include "nn/recurrent.h"
#include "nn/transformer.h"

/* --- a module of each class, and how it is called --------------------------------------------- */

static cd_tensor *flat(cd_tensor *t)
{
    return cd_reshape(t, CD_SHAPE(-1));
}

/* Everything that a recurrent layer gives, in one row. */
static cd_tensor *recurrent(cd_module *m, cd_tensor *const *in)
{
    const bool lstm = m->class_->outputs == 3 || m->class_ == &cd_nn_lstm_cell_class;
    const cd_recurrent y = cd_forward_recurrent(m, in[0], .h0 = in[1], .c0 = lstm ? in[2] : NULL);
    if (!cd_ok()) return NULL;
    return y.c ? cd_cat(CD_TENSORS(flat(y.output), flat(y.h), flat(y.c)), 0)
               : cd_cat(CD_TENSORS(flat(y.output), flat(y.h)), 0);
}

static cd_tensor *attention(cd_module *m, cd_tensor *const *in)
{
    const cd_attended y = cd_forward_attention(m, in[0], in[0], in[0]);
    return cd_ok() ? cd_cat(CD_TENSORS(flat(y.output), flat(y.weights)), 0) : NULL;
}

static cd_tensor *attention_without_weights(cd_module *m, cd_tensor *const *in)
{
    return cd_forward_attention(m, in[0], in[0], in[0], .no_weights = true).output;
}

static cd_tensor *encoder(cd_module *m, cd_tensor *const *in)
{
    return cd_forward(m, in[0]);
}

static cd_tensor *decoder(cd_module *m, cd_tensor *const *in)
{
    return cd_forward(m, in[0], in[0]);
}

static cd_module *new_rnn(void)
{
    return cd_nn_rnn(4, 3, .nonlinearity = CD_RNN_RELU, .bidirectional = true);
}
static cd_module *new_lstm(void)
{
    return cd_nn_lstm(4, 3, .num_layers = 2, .proj_size = 2);
}
static cd_module *new_gru(void)
{
    return cd_nn_gru(4, 3, .batch_first = true);
}
static cd_module *new_rnn_cell(void)
{
    return cd_nn_rnn_cell(4, 3);
}
static cd_module *new_lstm_cell(void)
{
    return cd_nn_lstm_cell(4, 3);
}
static cd_module *new_gru_cell(void)
{
    return cd_nn_gru_cell(4, 3, .no_bias = true);
}
static cd_module *new_attention(void)
{
    return cd_nn_multihead_attention(4, 2, .add_bias_kv = true);
}
static cd_module *new_encoder_layer(void)
{
    return cd_nn_transformer_encoder_layer(4, 2, .dim_feedforward = 5, .dropout = CD_ZERO);
}
static cd_module *new_decoder_layer(void)
{
    return cd_nn_transformer_decoder_layer(4, 2, .dim_feedforward = 5, .dropout = CD_ZERO);
}
static cd_module *new_encoder(void)
{
    return cd_nn_transformer_encoder(new_encoder_layer(), 2, .norm = cd_nn_layer_norm(CD_SHAPE(4)));
}
static cd_module *new_decoder(void)
{
    return cd_nn_transformer_decoder(new_decoder_layer(), 2);
}

typedef struct sample {
    cd_module *(*make)(void);
    cd_tensor *(*call)(cd_module *m, cd_tensor *const *in);
    int dimensions; /* of x: 3 x 2 x 4, or 2 x 4 */
} sample;

static const sample samples[] = {
    { new_rnn, recurrent, 3 },         { new_lstm, recurrent, 3 },
    { new_gru, recurrent, 3 },         { new_rnn_cell, recurrent, 2 },
    { new_lstm_cell, recurrent, 2 },   { new_gru_cell, recurrent, 2 },
    { new_attention, attention, 3 },   { new_attention, attention_without_weights, 3 },
    { new_encoder_layer, encoder, 3 }, { new_decoder_layer, decoder, 3 },
    { new_encoder, encoder, 3 },       { new_decoder, decoder, 3 },
};
enum { SAMPLES = sizeof samples / sizeof *samples };

static cd_tensor *input_of(const sample *s)
{
    return cd_randn(s->dimensions == 3 ? CD_SHAPE(3, 2, 4) : CD_SHAPE(2, 4));
}

/* --- the tests -------------------------------------------------------------------------------- */

static void saved_modules_compute_the_same_after_loading(void **state)
{
    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        CD_SCOPE();
        CD_NO_GRAD();
        const sample *s = &samples[i];
        cd_module *m = s->make(), *again = s->make();
        cd_tensor *in[3] = { input_of(s) };
        cd_tensor *y = s->call(m, in);
        assert_ok();
        if (m->class_->options) again = m->class_->make(cd_module_options(m));
        assert_ok();
        assert_true(cd_item(cd_amax(cd_abs(cd_sub(s->call(again, in), y)))) > 1e-3);
        char path[] = "sequence-XXXXXX";
        const int fd = mkstemp(path);
        assert_true(fd >= 0 && close(fd) == 0);
        assert_true(cd_save(m, path) && cd_load(again, path));
        assert_int_equal(unlink(path), 0);
        assert_near(s->call(again, in), y, 0, 0);
    }
}

typedef struct held {
    cd_module *module;
    cd_tensor *(*call)(cd_module *m, cd_tensor *const *in);
    int inputs;
} held;

/* Calls the module with other tensors in place of its own parameters. */
static cd_tensor *with_parameters(cd_tensor *const *in, void *user)
{
    const held *h = user;
    cd_module *m = h->module;
    void *own[16];
    for (int i = 0, k = h->inputs; i < m->count_; i++) {
        own[i] = cd_module_value(&m->entries_[i]);
        if (m->entries_[i].kind == CD_PARAMETER && own[i])
            cd_module_set_value(&m->entries_[i], in[k++]);
    }
    cd_tensor *y = h->call(m, in);
    for (int i = 0; i < m->count_; i++) cd_module_set_value(&m->entries_[i], own[i]);
    return y;
}

/* Compares the gradients of the inputs and of the module's own parameters with differences, and
 * those of the gradients. */
static void check_gradients(held h, cd_tensor **in)
{
    int count = h.inputs;
    for (int i = 0; i < h.inputs; i++) in[i] = cd_set_requires_grad(in[i], true);
    for (int i = 0; i < h.module->count_; i++) {
        cd_tensor *value = cd_module_value(&h.module->entries_[i]);
        if (h.module->entries_[i].kind == CD_PARAMETER && value) in[count++] = value;
    }
    assert_true(cd_gradcheck_function(with_parameters, in, count, .user = &h));
    assert_true(cd_gradgradcheck_function(with_parameters, in, count, .user = &h));
}

static cd_tensor *drawn(cd_shape shape)
{
    return cd_randn(shape, .dtype = CD_F64);
}

static void modules_can_be_differentiated_twice(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_shape h = CD_SHAPE(1, 2, 2);
    cd_tensor *in[16] = { drawn(CD_SHAPE(2, 2, 3)), drawn(h), drawn(h) };
    check_gradients((held){ cd_nn_lstm(3, 2, .dtype = CD_F64), recurrent, 3 }, in);
    cd_tensor *states[16] = { drawn(CD_SHAPE(2, 2, 3)), drawn(h) };
    check_gradients((held){ cd_nn_gru(3, 2, .dtype = CD_F64), recurrent, 2 }, states);
    cd_module *m = cd_nn_multihead_attention(2, 2, .dtype = CD_F64);
    cd_tensor *x[16] = { drawn(CD_SHAPE(2, 2, 2)) };
    check_gradients((held){ m, attention, 1 }, x);
    check_gradients((held){ m, attention_without_weights, 1 }, x);
}

typedef struct step {
    const sample *sample;
    cd_module *module;
    cd_tensor *x;
} step;

/* A forward and a backward pass. */
static bool learn(void *user)
{
    CD_SCOPE();
    const step *s = user;
    cd_tensor *in[3] = { s->x };
    cd_tensor *y = s->sample->call(s->module, in);
    const bool done = cd_ok() && cd_backward(cd_sum(cd_mul(y, y)));
    return cd_module_zero_grad(s->module) && done && cd_ok();
}

static bool build(void *user)
{
    CD_SCOPE();
    const sample *s = user;
    return s->make() && cd_ok();
}

static void modules_survive_every_failing_allocation(void **state)
{
    (void)state;
    cd_set_num_threads(1);
    for (int i = 0; i < SAMPLES; i++) {
        CD_SCOPE();
        sample s = samples[i];
        assert_true(build(&s)); /* the allocator has the memory it needs now */
        assert_true(sweep_memory(build, &s) > 5);
        step of = { &s, s.make(), input_of(&s) };
        assert_true(learn(&of));
        assert_true(sweep_memory(learn, &of) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(saved_modules_compute_the_same_after_loading),
        TEST(modules_can_be_differentiated_twice),
        TEST(modules_survive_every_failing_allocation),
    };
    return RUN(tests);
}
