/* Values of pickles: constants and containers. */
#include "pickle_machine.h"

/* --- constants -------------------------------------------------------------------------------- */

static void integers(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        size_t size;
        int64_t value;
    } cases[] = {
#define CASE(body_, value_) { "\x80\x02" body_ ".", sizeof("\x80\x02" body_ ".") - 1, value_ }
        CASE("K\xFF", 255),
        CASE("M\x34\x12", 0x1234),
        CASE("J\xFF\xFF\xFF\xFF", -1),
        CASE("J\x00\x00\x00\x80", INT32_MIN),
        CASE("\x8A\x00", 0),
        CASE("\x8A\x01\x80", -128),
        CASE("\x8A\x02\x80\x00", 128),
        CASE("\x8A\x05\x00\x00\x00\x00\xFF", -4294967296),
        CASE("\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", INT64_MAX),
        CASE("\x8A\x08\x00\x00\x00\x00\x00\x00\x00\x80", INT64_MIN),
#undef CASE
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        machine m;
        assert_true(run(&m, cases[i].body, cases[i].size));
        assert_int_equal(result(&m)->kind, CD_PICKLE_INTEGER);
        assert_true(result(&m)->as.integer == cases[i].value);
        end(&m);
    }
}

static void long_integers_stay_in_the_file(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, "\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19");
    assert_int_equal(result(&m)->kind, CD_PICKLE_LONG);
    assert_int_equal(result(&m)->count, 10);
    end(&m);
}

static void none_bools_and_floats(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, "N");
    assert_int_equal(result(&m)->kind, CD_PICKLE_NONE);
    end(&m);
    RUN_BODY(&m, "\x88");
    assert_int_equal(result(&m)->as.integer, 1);
    end(&m);
    RUN_BODY(&m, "\x89");
    assert_int_equal(result(&m)->as.integer, 0);
    assert_int_equal(result(&m)->kind, CD_PICKLE_BOOL);
    end(&m);
    RUN_BODY(&m, "G\x3F\xF8\0\0\0\0\0\0");
    assert_close(result(&m)->as.real, 1.5, 0, 0);
    end(&m);
}

static void texts(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, "X\3\0\0\0abc");
    assert_true(cd_pickle_text_is(&m.pickle, m.value, "abc"));
    assert_false(cd_pickle_text_is(&m.pickle, m.value, "abcd"));
    end(&m);
    RUN_BODY(&m, "U\2hi");
    assert_true(cd_pickle_text_is(&m.pickle, m.value, "hi"));
    end(&m);
    RUN_BODY(&m, "T\2\0\0\0hi");
    assert_true(cd_pickle_text_is(&m.pickle, m.value, "hi"));
    end(&m);
    RUN_BODY(&m, "X\3\0\0\0\xED\xA0\x80"); /* a surrogate, as Python writes it */
    assert_int_equal(result(&m)->kind, CD_PICKLE_TEXT);
    end(&m);
    REFUSES("negative length", "T\xFF\xFF\xFF\xFF");
}

static void operands_that_are_cut_short(void **state)
{
    (void)state;
#define SHORT(body_) REFUSES_ALL(CD_ERR_FORMAT, "it ends within an opcode", "\x80\x02" body_)
    SHORT("K");
    SHORT("M\1");
    SHORT("J\1\2\3");
    SHORT("\x8A");
    SHORT("\x8A\2\1");
    SHORT("G1234567");
    SHORT("X\1\0\0");
    SHORT("X\4\0\0\0abc");
    SHORT("X\xFF\xFF\xFF\xFFxyz");
    SHORT("U");
    SHORT("U\3ab");
    SHORT("T\1\0\0");
    SHORT("Nq");
    SHORT("Nr\0\0\0");
    SHORT("h");
    SHORT("j\0\0\0");
#undef SHORT
    REFUSES_ALL(CD_ERR_FORMAT, "a name that does not end",
                "\x80\x02"
                "ctorch");
    REFUSES_ALL(CD_ERR_FORMAT, "a name that does not end",
                "\x80\x02"
                "ctorch\nSize");
}

/* --- containers ------------------------------------------------------------------------------- */

static void tuples(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, ")");
    assert_int_equal(result(&m)->count, 0);
    end(&m);
    RUN_BODY(&m, "K\1K\2K\3\x87");
    assert_int_equal(result(&m)->count, 3);
    assert_int_equal(
        cd_pickle_value_of(&m.pickle, cd_pickle_item(&m.pickle, result(&m), 0))->as.integer, 1);
    end(&m);
    RUN_BODY(&m, "(K\1K\2K\3K\4t");
    assert_int_equal(result(&m)->count, 4);
    assert_int_equal(
        cd_pickle_value_of(&m.pickle, cd_pickle_item(&m.pickle, result(&m), 3))->as.integer, 4);
    end(&m);
    RUN_BODY(&m, "(t");
    assert_int_equal(result(&m)->count, 0);
    end(&m);
}

static void lists(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, "]K\1a(K\2K\3e(e");
    assert_int_equal(result(&m)->kind, CD_PICKLE_LIST);
    assert_int_equal(result(&m)->count, 3);
    uint32_t cell = result(&m)->as.cells.first;
    for (int i = 1; i <= 3; i++, cell = m.pickle.cells[cell].next) {
        assert_int_equal(cd_pickle_value_of(&m.pickle, m.pickle.cells[cell].value)->as.integer, i);
    }
    assert_int_equal(cell, CD_PICKLE_NO_CELL);
    end(&m);
}

static void dicts(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, "}U\1aK\1s(U\1bK\2U\1cK\3u(u");
    assert_int_equal(result(&m)->kind, CD_PICKLE_DICT);
    assert_int_equal(result(&m)->count, 6);
    end(&m);
}

static void items_go_only_where_they_belong(void **state)
{
    (void)state;
    REFUSES("items of a list are added to a dict", "}Na");
    REFUSES("items of a list are added to a tuple", ")Na");
    REFUSES("items of a list are added to a tensor", TENSOR "(Ne");
    REFUSES("items of a dict are added to a list", "]NNs");
    REFUSES("items of a dict are added to an integer", "K\1(NNu");
    REFUSES("items of a dict are added to a storage", STORAGE "(NNu");
    REFUSES("items of a dict are added to a function or class", ORDERED_DICT "NNs");
}

static void a_key_without_a_value(void **state)
{
    (void)state;
    REFUSES("a key without a value", "}(NNNu");
}

static void keys_that_cannot_be(void **state)
{
    (void)state;
    REFUSES("a list as a key", "}]Ns");
    REFUSES("a dict as a key", "}(}Nu");
}

static void cycles_do_no_harm(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, "]q\0h\0a");
    end(&m);
    RUN_BODY(&m, "}q\0U\1ah\0s");
    end(&m);
    RUN_BODY(&m, "]q\0h\0\x85q\1a");
    end(&m);
    RUN_BODY(&m, ORDERED_DICT ")Rq\0h\0b");
    end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(integers),
        TEST(long_integers_stay_in_the_file),
        TEST(none_bools_and_floats),
        TEST(texts),
        TEST(operands_that_are_cut_short),
        TEST(tuples),
        TEST(lists),
        TEST(dicts),
        TEST(items_go_only_where_they_belong),
        TEST(a_key_without_a_value),
        TEST(keys_that_cannot_be),
        TEST(cycles_do_no_harm),
    };
    return RUN(tests);
}
