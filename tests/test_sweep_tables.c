/* The commands on tables, while the system refuses a call: in turn each call for memory, and each
 * of the other kinds that tests/refusing.h lists. */
#include "refusing.h"
#include "small_table.h"

static void predict(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    BEGIN(&s, "predict", NULL, "predict", save_table_model("m", "kind"), "--data", at("t.csv"),
          "--threads", "1");
    sweep_whole(&s);
}

static void predict_json(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    BEGIN(&s, "predict --json", NULL, "predict", save_table_model("m", "price"), "--data",
          at("t.csv"), "--threads", "1", "--json");
    sweep_whole(&s);
}

static void predict_to_a_file(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    BEGIN(&s, "predict --out", "o/p.csv", "predict", save_table_model("m", "kind"), "--data",
          at("t.csv"), "--threads", "1", "--out", at("o/p.csv"));
    sweep_whole(&s);
}

static void eval_numbers(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    BEGIN(&s, "eval of numbers", NULL, "eval", save_table_model("m", "price"), "--data",
          at("t.csv"), "--threads", "1");
    sweep_whole(&s);
}

static void eval_classes(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    BEGIN(&s, "eval of classes", NULL, "eval", save_table_model("m", "kind"), "--data", at("t.csv"),
          "--threads", "1", "--json");
    sweep_whole(&s);
}

static void info(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    BEGIN(&s, "info of a table", NULL, "info", save_table_model("m", "kind"));
    sweep_whole(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(predict),      TEST(predict_json), TEST(predict_to_a_file),
        TEST(eval_numbers), TEST(eval_classes), TEST(info),
    };
    return RUN(tests);
}
