/* Step 5 of cd_load (checkpoint.c): runs the opcodes of a pickle.
 *
 * Every operand is checked against the bytes that are left, every pop against the stack and the
 * last mark, and every index against the memo. The limits below bound time and memory; memory is
 * also charged to the archive's budget. */
#include "io/pickle_internal.h"

#include <string.h>

#include "core/memory_internal.h"

enum {
    OPCODES_MAX = 50000000,
    STACK_MAX = 1000000,
    MARKS_MAX = 1000,
    NAME_LINE_MAX = 256, /* bytes of a line of GLOBAL, its newline included */
    INTEGER_LINE_MAX = 24
};

/* The opcodes that are run, by their names in Python's pickletools. */
enum opcode {
    OP_PROTO = 0x80, /* u8 protocol */
    OP_STOP = '.',

    OP_NONE = 'N',
    OP_NEWTRUE = 0x88,
    OP_NEWFALSE = 0x89,
    OP_BININT = 'J',          /* i32 */
    OP_BININT1 = 'K',         /* u8 */
    OP_BININT2 = 'M',         /* u16 */
    OP_INT = 'I',             /* a line: a decimal number. Python 2 writes it where 32 bits are too
                                   few */
    OP_LONG1 = 0x8A,          /* u8 size, then the integer, two's complement, low byte first */
    OP_LONG4 = 0x8B,          /* the same with a u32 size */
    OP_BINFLOAT = 'G',        /* a double, high byte first */
    OP_BINSTRING = 'T',       /* i32 size, then a str of Python 2 */
    OP_SHORT_BINSTRING = 'U', /* the same with a u8 size */
    OP_BINUNICODE = 'X',      /* u32 size, then UTF-8 */
    OP_SHORT_BINUNICODE = 0x8C, /* the same with a u8 size */
    OP_BINUNICODE8 = 0x8D,      /* the same with a u64 size */
    OP_BINBYTES = 'B',          /* u32 size, then bytes */
    OP_SHORT_BINBYTES = 'C',    /* the same with a u8 size */
    OP_BINBYTES8 = 0x8E,        /* the same with a u64 size */
    OP_BYTEARRAY8 = 0x96,       /* u64 size, then bytes */
    OP_GLOBAL = 'c',            /* two lines: the module and the name */
    OP_STACK_GLOBAL = 0x93,     /* module and name are strings on the stack */

    OP_MARK = '(',
    OP_EMPTY_TUPLE = ')',
    OP_TUPLE1 = 0x85,
    OP_TUPLE2 = 0x86,
    OP_TUPLE3 = 0x87,
    OP_TUPLE = 't', /* of everything above the last mark, as in APPENDS, SETITEMS and ADDITEMS */
    OP_EMPTY_LIST = ']',
    OP_APPEND = 'a',
    OP_APPENDS = 'e',
    OP_EMPTY_DICT = '}',
    OP_SETITEM = 's',
    OP_SETITEMS = 'u',
    OP_EMPTY_SET = 0x8F,
    OP_ADDITEMS = 0x90,
    OP_FROZENSET = 0x91,

    OP_POP = '0',      /* removes the top, or a mark that lies there */
    OP_POP_MARK = '1', /* removes everything from the last mark on */
    OP_DUP = '2',

    OP_BINPUT = 'q',      /* u8 index: memo[index] = the top of the stack, which stays */
    OP_LONG_BINPUT = 'r', /* the same with a u32 index */
    OP_MEMOIZE = 0x94,    /* the same at the end of the memo */
    OP_BINGET = 'h',      /* u8 index: pushes memo[index] */
    OP_LONG_BINGET = 'j', /* the same with a u32 index */

    OP_REDUCE = 'R',
    OP_OBJ = 'o', /* a class and its arguments lie above the mark. Python 2 writes it for instances
                     of classes that are not derived from object */
    OP_NEWOBJ = 0x81,
    OP_NEWOBJ_EX = 0x92, /* NEWOBJ with a dict of named arguments */
    OP_BUILD = 'b',
    OP_BINPERSID = 'Q', /* replaces the persistent id on top of the stack by what it stands for */
    OP_FRAME = 0x95     /* u64: how many bytes a reader may fetch at once; ignored */
};

