/* For tests of the pickle machine: running pickles that are written as string literals.
 *
 * A literal has the bytes of the opcodes; io/pickle.c has the list with their names. For example
 * "}U\1aK\2s" makes an empty dict, the string "a" (SHORT_BINSTRING) and the integer 2 (BININT1),
 * and SETITEM makes the dict {"a": 2} of them. '(' is MARK, and ')' is EMPTY_TUPLE. python3 -m
 * pickletools prints the opcodes of a pickle. */
#ifndef CANDELA_TESTS_PICKLE_MACHINE_H
#define CANDELA_TESTS_PICKLE_MACHINE_H

#include "hostile.h"

#include "io/pickle_internal.h"

typedef struct machine {
    cd_bytes bytes;
    cd_budget budget;
    cd_pickle pickle;
    cd_cursor cursor;
    cd_pickle_id value;
} machine;

/* The persistent_load of these tests: a tuple of n items is storage number n, of float32. */
static inline bool any_storage(cd_pickle *p, cd_pickle_id id, cd_pickle_id *out, void *user)
{
    (void)user;
    const cd_pickle_value *tuple = cd_pickle_value_of(p, id);
    if (tuple->kind != CD_PICKLE_TUPLE) return cd_pickle_fail(p, CD_ERR_FORMAT, "no tuple");
    cd_pickle_value storage = { .kind = CD_PICKLE_STORAGE, .dtype = CD_FILE_F32 };
    storage.as.index = tuple->count;
    return cd_pickle_new(p, storage, out);
}

/* Runs a pickle. False with an error; end() must be called in any case. */
static inline bool run(machine *m, const void *pickle, size_t size)
{
    cd_bytes_borrow(&m->bytes, "p.pkl", pickle, size);
    m->budget = (cd_budget){ .limit = CD_BUDGET_DEFAULT, .label = "p.pkl" };
    m->cursor = cd_cursor_over(&m->bytes);
    cd_pickle_start(&m->pickle, &m->budget, any_storage, NULL);
    return cd_pickle_run(&m->pickle, &m->cursor, &m->value);
}

/* Releases the machine, and checks that it gave its memory back. */
static inline void end(machine *m)
{
    cd_pickle_release(&m->pickle);
    assert_int_equal(m->budget.used, 0);
}

/* Runs the pickle PROTO 2, `body`, STOP, which must succeed. */
#define RUN_BODY(machine_, body_)                                                                  \
    do {                                                                                           \
        (void)run((machine_), "\x80\x02" body_ ".", sizeof("\x80\x02" body_ ".") - 1);             \
        assert_ok();                                                                               \
    } while (0)

/* Check that a pickle is refused with this code, and with this text in the error. REFUSES_ALL takes
 * a whole pickle, the other two a body without PROTO 2 and STOP. */
#define REFUSES_ALL(code_, text_, all_)                                                            \
    do {                                                                                           \
        machine m_;                                                                                \
        assert_false(run(&m_, all_, sizeof(all_) - 1));                                            \
        end(&m_);                                                                                  \
        assert_failed_with(code_, text_);                                                          \
    } while (0)
#define REFUSES_AS(code_, text_, body_) REFUSES_ALL(code_, text_, "\x80\x02" body_ ".")
#define REFUSES(text_, body_)           REFUSES_AS(CD_ERR_FORMAT, text_, body_)

/* The value that the pickle made. */
static inline const cd_pickle_value *result(const machine *m)
{
    return cd_pickle_value_of(&m->pickle, m->value);
}

/* Parts of pickles. */
#define STORAGE      ")Q" /* BINPERSID of the persistent id () */
#define REBUILD      "ctorch._utils\n_rebuild_tensor_v2\n"
/* (storage, offset 0, size (2,), stride (1,), requires_grad False, hooks None) */
#define TENSOR_ARGS  "(" STORAGE "K\0K\2\x85K\1\x85\x89Nt"
#define TENSOR       REBUILD TENSOR_ARGS "R"
#define ORDERED_DICT "ccollections\nOrderedDict\n"
#define PARAMETER    "ctorch.nn.parameter\nParameter\n"

#endif
