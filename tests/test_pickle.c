/* The pickle machine itself: the frame of a pickle, stack, marks and memo; hostile pickles. */
#include "pickle_machine.h"

/* --- frame ------------------------------------------------------------------------------------ */

static void the_protocol_comes_first(void **state)
{
    (void)state;
    REFUSES_ALL(CD_ERR_FORMAT, "does not begin with a protocol number", "");
    REFUSES_ALL(CD_ERR_FORMAT, "does not begin with a protocol number", "\x80");
    REFUSES_ALL(CD_ERR_FORMAT, "does not begin with a protocol number", "N.");
    REFUSES_ALL(CD_ERR_UNSUPPORTED, "its protocol is 1, and 2 to 5 are read", "\x80\x01N.");
    REFUSES_ALL(CD_ERR_UNSUPPORTED, "its protocol is 6, and 2 to 5 are read", "\x80\x06N.");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "the opcode 80", "\x80\x02N");
    machine m;
    assert_true(run(&m, "\x80\x03N.", 4));
    end(&m);
    assert_true(run(&m, "\x80\x04N.", 4));
    end(&m);
    assert_true(run(&m, "\x80\x05N.", 4));
    end(&m);
}

/* What torch.save(pickle_protocol=4) writes in place of GLOBAL, BINPUT and BINUNICODE. */
static void protocol_4_has_its_own_names_and_memo(void **state)
{
    (void)state;
    machine m;
    static const char pickle[] = "\x80\x04\x95\x40\0\0\0\0\0\0\0(\x8C\5torch\x94\x8C\4Size\x94"
                                 "\x93\x94K\2K\3\x86\x94\x85\x94R\x94h\1h\3t.";
    assert_true(run(&m, pickle, sizeof pickle - 1));
    assert_int_equal(result(&m)->count, 3);
    const cd_pickle_value *size =
        cd_pickle_value_of(&m.pickle, cd_pickle_item(&m.pickle, result(&m), 0));
    assert_int_equal(size->count, 2);
    assert_true(cd_pickle_text_is(&m.pickle, cd_pickle_item(&m.pickle, result(&m), 1), "Size"));
    assert_int_equal(size->kind, CD_PICKLE_TUPLE);
    end(&m);
    REFUSES("a name that is no string", "NN\x93");
    REFUSES("the stack is empty", "\x8C\2os\x93");
    REFUSES("the stack is empty", "\x94");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "it names os.system, which is never loaded",
               "\x8C\2os\x8C\6system\x93");
}

static void stop_leaves_one_value(void **state)
{
    (void)state;
    REFUSES("STOP leaves 0 values", "");
    REFUSES("STOP leaves 2 values", "NN");
    REFUSES("STOP leaves 1 values and 1 marks", "(N");
    REFUSES("STOP leaves 1 values and 1 marks", "N(");
    REFUSES_ALL(CD_ERR_FORMAT, "it ends without STOP", "\x80\x02N");
    REFUSES_ALL(CD_ERR_FORMAT, "it ends without STOP", "\x80\x02");
}

static void the_cursor_stands_behind_stop(void **state)
{
    (void)state;
    machine m;
    assert_true(run(&m, "\x80\x02K\1.\x80\x02K\2.", 10));
    assert_int_equal(m.cursor.at, 5);
    cd_pickle_id second;
    assert_true(cd_pickle_run(&m.pickle, &m.cursor, &second));
    assert_int_equal(cd_pickle_value_of(&m.pickle, second)->as.integer, 2);
    assert_int_equal(result(&m)->as.integer, 1);
    assert_int_equal(cd_cursor_left(&m.cursor), 0);
    end(&m);
}

static void the_memo_does_not_reach_into_the_next(void **state)
{
    (void)state;
    machine m;
    assert_true(run(&m, "\x80\x02Nq\0.\x80\x02h\0.", 11));
    cd_pickle_id second;
    assert_false(cd_pickle_run(&m.pickle, &m.cursor, &second));
    end(&m);
    assert_failed_with(CD_ERR_FORMAT, "nothing was put in the memo's slot 0");
}