/* --- stack, marks and memo -------------------------------------------------------------------- */

static bool push(cd_pickle *p, cd_pickle_id value)
{
    if (p->height == STACK_MAX) return cd_pickle_fail(p, CD_ERR_FORMAT, "the stack is too high");
    if (!cd_budget_grow(p->budget, &p->stack, &p->stack_capacity, p->height + 1,
                        sizeof *p->stack)) {
        return false;
    }
    p->stack[p->height++] = value;
    return true;
}

static bool push_new(cd_pickle *p, cd_pickle_value value)
{
    cd_pickle_id id;
    return cd_pickle_new(p, value, &id) && push(p, id);
}

/* The height of the stack at the last mark: no opcode may pop what lies below. */
static size_t stack_floor(const cd_pickle *p)
{
    return p->mark_count ? p->marks[p->mark_count - 1] : 0;
}

static bool pop(cd_pickle *p, cd_pickle_id *value)
{
    if (p->height <= stack_floor(p)) return cd_pickle_fail(p, CD_ERR_FORMAT, "the stack is empty");
    *value = p->stack[--p->height];
    return true;
}

static bool top(const cd_pickle *p, cd_pickle_id *value)
{
    if (p->height <= stack_floor(p)) return cd_pickle_fail(p, CD_ERR_FORMAT, "the stack is empty");
    *value = p->stack[p->height - 1];
    return true;
}

static bool push_mark(cd_pickle *p)
{
    if (p->mark_count == MARKS_MAX) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "more than %d marks are open", MARKS_MAX);
    }
    if (!cd_budget_grow(p->budget, &p->marks, &p->mark_capacity, p->mark_count + 1,
                        sizeof *p->marks)) {
        return false;
    }
    p->marks[p->mark_count++] = (uint32_t)p->height;
    return true;
}

/* Removes the last mark. The items above it begin at stack[*from] and stay until the caller lowers
 * the height of the stack. */
static bool pop_mark(cd_pickle *p, size_t *from)
{
    if (p->mark_count == 0) return cd_pickle_fail(p, CD_ERR_FORMAT, "there is no mark");
    *from = p->marks[--p->mark_count];
    return true;
}

/* Writers count memo indices up from 0, and each put takes at least one byte, so no index is larger
 * than the pickle's size in bytes. */
static bool put(cd_pickle *p, uint32_t index)
{
    cd_pickle_id value = CD_PICKLE_NO_VALUE;
    if (!top(p, &value)) return false;
    if (index >= p->cursor.end - p->begin) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "the memo's slot %u is out of range",
                              (unsigned)index);
    }
    if (!cd_budget_grow(p->budget, &p->memo, &p->memo_capacity, (size_t)index + 1,
                        sizeof *p->memo)) {
        return false;
    }
    while (p->memo_size <= index) p->memo[p->memo_size++] = CD_PICKLE_NO_VALUE;
    p->memo[index] = value;
    return true;
}

static bool get(cd_pickle *p, uint32_t index)
{
    if (index >= p->memo_size || p->memo[index] == CD_PICKLE_NO_VALUE) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "nothing was put in the memo's slot %u",
                              (unsigned)index);
    }
    return push(p, p->memo[index]);
}

/* --- constants -------------------------------------------------------------------------------- */

static bool need(cd_pickle *p, uint64_t size)
{
    if (size <= cd_cursor_left(&p->cursor)) return true;
    p->starved = true;
    return cd_pickle_fail(p, CD_ERR_FORMAT, "it ends within an opcode");
}

static bool push_integer(cd_pickle *p, int64_t integer)
{
    cd_pickle_value value = { .kind = CD_PICKLE_INTEGER };
    value.as.integer = integer;
    return push_new(p, value);
}

static bool push_bool(cd_pickle *p, bool truth)
{
    cd_pickle_value value = { .kind = CD_PICKLE_BOOL };
    value.as.integer = truth;
    return push_new(p, value);
}

