/* Every optimizer and every schedule made again from its saved options. */
#include "test.h"

#include "autograd/create.h"
#include "core/memory_internal.h"
#include "nn/layers.h"
#include "optim/optim.h"
#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"
#include "options_json.h"

/* Options of every optimizer, each another than the default. */
static const char *const optimizer_samples[][2] = {
    { "SGD", "{\"lr\": 0.0, \"momentum\": 0.5, \"dampening\": 0.0, \"weight_decay\": 0.125, "
             "\"nesterov\": true, \"maximize\": false}" },
    { "Adam", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
              "\"weight_decay\": 0.0625, \"amsgrad\": true, \"maximize\": true}" },
    { "AdamW", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
               "\"weight_decay\": 0.0625, \"amsgrad\": true, \"maximize\": true}" },
    { "Adamax", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
                "\"weight_decay\": 0.0625, \"maximize\": true}" },
    { "NAdam", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
               "\"weight_decay\": 0.0625, \"momentum_decay\": 0.75, "
               "\"decoupled_weight_decay\": true, \"maximize\": true}" },
    { "RAdam", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
               "\"weight_decay\": 0.0625, \"decoupled_weight_decay\": true, \"maximize\": true}" },
    { "Adagrad", "{\"lr\": 0.5, \"lr_decay\": 0.25, \"weight_decay\": 0.125, "
                 "\"initial_accumulator_value\": 0.75, \"eps\": 0.0625, \"maximize\": true}" },
    { "Adadelta", "{\"lr\": 0.5, \"rho\": 0.25, \"eps\": 0.125, \"weight_decay\": 0.0625, "
                  "\"maximize\": true}" },
    { "RMSprop", "{\"lr\": 0.5, \"alpha\": 0.25, \"eps\": 0.125, \"weight_decay\": 0.0625, "
                 "\"momentum\": 0.75, \"centered\": true, \"maximize\": true}" },
    { "Rprop", "{\"lr\": 0.5, \"etas[0]\": 0.25, \"etas[1]\": 1.5, \"step_sizes[0]\": 0.125, "
               "\"step_sizes[1]\": 2.0, \"maximize\": true}" },
    { "Lion", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"weight_decay\": 0.0625, "
              "\"maximize\": true}" },
};

static const char *sample_among(const char *const samples[][2], size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(samples[i][0], name) == 0) return samples[i][1];
    }
    fail_msg("%s has no sample", name);
    return NULL;
}
#define SAMPLE(samples_, name_)                                                                    \
    sample_among((samples_), sizeof(samples_) / sizeof *(samples_), (name_))

/* Reads options, makes an optimizer of them for a module, and writes its options down. */
static void every_optimizer_is_made_again(void **state)
{
    (void)state;
    for (int i = 0; cd_optimizer_classes[i]; i++) {
        CD_SCOPE();
        const cd_optimizer_class *c = cd_optimizer_classes[i];
        const char *written = SAMPLE(optimizer_samples, c->name);
        char *read = calloc(1, c->options_bytes);
        assert_non_null(read);
        assert_true(read_json(c->options, read, written));
        cd_optimizer *o = cd_optimizer_make(c, cd_nn_linear(2, 2), read);
        assert_that(o, "%s: %s", c->name, cd_error_message());
        assert_int_equal(o->count, 2);
        char *json = cd_options_to_json(c->options, o->groups[0].options);
        assert_string_equal(json, written);
        cd_free(json);
        const cd_optimizer *again = cd_optimizer_make(c, cd_nn_linear(2, 2), o->groups[0].options);
        assert_close(cd_lr(again), cd_lr(o), 0, 0);
        assert_false(signbit(cd_lr(again)));
        free(read);
    }
}

static void sgd_is_printed(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = cd_optim_sgd(cd_nn_linear(2, 2), .lr = CD_ZERO, .momentum = 0.5,
                                   .weight_decay = 0.125, .nesterov = true);
    char text[128];
    cd_options_text(cd_optim_sgd_class.options, o->groups[0].options, text, sizeof text);
    assert_string_equal(text,
                        "lr=0.0, momentum=0.5, dampening=0.0, weight_decay=0.125, nesterov=True");
}