static void every_other_opcode_is_refused(void **state)
{
    (void)state;
    static const unsigned char known[] = "N\x88\x89JKM\x8A\x8BGXUTc()\x85\x86\x87t]ae}suqrhjR"
                                         "\x81"
                                         "bQ.BC\x8C\x8F\x90\x93\x94\x95\x96I012\x8D\x8E\x91\x92o";
    int refused = 0;
    for (int op = 0; op < 256; op++) {
        if (op != 0 && memchr(known, op, sizeof known - 1)) continue;
        unsigned char pickle[40] = { 0x80, 2, 'N', 'N', (unsigned char)op };
        machine m;
        assert_false(run(&m, pickle, sizeof pickle));
        end(&m);
        assert_failed_with(CD_ERR_UNSUPPORTED, "which torch.save does not write, is not supported");
        refused++;
    }
    assert_int_equal(refused, 256 - (int)(sizeof known - 1));
}

static void errors_name_the_byte(void **state)
{
    (void)state;
    REFUSES("p.pkl: byte 5: pickle: nothing was put in the memo's slot 9", "(NNh\x09");
}

/* --- stack and memo --------------------------------------------------------------------------- */

static void an_empty_stack_is_an_error(void **state)
{
    (void)state;
    REFUSES("the stack is empty", "q\0");
    REFUSES("the stack is empty", "r\0\0\0\0");
    REFUSES("the stack is empty", "\x85");
    REFUSES("the stack is empty", "N\x86");
    REFUSES("the stack is empty", "NN\x87");
    REFUSES("the stack is empty", "R");
    REFUSES("the stack is empty", "NR");
    REFUSES("the stack is empty", "N\x81");
    REFUSES("the stack is empty", "Nb");
    REFUSES("the stack is empty", "Q");
    REFUSES("the stack is empty", "a");
    REFUSES("the stack is empty", "]a");
    REFUSES("the stack is empty", "s");
    REFUSES("the stack is empty", "}Ns");
}

static void nothing_reaches_below_a_mark(void **state)
{
    (void)state;
    REFUSES("the stack is empty", "N(q\0");
    REFUSES("the stack is empty", "NN(\x85");
    REFUSES("the stack is empty", "NN(N\x86");
    REFUSES("the stack is empty", "](Na");
    REFUSES("the stack is empty", "}(NNs");
    REFUSES("the stack is empty", ")(Q");
    REFUSES("the stack is empty", "N((e");
}

static void marks_are_needed(void **state)
{
    (void)state;
    REFUSES("there is no mark", "t");
    REFUSES("there is no mark", "NNt");
    REFUSES("there is no mark", "]Ne");
    REFUSES("there is no mark", "}NNu");
}

static void too_many_marks(void **state)
{
    (void)state;
    char pickle[1100] = "\x80\x02";
    memset(pickle + 2, '(', 1001);
    machine m;
    assert_false(run(&m, pickle, 1003));
    end(&m);
    assert_failed_with(CD_ERR_FORMAT, "more than 1000 marks are open");
}

static void too_high_a_stack(void **state)
{
    (void)state;
    size_t size = 1000010;
    char *pickle = malloc(size);
    memset(pickle, 'N', size);
    memcpy(pickle, "\x80\x02", 2);
    machine m;
    assert_false(run(&m, pickle, size));
    end(&m);
    free(pickle);
    assert_failed_with(CD_ERR_FORMAT, "the stack is too high");
}

static void the_memo_gives_the_same_value(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, "]q\3h\3h\3\x87");
    const cd_pickle_value *tuple = result(&m);
    assert_int_equal(tuple->count, 3);
    assert_int_equal(cd_pickle_item(&m.pickle, tuple, 0), cd_pickle_item(&m.pickle, tuple, 2));
    end(&m);
    RUN_BODY(&m, "]r\4\0\0\0j\4\0\0\0\x86");
    tuple = result(&m);
    assert_int_equal(cd_pickle_item(&m.pickle, tuple, 0), cd_pickle_item(&m.pickle, tuple, 1));
    end(&m);
}