/* An integer of `size` bytes, two's complement, low byte first. One of more than 8 bytes is not
 * converted: the value points to its bytes. */
static bool push_long(cd_pickle *p, uint32_t size)
{
    if (!need(p, size)) return false;
    size_t at = p->cursor.at;
    p->cursor.at += size;
    if (size > 8) {
        cd_pickle_value value = { .kind = CD_PICKLE_LONG, .count = size };
        value.as.text_at = at;
        return push_new(p, value);
    }
    const unsigned char *bytes = p->cursor.bytes->data + at;
    uint64_t integer = cd_load_le(bytes, (int)size);
    if (size > 0 && size < 8 && bytes[size - 1] >= 0x80) integer |= UINT64_MAX << (8 * size);
    return push_integer(p, (int64_t)integer);
}

static bool push_float(cd_pickle *p)
{
    if (!need(p, 8)) return false;
    uint64_t bits = cd_cursor_u64be(&p->cursor);
    cd_pickle_value value = { .kind = CD_PICKLE_FLOAT };
    memcpy(&value.as.real, &bits, sizeof bits);
    return push_new(p, value);
}

static bool push_text(cd_pickle *p, uint64_t size)
{
    if (!need(p, size)) return false;
    if (size > UINT32_MAX) return cd_pickle_fail(p, CD_ERR_FORMAT, "a string of more than 4 GB");
    const unsigned char *text = p->cursor.bytes->data + p->cursor.at;
    cd_pickle_value value = { .kind = CD_PICKLE_TEXT, .count = (uint32_t)size };
    value.is_c_string = !memchr(text, 0, (size_t)size) && cd_utf8_valid(text, (size_t)size);
    value.as.text_at = p->cursor.at;
    p->cursor.at += (size_t)size;
    return push_new(p, value);
}

/* Skips `size` bytes and pushes an opaque value for them. */
static bool push_opaque(cd_pickle *p, uint64_t size)
{
    if (!need(p, size)) return false;
    p->cursor.at += (size_t)size;
    return push_new(p, (cd_pickle_value){ .kind = CD_PICKLE_OPAQUE });
}

static bool push_binstring(cd_pickle *p)
{
    if (!need(p, 4)) return false;
    uint32_t size = cd_cursor_u32le(&p->cursor);
    if (size > INT32_MAX) return cd_pickle_fail(p, CD_ERR_FORMAT, "a string of negative length");
    return push_text(p, size);
}

/* The bytes up to the next newline, which comes within `most` bytes, and moves behind it. */
static bool read_line(cd_pickle *p, size_t most, const char **line, size_t *size)
{
    const unsigned char *start = p->cursor.bytes->data + p->cursor.at;
    size_t left = cd_cursor_left(&p->cursor);
    const unsigned char *end = memchr(start, '\n', left < most ? left : most);
    if (!end) {
        p->starved = left < most;
        return cd_pickle_fail(p, CD_ERR_FORMAT, "a name that does not end");
    }
    *line = (const char *)start;
    *size = (size_t)(end - start);
    p->cursor.at += *size + 1;
    return true;
}

/* INT: a decimal number on a line; "00" and "01" are False and True. */
static bool push_decimal(cd_pickle *p)
{
    const char *line = NULL;
    size_t size = 0;
    int64_t value = 0;
    if (!read_line(p, INTEGER_LINE_MAX, &line, &size)) return false;
    if (size == 2 && line[0] == '0' && (line[1] == '0' || line[1] == '1')) {
        return push_bool(p, line[1] == '1');
    }
    bool minus = size > 0 && line[0] == '-', good = size > (minus ? 1 : 0);
    for (size_t i = minus ? 1 : 0; good && i < size; i++) {
        int digit = line[i] - '0';
        good = digit >= 0 && digit <= 9 && cd_checked_mul_i64(value, 10, &value) &&
               cd_checked_add_i64(value, minus ? -digit : digit, &value);
    }
    return good ? push_integer(p, value)
                : cd_pickle_fail(p, CD_ERR_FORMAT, "a number that is none, or has over 64 bits");
}