/* An optimizer's own options say nothing of the parameters that it was made for. */
static void sgd_over_tensors_is_made_again_for_a_module(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_optimizer_class *c = &cd_optim_sgd_class;
    cd_tensor *list[] = { cd_ones(CD_SHAPE(3), .requires_grad = true) };
    const cd_optimizer *o = cd_optim_sgd(NULL, .tensors = list, .count = 1, .lr = 0.25);
    assert_ok();
    const cd_optimizer *again = cd_optimizer_make(c, cd_nn_linear(2, 2), o->groups[0].options);
    assert_ok();
    assert_int_equal(again->count, 2);
    assert_close(cd_lr(again), 0.25, 0, 0);
}

static const char *const schedule_samples[][2] = {
    { "StepLR", "{\"step_size\": 3, \"gamma\": 0.25}" },
    { "MultiStepLR", "{\"milestones\": [2, 5], \"gamma\": 0.25}" },
    { "ExponentialLR", "{\"gamma\": 0.25}" },
    { "ConstantLR", "{\"factor\": 0.25, \"total_iters\": 3}" },
    { "LinearLR", "{\"start_factor\": 0.25, \"end_factor\": 0.75, \"total_iters\": 3}" },
    { "PolynomialLR", "{\"total_iters\": 7, \"power\": 1.5}" },
    { "CosineAnnealingLR", "{\"T_max\": 10, \"eta_min\": 0.25}" },
    { "CosineAnnealingWarmRestarts", "{\"T_0\": 3, \"T_mult\": 2, \"eta_min\": 0.25}" },
    { "OneCycleLR", "{\"max_lr\": 0.5, \"total_steps\": 10, \"pct_start\": 0.5, \"linear\": true, "
                    "\"cycle_momentum\": true, \"base_momentum\": 0.5, \"max_momentum\": 0.75, "
                    "\"div_factor\": 2.0, "
                    "\"final_div_factor\": 8.0, \"three_phase\": true}" },
    { "CyclicLR",
      "{\"base_lr\": 0.25, \"max_lr\": 0.5, \"step_size_up\": 3, \"step_size_down\": 4, "
      "\"mode\": 2, \"gamma\": 0.5, \"cycle_momentum\": true, \"base_momentum\": 0.5, "
      "\"max_momentum\": 0.75}" },
    { "ReduceLROnPlateau",
      "{\"maximum\": true, \"factor\": 0.5, \"patience\": 3, \"threshold\": 0.25, "
      "\"absolute\": true, \"cooldown\": 2, \"min_lr\": 0.125, \"eps\": 0.0625}" },
    { "SWALR", "{\"swa_lr\": 0.25, \"anneal_epochs\": 5, \"linear\": true}" },
};

static void every_schedule_is_made_again(void **state)
{
    (void)state;
    for (int i = 0; cd_scheduler_classes[i]; i++) {
        CD_SCOPE();
        const cd_scheduler_class *c = cd_scheduler_classes[i];
        cd_optimizer *sgd = cd_optim_sgd(cd_nn_linear(2, 2), .lr = 0.5, .momentum = 0.5);
        char *read = calloc(1, c->options_bytes);
        assert_non_null(read);
        if (c->unwritable) {
            assert_null(cd_scheduler_make(c, sgd, read));
            assert_failed_with(CD_ERR_UNSUPPORTED, "cannot be made from options");
        } else {
            const char *written = SAMPLE(schedule_samples, c->name);
            assert_true(read_json(c->options, read, written));
            const cd_scheduler *s = cd_scheduler_make(c, sgd, read);
            assert_that(s, "%s: %s", c->name, cd_error_message());
            char *json = cd_options_to_json(c->options, s->options);
            assert_string_equal(json, written);
            cd_free(json);
        }
        free(read);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_optimizer_is_made_again),
        TEST(sgd_is_printed),
        TEST(sgd_over_tensors_is_made_again_for_a_module),
        TEST(every_schedule_is_made_again),
    };
    return RUN(tests);
}