static void a_put_leaves_its_value(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, "K\7q\0K\x08q\0h\0\x87");
    assert_int_equal(
        cd_pickle_value_of(&m.pickle, cd_pickle_item(&m.pickle, result(&m), 2))->as.integer, 8);
    end(&m);
}

static void missing_memo_slots(void **state)
{
    (void)state;
    REFUSES("nothing was put in the memo's slot 0", "h\0");
    REFUSES("nothing was put in the memo's slot 1", "Nq\2h\1");
    REFUSES("nothing was put in the memo's slot 4294967295", "j\xFF\xFF\xFF\xFF");
    REFUSES("the memo's slot 4294967295 is out of range", "Nr\xFF\xFF\xFF\xFF");
}

/* --- abuse ------------------------------------------------------------------------------------ */

static void values_stay_within_the_budget(void **state)
{
    (void)state;
    /* 12 MB of TUPLE1: one byte of the pickle makes a value of 16 bytes and a cell of 8 */
    size_t size = 12 << 20;
    char *pickle = malloc(size);
    memset(pickle, '\x85', size);
    memcpy(pickle, "\x80\x02N", 3);
    cd_memory_trim();
    cd_memory_reset_peak();
    size_t before = cd_memory_stats().bytes_in_use;
    machine m;
    assert_false(run(&m, pickle, size));
    end(&m);
    free(pickle);
    assert_failed_with(CD_ERR_MEMORY, "names, shapes and other descriptions");
    assert_true(cd_memory_stats().bytes_peak - before < (size_t)64 << 20);
}

static void copying_dicts_stays_within_the_budget(void **state)
{
    (void)state;
    /* a list of 10,000 pairs, given to OrderedDict 100,000 times */
    size_t size = 0, room = 2 << 20;
    char *pickle = malloc(room);
#define PUT(literal_)                                                                              \
    do {                                                                                           \
        memcpy(pickle + size, literal_, sizeof(literal_) - 1);                                     \
        size += sizeof(literal_) - 1;                                                              \
    } while (0)
    PUT("\x80\x02" ORDERED_DICT "q\0NN\x86q\1](");
    for (int i = 0; i < 10000; i++) PUT("h\1");
    PUT("e\x85q\2");
    for (int i = 0; i < 100000; i++) PUT("h\0h\2R");
#undef PUT
    machine m;
    assert_false(run(&m, pickle, size));
    end(&m);
    free(pickle);
    assert_failed_with(CD_ERR_MEMORY, "names, shapes and other descriptions");
}

static const char seed[] = "\x80\x02" ORDERED_DICT ")Rq\0(X\1\0\0\0aq\1" TENSOR
                           "X\1\0\0\0bj\1\0\0\0U\1cG?\xF8\0\0\0\0\0\0u}U\x09_metadata]\x8A\1\xFF"
                           "asb.";

static void read_any(const unsigned char *data, size_t size)
{
    machine m;
    (void)run(&m, data, size);
    end(&m);
}

static void truncations_and_mutants_do_no_harm(void **state)
{
    (void)state;
    machine m;
    assert_true(run(&m, seed, sizeof seed - 1));
    end(&m);
    for (size_t i = 0; i < sizeof seed - 1; i++) {
        assert_false(run(&m, seed, i));
        end(&m);
        cd_clear_error();
    }
    read_truncations(read_any, (const unsigned char *)seed, sizeof seed - 1);
    read_mutants(read_any, (const unsigned char *)seed, sizeof seed - 1);
}

static bool run_seed(void *unused)
{
    (void)unused;
    machine m;
    bool ok = run(&m, seed, sizeof seed - 1);
    cd_pickle_release(&m.pickle);
    return ok;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    assert_true(sweep_memory(run_seed, NULL) >= 5);
}

/* The machine's arrays grow by doubling. With `before` tuples made before the body, and `below`
 * values on the stack below it, the arrays are full at other opcodes of the body, so that over many
 * such numbers every opcode is once the one for which memory is missing. */