/* Pushes what a name stands for: a function or class of the list, or one that is only noted. */
static bool push_name(cd_pickle *p, const char *module, size_t module_size, const char *name,
                      size_t name_size)
{
    cd_pickle_value value = { .kind = CD_PICKLE_GLOBAL };
    if (cd_pickle_find_global(module, module_size, name, name_size, &value.as.index)) {
        return push_new(p, value);
    }
    if (!cd_pickle_may_name(p, module, module_size, name, name_size) ||
        !cd_budget_grow(p->budget, &p->names, &p->name_capacity, p->name_count + 1,
                        sizeof *p->names)) {
        return false;
    }
    const char *bytes = (const char *)p->cursor.bytes->data;
    value = (cd_pickle_value){ .kind = CD_PICKLE_NAME };
    value.as.index = (uint32_t)p->name_count;
    p->names[p->name_count++] = (cd_pickle_name){ .module_at = (uint64_t)(module - bytes),
                                                  .name_at = (uint64_t)(name - bytes),
                                                  .module_size = (uint32_t)module_size,
                                                  .name_size = (uint32_t)name_size };
    return push_new(p, value);
}

static bool push_global(cd_pickle *p)
{
    const char *module = NULL, *name = NULL;
    size_t module_size = 0, name_size = 0;
    return read_line(p, NAME_LINE_MAX, &module, &module_size) &&
           read_line(p, NAME_LINE_MAX, &name, &name_size) &&
           push_name(p, module, module_size, name, name_size);
}

/* GLOBAL of protocol 4: module and name are strings on the stack. */
static bool push_stack_global(cd_pickle *p)
{
    cd_pickle_id first = CD_PICKLE_NO_VALUE, second = CD_PICKLE_NO_VALUE;
    const char *module = NULL, *name = NULL;
    size_t module_size = 0, name_size = 0;
    if (!pop(p, &second) || !pop(p, &first)) return false;
    if (!cd_pickle_text(p, first, &module, &module_size) ||
        !cd_pickle_text(p, second, &name, &name_size)) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "a name that is no string");
    }
    return push_name(p, module, module_size, name, name_size);
}

/* --- containers ------------------------------------------------------------------------------- */

/* Replaces the items from stack[from] on by a tuple of them. */
static bool push_tuple(cd_pickle *p, size_t from)
{
    cd_pickle_id tuple;
    uint32_t count = (uint32_t)(p->height - from);
    const cd_pickle_id *items = count > 0 ? p->stack + from : NULL; /* p->stack may still be NULL */
    if (!cd_pickle_tuple(p, items, count, &tuple)) return false;
    p->height = from;
    return push(p, tuple);
}

static bool tuple_of(cd_pickle *p, size_t count)
{
    if (p->height - stack_floor(p) < count)
        return cd_pickle_fail(p, CD_ERR_FORMAT, "the stack is empty");
    return push_tuple(p, p->height - count);
}

static bool tuple_from_mark(cd_pickle *p)
{
    size_t from = 0;
    return pop_mark(p, &from) && push_tuple(p, from);
}

static bool empty_tuple(cd_pickle *p)
{
    return push_tuple(p, p->height);
}

/* The container below the items from stack[from] on; it must be of this kind. */
static bool container_below(const cd_pickle *p, size_t from, cd_pickle_kind kind,
                            cd_pickle_id *container)
{
    if (from <= stack_floor(p)) return cd_pickle_fail(p, CD_ERR_FORMAT, "the stack is empty");
    *container = p->stack[from - 1];
    cd_pickle_kind found = (cd_pickle_kind)cd_pickle_value_of(p, *container)->kind;
    if (found == kind) return true;
    return cd_pickle_fail(p, CD_ERR_FORMAT, "items of %s are added to %s",
                          cd_pickle_kind_name(kind), cd_pickle_kind_name(found));
}

/* The kind of the container below the items from stack[from] on. False with an error if nothing
 * is there. */
static bool kind_below(const cd_pickle *p, size_t from, cd_pickle_kind *kind)
{
    if (from <= stack_floor(p)) return cd_pickle_fail(p, CD_ERR_FORMAT, "the stack is empty");
    *kind = (cd_pickle_kind)cd_pickle_value_of(p, p->stack[from - 1])->kind;
    return true;
}

