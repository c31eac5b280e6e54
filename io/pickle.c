#include "io/pickle_internal.h"

#include <string.h>

enum {
    OPS_MAX = 50000000,
    STACK_MAX = 1000000,
    MARKS_MAX = 1000,
    NAME_LINE_MAX = 256,
    OP_PROTO = 0x80,
    OP_STOP = '.'
};

/* --- stack and memo ----------------------------------------------------------------------------
 */

static bool push(cd_pickle *p, cd_pickle_id value)
{
    if (p->height == STACK_MAX) return cd_pickle_fail(p, CD_ERR_FORMAT, "the stack is too high");
    if (!cd_budget_grow(p->budget, &p->stack, &p->stack_room, p->height + 1, sizeof *p->stack)) {
        return false;
    }
    p->stack[p->height++] = value;
    return true;
}

static bool push_new(cd_pickle *p, cd_pickle_value node)
{
    cd_pickle_id id;
    return cd_pickle_new(p, node, &id) && push(p, id);
}

/* The height below which an opcode may not reach: that of the last mark. */
static size_t ground(const cd_pickle *p)
{
    return p->mark_count ? p->marks[p->mark_count - 1] : 0;
}

static bool pop(cd_pickle *p, cd_pickle_id *value)
{
    if (p->height <= ground(p)) return cd_pickle_fail(p, CD_ERR_FORMAT, "the stack is empty");
    *value = p->stack[--p->height];
    return true;
}

static bool top(const cd_pickle *p, cd_pickle_id *value)
{
    if (p->height <= ground(p)) return cd_pickle_fail(p, CD_ERR_FORMAT, "the stack is empty");
    *value = p->stack[p->height - 1];
    return true;
}

static bool push_mark(cd_pickle *p)
{
    if (p->mark_count == MARKS_MAX) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "more than %d marks are open", MARKS_MAX);
    }
    if (!cd_budget_grow(p->budget, &p->marks, &p->mark_room, p->mark_count + 1, sizeof *p->marks)) {
        return false;
    }
    p->marks[p->mark_count++] = (uint32_t)p->height;
    return true;
}

/* Takes the last mark off: the items above it are stack[*from] and on, until the caller drops them.
 */
static bool pop_mark(cd_pickle *p, size_t *from)
{
    if (p->mark_count == 0) return cd_pickle_fail(p, CD_ERR_FORMAT, "there is no mark");
    *from = p->marks[--p->mark_count];
    return true;
}

/* Each put takes a byte at least, so a larger index than the pickle has bytes is no writer's. */
static bool put(cd_pickle *p, uint32_t index)
{
    cd_pickle_id value = CD_NO_NODE;
    if (!top(p, &value)) return false;
    if (index >= p->cursor.end - p->begin) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "the memo's slot %u is out of range",
                              (unsigned)index);
    }
    if (!cd_budget_grow(p->budget, &p->memo, &p->memo_room, (size_t)index + 1, sizeof *p->memo)) {
        return false;
    }
    while (p->memo_size <= index) p->memo[p->memo_size++] = CD_NO_NODE;
    p->memo[index] = value;
    return true;
}

static bool get(cd_pickle *p, uint32_t index)
{
    if (index >= p->memo_size || p->memo[index] == CD_NO_NODE) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "nothing was put in the memo's slot %u",
                              (unsigned)index);
    }
    return push(p, p->memo[index]);
}

/* --- constants -------------------------------------------------------------------------------- */

static bool need(cd_pickle *p, uint64_t size)
{
    if (size <= cd_cursor_left(&p->cursor)) return true;
    return cd_pickle_fail(p, CD_ERR_FORMAT, "it ends within an opcode");
}

static bool push_integer(cd_pickle *p, int64_t value)
{
    cd_pickle_value node = { .kind = CD_PICKLE_INTEGER };
    node.as.integer = value;
    return push_new(p, node);
}

static bool push_bool(cd_pickle *p, bool value)
{
    cd_pickle_value node = { .kind = CD_PICKLE_BOOL };
    node.as.integer = value;
    return push_new(p, node);
}

