/* The programs of apps/examples: they print what the same programs print in PyTorch. */
#include <math.h>

#include "program.h"

static const ran *example(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, CANDELA_EXAMPLES "/%s", name);
    return run_words((const char *const[]){ path, NULL });
}

/* An example prints a step and a loss on each line. golden/two_layer.txt has the example's name
 * before PyTorch's. The losses must agree to 1e-3 as long as they are above `from`: a run at lr
 * 1e-6 amplifies rounding, so that two runs of PyTorch differ as much once the loss is below
 * 0.1. */
static void follows_pytorch(const char *name, double from)
{
    char program[64], expected_name[64], line[128];
    (void)snprintf(program, sizeof program, "two_layer_%s", name);
    const ran *r = example(program);
    assert_ran(r, 0);
    const char *at = r->out;
    FILE *golden = fopen(test_path("golden/two_layer.txt"), "r");
    assert_non_null(golden);
    int compared = 0;
    while (fgets(line, sizeof line, golden)) {
        int step, expected_step, used;
        double loss, expected;
        assert_int_equal(sscanf(line, "%63s %d %lf", expected_name, &expected_step, &expected), 3);
        if (strcmp(expected_name, name) != 0) continue;
        assert_int_equal(sscanf(at, "%d %lf%n", &step, &loss, &used), 2);
        at += used;
        assert_int_equal(step, expected_step);
        if (expected <= from) continue;
        if (!(fabs(loss - expected) <= 1e-3 * expected)) {
            fail_msg("%s: %g at step %d, PyTorch has %g", name, loss, step, expected);
        }
        compared++;
    }
    (void)fclose(golden);
    assert_true(compared >= 4);
    assert_string_equal(at, "\n");
}

static void two_layers_by_hand_follow_pytorch(void **state)
{
    (void)state;
    follows_pytorch("by_hand", 0.1);
}

static void two_layers_by_autograd_follow_pytorch(void **state)
{
    (void)state;
    follows_pytorch("autograd", 0.1);
}

static void two_layers_with_a_function_of_their_own_follow_pytorch(void **state)
{
    (void)state;
    follows_pytorch("function", 0.1);
}

static void two_layers_of_modules_follow_pytorch_to_the_end(void **state)
{
    (void)state;
    follows_pytorch("nn", 0);
}

static void two_layers_with_an_optimizer_are_trained(void **state)
{
    (void)state;
    const ran *r = example("two_layer_optim");
    assert_ran(r, 0);
    double first, last;
    assert_int_equal(sscanf(r->out, "99 %lf 199 %*f 299 %*f 399 %*f 499 %lf", &first, &last), 2);
    assert_true(last < 1e-3 * first);
}

/* The expected text is what tests/golden/make_autograd_tour.py printed with PyTorch. */
static void the_tour_prints_what_pytorch_prints(void **state)
{
    (void)state;
    const ran *r = example("autograd_tour");
    assert_ran(r, 0);
    static char expected[sizeof r->out];
    FILE *golden = fopen(test_path("golden/autograd_tour.txt"), "r");
    assert_non_null(golden);
    size_t bytes = fread(expected, 1, sizeof expected - 1, golden);
    (void)fclose(golden);
    expected[bytes] = '\0';
    assert_string_equal(r->out, expected);
}

static void linear_probe_prints_its_usage(void **state)
{
    (void)state;
    assert_ran(example("linear_probe"), 2);
}

static void linear_probe_names_a_file_that_is_not_there(void **state)
{
    (void)state;
    const ran *r = run_words((const char *const[]){ CANDELA_EXAMPLES "/linear_probe",
                                                    at("none.pth"), at("none"), NULL });
    assert_ran(r, 1);
    assert_says(r->err, "none");
    assert_string_equal(r->out, ""); /* no accuracy without data */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_layers_by_hand_follow_pytorch),
        TEST(two_layers_by_autograd_follow_pytorch),
        TEST(two_layers_with_a_function_of_their_own_follow_pytorch),
        TEST(two_layers_of_modules_follow_pytorch_to_the_end),
        TEST(two_layers_with_an_optimizer_are_trained),
        TEST(the_tour_prints_what_pytorch_prints),
        TEST(linear_probe_prints_its_usage),
        TEST(linear_probe_names_a_file_that_is_not_there),
    };
    return RUN(tests);
}