/* Appends the items from stack[from] on to the list below them. Those of an unknown class derived
 * from list are dropped. */
static bool append_from(cd_pickle *p, size_t from)
{
    cd_pickle_id list;
    cd_pickle_kind kind = CD_PICKLE_LIST;
    if (!kind_below(p, from, &kind)) return false;
    if (kind != CD_PICKLE_OBJECT) {
        if (!container_below(p, from, CD_PICKLE_LIST, &list)) return false;
        for (size_t i = from; i < p->height; i++) {
            if (!cd_pickle_append(p, list, p->stack[i])) return false;
        }
    }
    p->height = from;
    return true;
}

/* The dict below the items from stack[from] on, or the items of an object there. */
static bool dict_below(cd_pickle *p, size_t from, cd_pickle_id *dict)
{
    cd_pickle_kind kind = CD_PICKLE_DICT;
    if (!kind_below(p, from, &kind)) return false;
    if (kind != CD_PICKLE_OBJECT) return container_below(p, from, CD_PICKLE_DICT, dict);
    uint32_t object = cd_pickle_value_of(p, p->stack[from - 1])->as.index;
    if (p->objects[object].items == CD_PICKLE_NO_VALUE &&
        !cd_pickle_new(p, (cd_pickle_value){ .kind = CD_PICKLE_DICT }, &p->objects[object].items)) {
        return false;
    }
    *dict = p->objects[object].items;
    return true;
}

/* Puts the keys and values from stack[from] on into the dict below them. A key that is there
 * already is added once more: the readers of the dict decide which of them counts. */
static bool set_from(cd_pickle *p, size_t from)
{
    cd_pickle_id dict = CD_PICKLE_NO_VALUE;
    if (!dict_below(p, from, &dict)) return false;
    if ((p->height - from) % 2 != 0) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "a key without a value");
    }
    for (size_t i = from; i < p->height; i++) {
        cd_pickle_kind kind = (cd_pickle_kind)cd_pickle_value_of(p, p->stack[i])->kind;
        if ((i - from) % 2 == 0 && (kind == CD_PICKLE_LIST || kind == CD_PICKLE_DICT)) {
            return cd_pickle_fail(p, CD_ERR_FORMAT, "%s as a key", cd_pickle_kind_name(kind));
        }
        if (!cd_pickle_append(p, dict, p->stack[i])) return false;
    }
    p->height = from;
    return true;
}

static bool items_from_mark(cd_pickle *p, bool dict)
{
    size_t from = 0;
    return pop_mark(p, &from) && (dict ? set_from(p, from) : append_from(p, from));
}

/* ADDITEMS: puts the items above the mark into the set below it. */
static bool add_to_set(cd_pickle *p)
{
    size_t from = 0;
    cd_pickle_id set = CD_PICKLE_NO_VALUE;
    if (!pop_mark(p, &from) || !container_below(p, from, CD_PICKLE_SET, &set)) return false;
    for (size_t i = from; i < p->height; i++) {
        if (!cd_pickle_append(p, set, p->stack[i])) return false;
    }
    p->height = from;
    return true;
}

/* FROZENSET: replaces the items above the mark by a set of them. */
static bool set_from_mark(cd_pickle *p)
{
    size_t from = 0;
    cd_pickle_id set = CD_PICKLE_NO_VALUE;
    if (!pop_mark(p, &from) ||
        !cd_pickle_new(p, (cd_pickle_value){ .kind = CD_PICKLE_SET }, &set)) {
        return false;
    }
    for (size_t i = from; i < p->height; i++) {
        if (!cd_pickle_append(p, set, p->stack[i])) return false;
    }
    p->height = from;
    return push(p, set);
}

/* POP. Where a mark lies on top it is removed, as in Python. */
static bool pop_one(cd_pickle *p)
{
    cd_pickle_id dropped;
    if (p->mark_count > 0 && p->height == p->marks[p->mark_count - 1]) {
        p->mark_count--;
        return true;
    }
    return pop(p, &dropped);
}