/* Two's complement, low byte first; what does not fit 64 bits stays in the file. */
static bool push_long(cd_pickle *p, uint32_t size)
{
    if (!need(p, size)) return false;
    size_t at = p->cursor.at;
    p->cursor.at += size;
    if (size > 8) {
        cd_pickle_value node = { .kind = CD_PICKLE_LONG, .count = size };
        node.as.text_at = at;
        return push_new(p, node);
    }
    const unsigned char *bytes = p->cursor.bytes->data + at;
    uint64_t value = cd_load_le(bytes, (int)size);
    if (size > 0 && size < 8 && bytes[size - 1] >= 0x80) value |= UINT64_MAX << (8 * size);
    return push_integer(p, (int64_t)value);
}

static bool push_float(cd_pickle *p)
{
    if (!need(p, 8)) return false;
    uint64_t bits = cd_cursor_u64be(&p->cursor);
    cd_pickle_value node = { .kind = CD_PICKLE_FLOAT };
    memcpy(&node.as.real, &bits, sizeof bits);
    return push_new(p, node);
}

static bool push_text(cd_pickle *p, uint64_t size)
{
    if (!need(p, size)) return false;
    const unsigned char *text = p->cursor.bytes->data + p->cursor.at;
    cd_pickle_value node = { .kind = CD_PICKLE_TEXT, .count = (uint32_t)size };
    node.sane = !memchr(text, 0, (size_t)size) && cd_utf8_valid(text, (size_t)size);
    node.as.text_at = p->cursor.at;
    p->cursor.at += (size_t)size;
    return push_new(p, node);
}

/* A value that nobody looks into, of which `size` bytes follow. */
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

/* A line up to its newline, without it: printable ASCII. */
static bool read_line(cd_pickle *p, const char **line, size_t *size)
{
    const unsigned char *start = p->cursor.bytes->data + p->cursor.at;
    size_t left = cd_cursor_left(&p->cursor);
    if (left > NAME_LINE_MAX) left = NAME_LINE_MAX;
    const unsigned char *end = memchr(start, '\n', left);
    if (!end) return cd_pickle_fail(p, CD_ERR_FORMAT, "a name that does not end");
    *line = (const char *)start;
    *size = (size_t)(end - start);
    p->cursor.at += *size + 1;
    return true;
}

static bool push_global(cd_pickle *p)
{
    const char *module = NULL, *name = NULL;
    size_t module_size = 0, name_size = 0;
    cd_pickle_value node = { .kind = CD_PICKLE_GLOBAL };
    return read_line(p, &module, &module_size) && read_line(p, &name, &name_size) &&
           cd_pickle_find_global(p, module, module_size, name, name_size, &node.as.index) &&
           push_new(p, node);
}

/* Module and name are strings on the stack (protocol 4). */
static bool push_stack_global(cd_pickle *p)
{
    cd_pickle_id first = CD_NO_NODE, second = CD_NO_NODE;
    const char *module = NULL, *name = NULL;
    size_t module_size = 0, name_size = 0;
    cd_pickle_value node = { .kind = CD_PICKLE_GLOBAL };
    if (!pop(p, &second) || !pop(p, &first)) return false;
    if (!cd_pickle_text(p, first, &module, &module_size) ||
        !cd_pickle_text(p, second, &name, &name_size)) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "a name that is no string");
    }
    return cd_pickle_find_global(p, module, module_size, name, name_size, &node.as.index) &&
           push_new(p, node);
}

/* --- containers ------------------------------------------------------------------------------- */

static bool push_tuple(cd_pickle *p, size_t from)
{
    cd_pickle_id tuple;
    uint32_t count = (uint32_t)(p->height - from);
    const cd_pickle_id *items = count > 0 ? p->stack + from : NULL; /* there may be no stack yet */
    if (!cd_pickle_tuple(p, items, count, &tuple)) return false;
    p->height = from;
    return push(p, tuple);
}

