/* The choice among the builds of the kernels. */
#include "test.h"

#include "core/cpu/cpu_internal.h"
#include "core/cpu/map_internal.h"

static int restore(void **state)
{
    unsetenv("CANDELA_CPU");
    (void)cd_cpu_force(NULL);
    return test_teardown(state);
}
#undef TEST
#define TEST(function_) cmocka_unit_test_setup_teardown(function_, test_setup, restore)

static void the_portable_kernels_are_always_there(void **state)
{
    (void)state;
    assert_true(cd_cpu_force("portable"));
    assert_string_equal(cd_cpu_kernels()->name, "portable");
}

static void the_choice_follows_the_machine(void **state)
{
    (void)state;
    const char *expected = "portable";
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) expected = "avx2";
    if (strcmp(expected, "avx2") == 0 && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512vl")) {
        expected = "avx512";
    }
#endif
    assert_string_equal(cd_cpu_kernels()->name, expected);
}

static void the_environment_asks_for_portable(void **state)
{
    (void)state;
    setenv("CANDELA_CPU", "portable", 1);
    assert_true(cd_cpu_force(NULL));
    assert_string_equal(cd_cpu_kernels()->name, "portable");
}

static void the_environment_asks_for_less_than_there_is(void **state)
{
    (void)state;
    if (!cd_cpu_force("avx2")) skip();
    setenv("CANDELA_CPU", "avx2", 1);
    assert_true(cd_cpu_force(NULL));
    assert_string_equal(cd_cpu_kernels()->name, "avx2");
}

static void avx512_changes_only_what_is_built_for_it(void **state)
{
    (void)state;
    if (!cd_cpu_force("avx512")) skip();
    const cd_cpu_tables *wide = cd_cpu_kernels();
    assert_true(cd_cpu_force("avx2"));
    assert_ptr_equal(wide->binary, cd_cpu_kernels()->binary);
    assert_ptr_not_equal(wide->gemm, cd_cpu_kernels()->gemm);
}

static void another_value_in_the_environment_changes_nothing(void **state)
{
    (void)state;
    const char *before = cd_cpu_kernels()->name;
    setenv("CANDELA_CPU", "z80", 1);
    assert_true(cd_cpu_force(NULL));
    assert_string_equal(cd_cpu_kernels()->name, before);
}

static void an_unknown_name_is_refused(void **state)
{
    (void)state;
    const cd_cpu_tables *before = cd_cpu_kernels();
    assert_false(cd_cpu_force("z80"));
    assert_ptr_equal(cd_cpu_kernels(), before);
}

static void forcing_changes_the_loops(void **state)
{
    (void)state;
    if (!cd_cpu_force("avx2")) skip();
    cd_loop *fast = cd_cpu_loop(CD_MAP_exp, CD_F32);
    assert_true(cd_cpu_force("portable"));
    assert_ptr_not_equal(fast, cd_cpu_loop(CD_MAP_exp, CD_F32));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_portable_kernels_are_always_there),
        TEST(the_choice_follows_the_machine),
        TEST(the_environment_asks_for_portable),
        TEST(the_environment_asks_for_less_than_there_is),
        TEST(avx512_changes_only_what_is_built_for_it),
        TEST(another_value_in_the_environment_changes_nothing),
        TEST(an_unknown_name_is_refused),
        TEST(forcing_changes_the_loops),
    };
    return RUN(tests);
}