static bool duplicate(cd_pickle *p)
{
    cd_pickle_id value = CD_PICKLE_NO_VALUE;
    return top(p, &value) && push(p, value);
}

static bool pop_to_mark(cd_pickle *p)
{
    size_t from = 0;
    if (!pop_mark(p, &from)) return false;
    p->height = from;
    return true;
}

static bool items_on_top(cd_pickle *p, bool dict)
{
    size_t count = dict ? 2 : 1;
    if (p->height - stack_floor(p) <= count)
        return cd_pickle_fail(p, CD_ERR_FORMAT, "the stack is empty");
    return dict ? set_from(p, p->height - count) : append_from(p, p->height - count);
}

/* --- objects ---------------------------------------------------------------------------------- */

typedef bool make(cd_pickle *pickle, cd_pickle_id class, cd_pickle_id arguments, cd_pickle_id *out);

static bool make_object(cd_pickle *p, make *function)
{
    cd_pickle_id class = CD_PICKLE_NO_VALUE, arguments = CD_PICKLE_NO_VALUE,
                 made = CD_PICKLE_NO_VALUE;
    return pop(p, &arguments) && pop(p, &class) && function(p, class, arguments, &made) &&
           push(p, made);
}

/* OBJ. Such classes are not on the list. */
static bool make_instance(cd_pickle *p)
{
    size_t from = 0;
    if (!pop_mark(p, &from)) return false;
    if (from == p->height) return cd_pickle_fail(p, CD_ERR_FORMAT, "OBJ without a class");
    cd_pickle_id class = p->stack[from], made = CD_PICKLE_NO_VALUE;
    p->height = from;
    if (cd_pickle_value_of(p, class)->kind != CD_PICKLE_NAME) {
        return cd_pickle_fail(
            p, CD_ERR_FORMAT, "OBJ of %s",
            cd_pickle_kind_name((cd_pickle_kind)cd_pickle_value_of(p, class)->kind));
    }
    return cd_pickle_new_object(p, class, &made) && push(p, made);
}

/* NEWOBJ_EX. The named arguments are dropped; only classes that are not on the list have any. */
static bool make_object_named(cd_pickle *p)
{
    cd_pickle_id class = CD_PICKLE_NO_VALUE, dropped = CD_PICKLE_NO_VALUE,
                 made = CD_PICKLE_NO_VALUE;
    if (!pop(p, &dropped) || !pop(p, &dropped) || !pop(p, &class)) return false;
    if (cd_pickle_value_of(p, class)->kind != CD_PICKLE_NAME) {
        return cd_pickle_fail(
            p, CD_ERR_FORMAT, "NEWOBJ_EX of %s",
            cd_pickle_kind_name((cd_pickle_kind)cd_pickle_value_of(p, class)->kind));
    }
    return cd_pickle_new_object(p, class, &made) && push(p, made);
}

static bool build_object(cd_pickle *p)
{
    cd_pickle_id state = CD_PICKLE_NO_VALUE, object = CD_PICKLE_NO_VALUE;
    return pop(p, &state) && top(p, &object) && cd_pickle_build(p, object, state);
}

static bool load_persistent(cd_pickle *p)
{
    cd_pickle_id id = CD_PICKLE_NO_VALUE, made = CD_PICKLE_NO_VALUE;
    return pop(p, &id) && p->persistent_load(p, id, &made, p->user) && push(p, made);
}

/* --- the loop --------------------------------------------------------------------------------- */

/* The opcodes in three groups. *known is set to whether the opcode belongs to the group; if it does
 * not, nothing happens. */