static bool tuple_of(cd_pickle *p, size_t count)
{
    if (p->height - ground(p) < count)
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

/* The value below the items from `from` on, which must be of this kind. */
static bool target_below(const cd_pickle *p, size_t from, cd_node_kind kind, cd_pickle_id *target)
{
    if (from <= ground(p)) return cd_pickle_fail(p, CD_ERR_FORMAT, "the stack is empty");
    *target = p->stack[from - 1];
    cd_node_kind found = (cd_node_kind)cd_pickle_value_of(p, *target)->kind;
    if (found == kind) return true;
    return cd_pickle_fail(p, CD_ERR_FORMAT, "items for %s, and it is %s", cd_node_kind_name(kind),
                          cd_node_kind_name(found));
}

static bool append_from(cd_pickle *p, size_t from)
{
    cd_pickle_id list;
    if (!target_below(p, from, CD_PICKLE_LIST, &list)) return false;
    for (size_t i = from; i < p->height; i++) {
        if (!cd_pickle_append(p, list, p->stack[i])) return false;
    }
    p->height = from;
    return true;
}

static bool set_from(cd_pickle *p, size_t from)
{
    cd_pickle_id dict = CD_NO_NODE;
    if (!target_below(p, from, CD_PICKLE_DICT, &dict)) return false;
    if ((p->height - from) % 2 != 0) {
        return cd_pickle_fail(p, CD_ERR_FORMAT, "a key without a value");
    }
    for (size_t i = from; i < p->height; i++) {
        cd_node_kind kind = (cd_node_kind)cd_pickle_value_of(p, p->stack[i])->kind;
        if ((i - from) % 2 == 0 && (kind == CD_PICKLE_LIST || kind == CD_PICKLE_DICT)) {
            return cd_pickle_fail(p, CD_ERR_FORMAT, "%s as a key", cd_node_kind_name(kind));
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

/* Sets are not built: their items go. */
static bool drop_set_items(cd_pickle *p)
{
    size_t from = 0;
    cd_pickle_id set = CD_NO_NODE;
    if (!pop_mark(p, &from) || !target_below(p, from, CD_PICKLE_OPAQUE, &set)) return false;
    p->height = from;
    return true;
}

static bool items_on_top(cd_pickle *p, bool dict)
{
    size_t count = dict ? 2 : 1;
    if (p->height - ground(p) <= count)
        return cd_pickle_fail(p, CD_ERR_FORMAT, "the stack is empty");
    return dict ? set_from(p, p->height - count) : append_from(p, p->height - count);
}

/* --- objects ---------------------------------------------------------------------------------- */

typedef bool make(cd_pickle *pickle, cd_pickle_id class, cd_pickle_id arguments, cd_pickle_id *out);

static bool make_object(cd_pickle *p, make *function)
{
    cd_pickle_id class = CD_NO_NODE, arguments = CD_NO_NODE, made = CD_NO_NODE;
    return pop(p, &arguments) && pop(p, &class) && function(p, class, arguments, &made) &&
           push(p, made);
}

static bool build_object(cd_pickle *p)
{
    cd_pickle_id state = CD_NO_NODE, object = CD_NO_NODE;
    return pop(p, &state) && top(p, &object) && cd_pickle_build(p, object, state);
}

static bool load_persistent(cd_pickle *p)
{
    cd_pickle_id id = CD_NO_NODE, made = CD_NO_NODE;
    return pop(p, &id) && p->persistent(p, id, &made, p->user) && push(p, made);
}

/* --- the loop --------------------------------------------------------------------------------- */

static bool do_constant(cd_pickle *p, uint8_t op, bool *done)
{
    *done = true;
    switch (op) {
    case 'N':
        return push_new(p, (cd_pickle_value){ .kind = CD_PICKLE_NONE });
    case 0x88:
        return push_bool(p, true);
    case 0x89:
        return push_bool(p, false);
    case 'J':
        return need(p, 4) && push_integer(p, (int32_t)cd_cursor_u32le(&p->cursor));
    case 'K':
        return need(p, 1) && push_integer(p, cd_cursor_u8(&p->cursor));
    case 'M':
        return need(p, 2) && push_integer(p, cd_cursor_u16le(&p->cursor));
    case 0x8A:
        return need(p, 1) && push_long(p, cd_cursor_u8(&p->cursor));
    case 0x8B:
        return need(p, 4) && push_long(p, cd_cursor_u32le(&p->cursor));
    case 'G':
        return push_float(p);
    case 'X':
        return need(p, 4) && push_text(p, cd_cursor_u32le(&p->cursor));
    case 'U':
    case 0x8C:
        return need(p, 1) && push_text(p, cd_cursor_u8(&p->cursor));
    case 'T':
        return push_binstring(p);
    case 'B':
        return need(p, 4) && push_opaque(p, cd_cursor_u32le(&p->cursor));
    case 'C':
        return need(p, 1) && push_opaque(p, cd_cursor_u8(&p->cursor));
    case 0x96:
        return need(p, 8) && push_opaque(p, cd_cursor_u64le(&p->cursor));
    case 'c':
        return push_global(p);
    case 0x93:
        return push_stack_global(p);
    default:
        *done = false;
        return true;
    }
}

static bool do_container(cd_pickle *p, uint8_t op, bool *done)
{
    *done = true;
    switch (op) {
    case '(':
        return push_mark(p);
    case ')':
        return empty_tuple(p);
    case 0x85:
        return tuple_of(p, 1);
    case 0x86:
        return tuple_of(p, 2);
    case 0x87:
        return tuple_of(p, 3);
    case 't':
        return tuple_from_mark(p);
    case ']':
        return push_new(p, (cd_pickle_value){ .kind = CD_PICKLE_LIST });
    case 'a':
        return items_on_top(p, false);
    case 'e':
        return items_from_mark(p, false);
    case '}':
        return push_new(p, (cd_pickle_value){ .kind = CD_PICKLE_DICT });
    case 's':
        return items_on_top(p, true);
    case 'u':
        return items_from_mark(p, true);
    case 0x8F:
        return push_opaque(p, 0);
    case 0x90:
        return drop_set_items(p);
    default:
        *done = false;
        return true;
    }
}

static bool do_other(cd_pickle *p, uint8_t op)
{
    switch (op) {
    case 'q':
        return need(p, 1) && put(p, cd_cursor_u8(&p->cursor));
    case 'r':
        return need(p, 4) && put(p, cd_cursor_u32le(&p->cursor));
    case 'h':
        return need(p, 1) && get(p, cd_cursor_u8(&p->cursor));
    case 'j':
        return need(p, 4) && get(p, cd_cursor_u32le(&p->cursor));
    case 'R':
        return make_object(p, cd_pickle_reduce);
    case 0x81:
        return make_object(p, cd_pickle_newobj);
    case 'b':
        return build_object(p);
    case 'Q':
        return load_persistent(p);
    case 0x94: /* in the next free slot */
        return put(p, (uint32_t)p->memo_size);
    case 0x95: /* how many bytes a reader may fetch at once */
        return need(p, 8) && (cd_cursor_u64le(&p->cursor), true);
    default:
        return cd_pickle_fail(p, CD_ERR_UNSUPPORTED,
                              "the opcode %02x, which state dicts of plain tensors do without, is "
                              "not supported",
                              (unsigned)op);
    }
}

static bool do_op(cd_pickle *p, uint8_t op)
{
    bool done;
    if (!do_constant(p, op, &done)) return false;
    if (done) return true;
    if (!do_container(p, op, &done)) return false;
    return done || do_other(p, op);
}

static bool check_protocol(cd_pickle *p)
{
    if (cd_cursor_left(&p->cursor) < 2 || cd_cursor_u8(&p->cursor) != OP_PROTO) {
        return cd_pickle_fail(p, CD_ERR_FORMAT,
                              "it does not begin with a protocol number, as "
                              "those of the protocols 2 to 5 do, which are read");
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
    p->begin = p->op_at = p->cursor.at;
    if (!check_protocol(p)) return false;
    for (int64_t ops = 0; ops < OPS_MAX; ops++) {
        p->op_at = p->cursor.at;
        if (cd_cursor_left(&p->cursor) == 0) {
            return cd_pickle_fail(p, CD_ERR_FORMAT, "it ends without STOP");
        }
        uint8_t op = cd_cursor_u8(&p->cursor);
        if (op == OP_STOP) {
            *cursor = p->cursor;
            return stop(p, value);
        }
        if (!do_op(p, op)) return false;
    }
    return cd_pickle_fail(p, CD_ERR_FORMAT, "more than %d opcodes", OPS_MAX);
}

void cd_pickle_start(cd_pickle *p, cd_budget *budget, cd_pickle_persistent *persistent, void *user)
{
    *p = (cd_pickle){ .budget = budget, .persistent = persistent, .user = user };
}

void cd_pickle_release(cd_pickle *p)
{
    cd_budget_release(p->budget, &p->nodes, &p->node_room, sizeof *p->nodes);
    cd_budget_release(p->budget, &p->cells, &p->cell_room, sizeof *p->cells);
    cd_budget_release(p->budget, &p->tensors, &p->tensor_room, sizeof *p->tensors);
    cd_budget_release(p->budget, &p->stack, &p->stack_room, sizeof *p->stack);
    cd_budget_release(p->budget, &p->memo, &p->memo_room, sizeof *p->memo);
    cd_budget_release(p->budget, &p->marks, &p->mark_room, sizeof *p->marks);
}
