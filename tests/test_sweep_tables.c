/* The commands on tables, while the system refuses a call: in turn each call for memory, and each
 * of the other kinds that tests/refusing.h lists. */
#include "refusing.h"
#include "small_table.h"

/* Enough rows to train on some. */
static const char *rows_to_train_on(void)
{
    static const char rows[] = "area,town,price,kind\n50,Ulm,150000,flat\n70,Bonn,230000,house\n"
                               "120,Ulm,340000,house\n90,Bonn,290000.5,flat\n,Ulm,100000,flat\n"
                               "100,Bonn,310000,house\n80,Ulm,200000,flat\n75,Bonn,"
                               "240000,house\n";
    return test_write("t.csv", rows, sizeof rows - 1);
}

static void train_numbers(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    BEGIN(&s, "train of numbers", "o/m", "train", "--data", rows_to_train_on(), "--label", "price",
          "--missing", "mean", "--out", at("o/m"), "--hidden", "4", "--epochs", "2", "--threads",
          "1");
    sweep_whole(&s);
}

static void train_classes(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    BEGIN(&s, "train of classes", "o/m", "train", "--data", rows_to_train_on(), "--label", "kind",
          "--ignore", "area,price", "--out", at("o/m"), "--hidden", "none", "--epochs", "1",
          "--threads", "1", "--json");
    sweep_whole(&s);
}

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
        TEST(train_numbers),     TEST(train_classes), TEST(predict),      TEST(predict_json),
        TEST(predict_to_a_file), TEST(eval_numbers),  TEST(eval_classes), TEST(info),
    };
    return RUN(tests);
}