static bool run_constant(cd_pickle *p, uint8_t op, bool *known)
{
    *known = true;
    switch (op) {
    case OP_NONE:
        return push_new(p, (cd_pickle_value){ .kind = CD_PICKLE_NONE });
    case OP_NEWTRUE:
        return push_bool(p, true);
    case OP_NEWFALSE:
        return push_bool(p, false);
    case OP_BININT:
        return need(p, 4) && push_integer(p, (int32_t)cd_cursor_u32le(&p->cursor));
    case OP_BININT1:
        return need(p, 1) && push_integer(p, cd_cursor_u8(&p->cursor));
    case OP_BININT2:
        return need(p, 2) && push_integer(p, cd_cursor_u16le(&p->cursor));
    case OP_INT:
        return push_decimal(p);
    case OP_LONG1:
        return need(p, 1) && push_long(p, cd_cursor_u8(&p->cursor));
    case OP_LONG4:
        return need(p, 4) && push_long(p, cd_cursor_u32le(&p->cursor));
    case OP_BINFLOAT:
        return push_float(p);
    case OP_BINUNICODE:
        return need(p, 4) && push_text(p, cd_cursor_u32le(&p->cursor));
    case OP_SHORT_BINSTRING:
    case OP_SHORT_BINUNICODE:
        return need(p, 1) && push_text(p, cd_cursor_u8(&p->cursor));
    case OP_BINSTRING:
        return push_binstring(p);
    case OP_BINUNICODE8:
        return need(p, 8) && push_text(p, cd_cursor_u64le(&p->cursor));
    case OP_BINBYTES:
        return need(p, 4) && push_opaque(p, cd_cursor_u32le(&p->cursor));
    case OP_SHORT_BINBYTES:
        return need(p, 1) && push_opaque(p, cd_cursor_u8(&p->cursor));
    case OP_BINBYTES8:
    case OP_BYTEARRAY8:
        return need(p, 8) && push_opaque(p, cd_cursor_u64le(&p->cursor));
    case OP_GLOBAL:
        return push_global(p);
    case OP_STACK_GLOBAL:
        return push_stack_global(p);
    default:
        *known = false;
        return true;
    }
}

static bool run_container(cd_pickle *p, uint8_t op, bool *known)
{
    *known = true;
    switch (op) {
    case OP_MARK:
        return push_mark(p);
    case OP_EMPTY_TUPLE:
        return empty_tuple(p);
    case OP_TUPLE1:
        return tuple_of(p, 1);
    case OP_TUPLE2:
        return tuple_of(p, 2);
    case OP_TUPLE3:
        return tuple_of(p, 3);
    case OP_TUPLE:
        return tuple_from_mark(p);
    case OP_EMPTY_LIST:
        return push_new(p, (cd_pickle_value){ .kind = CD_PICKLE_LIST });
    case OP_APPEND:
        return items_on_top(p, false);
    case OP_APPENDS:
        return items_from_mark(p, false);
    case OP_EMPTY_DICT:
        return push_new(p, (cd_pickle_value){ .kind = CD_PICKLE_DICT });
    case OP_SETITEM:
        return items_on_top(p, true);
    case OP_SETITEMS:
        return items_from_mark(p, true);
    case OP_EMPTY_SET:
        return push_new(p, (cd_pickle_value){ .kind = CD_PICKLE_SET });
    case OP_ADDITEMS:
        return add_to_set(p);
    case OP_FROZENSET:
        return set_from_mark(p);
    case OP_POP:
        return pop_one(p);
    case OP_POP_MARK:
        return pop_to_mark(p);
    case OP_DUP:
        return duplicate(p);
    default:
        *known = false;
        return true;
    }
}

static bool run_other(cd_pickle *p, uint8_t op)
{
    switch (op) {
    case OP_BINPUT:
        return need(p, 1) && put(p, cd_cursor_u8(&p->cursor));
    case OP_LONG_BINPUT:
        return need(p, 4) && put(p, cd_cursor_u32le(&p->cursor));
    case OP_BINGET:
        return need(p, 1) && get(p, cd_cursor_u8(&p->cursor));
    case OP_LONG_BINGET:
        return need(p, 4) && get(p, cd_cursor_u32le(&p->cursor));
    case OP_REDUCE:
        return make_object(p, cd_pickle_reduce);
    case OP_OBJ:
        return make_instance(p);
    case OP_NEWOBJ:
        return make_object(p, cd_pickle_newobj);
    case OP_NEWOBJ_EX:
        return make_object_named(p);
    case OP_BUILD:
        return build_object(p);
    case OP_BINPERSID:
        return load_persistent(p);
    case OP_MEMOIZE:
        return put(p, (uint32_t)p->memo_size);
    case OP_FRAME:
        return need(p, 8) && (cd_cursor_u64le(&p->cursor), true);
    default:
        return cd_pickle_fail(p, CD_ERR_UNSUPPORTED,
                              "the opcode %02x, which torch.save does not write, is not supported",
                              (unsigned)op);
    }
}