typedef struct shifted {
    int before, below;
    const char *body;
    size_t size;
} shifted;

static bool run_shifted(void *user)
{
    const shifted *s = user;
    buffer pickle = { .size = 0 };
    ADD(&pickle, "\x80\x04((");
    for (int i = 0; i < s->before; i++) ADD(&pickle, "N\x85");
    ADD(&pickle, "t");
    for (int i = 0; i < s->below; i++) ADD(&pickle, "N");
    add(&pickle, s->body, s->size);
    ADD(&pickle, "t.");
    machine m;
    bool ok = run(&m, pickle.at, pickle.size);
    if (ok) {
        assert_int_equal(result(&m)->kind, CD_PICKLE_TUPLE);
        assert_int_equal(result(&m)->count, (uint32_t)s->below + 2);
        cd_pickle_id last = cd_pickle_item(&m.pickle, result(&m), (uint32_t)s->below + 1);
        assert_int_equal(cd_pickle_value_of(&m.pickle, last)->kind, CD_PICKLE_DICT);
        assert_int_equal(cd_pickle_value_of(&m.pickle, last)->count, 6);
    }
    cd_pickle_release(&m.pickle);
    return ok;
}

static void no_memory_is_an_error_at_whatever_opcode(void **state)
{
    (void)state;
    static const char dict[] = "}(NJ\1\0\0\0M\1\0\x8A\1\5C\1x" TENSOR "u";
    static const char calls[] = ORDERED_DICT "](](U\1aK\1e](U\1bK\2eU\1c" ORDERED_DICT ")R\x86"
                                             "e\x85R";
    static const char tensors[] =
        "}(K\1ctorch._utils\n_rebuild_qtensor\n)RK\2ctorch._utils\n_rebuild_tensor\n(" STORAGE
        "K\0))tRK\3\x8C\x0C"
        "torch._utils\x8C\x12_rebuild_tensor_v2\x93" TENSOR_ARGS "Ru";
    const shifted bodies[] = { { .body = dict, .size = sizeof dict - 1 },
                               { .body = calls, .size = sizeof calls - 1 },
                               { .body = tensors, .size = sizeof tensors - 1 } };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        for (int n = 0; n < 34; n++) {
            shifted s = bodies[i];
            s.before = n;
            assert_true(sweep_memory(run_shifted, &s) >= 4);
            s.before = 0;
            s.below = n;
            assert_true(sweep_memory(run_shifted, &s) >= 4);
        }
    }
}

static void opcodes_cut_short(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } heads[] = { { "\x80\4J\1\1\1", 6 },
                  { "\x80\4M\1", 4 },
                  { "\x80\4\x8B\1\0\0", 6 },
                  { "\x80\4\x8B\2\0\0\0\1", 8 },
                  { "\x80\4"
                    "B\1\0\0",
                    6 },
                  { "\x80\4"
                    "C",
                    3 },
                  { "\x80\4\x96\1\0\0\0\0\0\0", 10 },
                  { "\x80\4\x95\1\0\0\0\0\0\0", 10 },
                  { "\x80\4\x8A", 3 },
                  { "\x80\4K", 3 },
                  { "\x80\4G\1\1\1\1\1\1\1", 10 } };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        machine m;
        assert_that(!run(&m, heads[i].bytes, heads[i].size), "pickle %zu", i);
        end(&m);
        assert_failed_with(CD_ERR_FORMAT, "it ends within an opcode");
    }
}

static void a_stacked_name_is_two_strings(void **state)
{
    (void)state;
    static const char wrong[] = "a name that is no string";
    REFUSES_ALL(CD_ERR_FORMAT, wrong, "\x80\4\x8C\5torchN\x93.");
    REFUSES_ALL(CD_ERR_FORMAT, wrong, "\x80\4N\x8C\4Size\x93.");
    REFUSES_ALL(CD_ERR_FORMAT, "the stack is empty", "\x80\4\x8C\4Size\x93.");
    REFUSES_ALL(CD_ERR_FORMAT, "the stack is empty", "\x80\4\x93.");
    REFUSES_ALL(CD_ERR_UNSUPPORTED, "it names os.system, which is never loaded",
                "\x80\4\x8C\2os\x8C\6system\x93.");
}