static bool run_opcode(cd_pickle *p, uint8_t op)
{
    bool known;
    if (!run_constant(p, op, &known)) return false;
    if (known) return true;
    if (!run_container(p, op, &known)) return false;
    return known || run_other(p, op);
}

static bool check_protocol(cd_pickle *p)
{
    p->starved = cd_cursor_left(&p->cursor) < 2;
    if (p->starved || cd_cursor_u8(&p->cursor) != OP_PROTO) {
        return cd_pickle_fail(p, CD_ERR_FORMAT,
                              "it does not begin with a protocol number: only pickles of the "
                              "protocols 2 to 5 are read");
    }
    uint8_t version = cd_cursor_u8(&p->cursor);
    if (version >= 2 && version <= 5) return true;
    return cd_pickle_fail(p, CD_ERR_UNSUPPORTED,
                          "its protocol is %u, and 2 to 5 are read: torch.save writes 2 unless it "
                          "is told otherwise",
                          (unsigned)version);
}

static bool stop(cd_pickle *p, cd_pickle_id *value)
{
    if (p->height == 1 && p->mark_count == 0) {
        *value = p->stack[0];
        return true;
    }
    return cd_pickle_fail(p, CD_ERR_FORMAT,
                          "STOP leaves %zu values and %zu marks, and one value is "
                          "right",
                          p->height, p->mark_count);
}

bool cd_pickle_run(cd_pickle *p, cd_cursor *cursor, cd_pickle_id *value)
{
    p->cursor = *cursor;
    p->height = p->mark_count = p->memo_size = 0;
    p->begin = p->opcode_at = p->cursor.at;
    if (!check_protocol(p)) return false;
    for (int64_t count = 0; count < OPCODES_MAX; count++) {
        p->opcode_at = p->cursor.at;
        if (cd_cursor_left(&p->cursor) == 0) {
            p->starved = true;
            return cd_pickle_fail(p, CD_ERR_FORMAT, "it ends without STOP");
        }
        uint8_t op = cd_cursor_u8(&p->cursor);
        if (op == OP_STOP) {
            *cursor = p->cursor;
            return stop(p, value);
        }
        if (!run_opcode(p, op)) return false;
    }
    return cd_pickle_fail(p, CD_ERR_FORMAT, "more than %d opcodes", OPCODES_MAX);
}

void cd_pickle_start(cd_pickle *p, cd_budget *budget, cd_pickle_persistent_load *persistent_load,
                     void *user)
{
    *p = (cd_pickle){ .budget = budget, .persistent_load = persistent_load, .user = user };
}

void cd_pickle_forget(cd_pickle *p)
{
    p->value_count = p->cell_count = p->tensor_count = p->name_count = p->object_count = 0;
}

void cd_pickle_release(cd_pickle *p)
{
    cd_budget_release(p->budget, &p->names, &p->name_capacity, sizeof *p->names);
    cd_budget_release(p->budget, &p->objects, &p->object_capacity, sizeof *p->objects);
    cd_budget_release(p->budget, &p->values, &p->value_capacity, sizeof *p->values);
    cd_budget_release(p->budget, &p->cells, &p->cell_capacity, sizeof *p->cells);
    cd_budget_release(p->budget, &p->tensors, &p->tensor_capacity, sizeof *p->tensors);
    cd_budget_release(p->budget, &p->stack, &p->stack_capacity, sizeof *p->stack);
    cd_budget_release(p->budget, &p->memo, &p->memo_capacity, sizeof *p->memo);
    cd_budget_release(p->budget, &p->marks, &p->mark_capacity, sizeof *p->marks);
}