static void is_integer(const char *body, size_t size, int64_t expected)
{
    char pickle[100] = "\x80\x02";
    machine m;
    memcpy(pickle + 2, body, size);
    pickle[size + 2] = '.';
    assert_that(run(&m, pickle, size + 3), "%s", cd_error_message());
    assert_int_equal(result(&m)->kind, CD_PICKLE_INTEGER);
    assert_true(result(&m)->as.integer == expected);
    end(&m);
}
#define INTEGER(expected_, body_) is_integer(body_, sizeof(body_) - 1, expected_)

/* Python 2 writes integers of more than 32 bits as lines. */
static void integers_as_lines(void **state)
{
    (void)state;
    INTEGER(94000000000000, "I94000000000000\n");
    INTEGER(-5, "I-5\n");
    INTEGER(0, "I0\n");
    INTEGER(INT64_MAX, "I9223372036854775807\n");
    INTEGER(INT64_MIN, "I-9223372036854775808\n");
    machine m;
    RUN_BODY(&m, "I01\n");
    assert_int_equal(result(&m)->kind, CD_PICKLE_BOOL);
    assert_int_equal(result(&m)->as.integer, 1);
    end(&m);
    static const char wrong[] = "a number that is none, or has over 64 bits";
    REFUSES(wrong, "I9223372036854775808\n");
    REFUSES(wrong, "I-9223372036854775809\n");
    REFUSES(wrong, "I\n");
    REFUSES(wrong, "I-\n");
    REFUSES(wrong, "I1x\n");
    REFUSES(wrong, "I+1\n");
    REFUSES(wrong, "I1 \n");
    REFUSES("a name that does not end", "I1");
    REFUSES("a name that does not end", "I0000000000000000000000000000001\n");
}

/* POP, POP_MARK and DUP, which picklers write for tuples that lie in themselves. */
static void what_lies_on_the_stack_is_removed(void **state)
{
    (void)state;
    INTEGER(1, "K\1K\0020");
    INTEGER(1, "K\1(K\2K\0031");
    INTEGER(1, "K\1(0");
    INTEGER(1, "K\00120");
    INTEGER(2, "K\2(1");
    REFUSES("the stack is empty", "0");
    REFUSES("there is no mark", "K\0011");
    REFUSES("the stack is empty", "2");
    REFUSES("the stack is empty", "(2");
    REFUSES("STOP leaves 2 values", "K\0012");
}

static void long_texts_of_protocol_4(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, "\x8D\2\0\0\0\0\0\0\0ab");
    assert_true(cd_pickle_text_is(&m.pickle, m.value, "ab"));
    end(&m);
    REFUSES("it ends within an opcode", "\x8D\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_protocol_comes_first),
        TEST(protocol_4_has_its_own_names_and_memo),
        TEST(stop_leaves_one_value),
        TEST(the_cursor_stands_behind_stop),
        TEST(the_memo_does_not_reach_into_the_next),
        TEST(every_other_opcode_is_refused),
        TEST(errors_name_the_byte),
        TEST(an_empty_stack_is_an_error),
        TEST(nothing_reaches_below_a_mark),
        TEST(marks_are_needed),
        TEST(too_many_marks),
        TEST(too_high_a_stack),
        TEST(the_memo_gives_the_same_value),
        TEST(a_put_leaves_its_value),
        TEST(missing_memo_slots),
        TEST(values_stay_within_the_budget),
        TEST(copying_dicts_stays_within_the_budget),
        TEST(truncations_and_mutants_do_no_harm),
        TEST(no_memory_is_an_error),
        TEST(no_memory_is_an_error_at_whatever_opcode),
        TEST(opcodes_cut_short),
        TEST(a_stacked_name_is_two_strings),
        TEST(integers_as_lines),
        TEST(what_lies_on_the_stack_is_removed),
        TEST(long_texts_of_protocol_4),
    };
    return RUN(tests);
}
