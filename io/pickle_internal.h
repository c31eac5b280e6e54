/* A pickle machine for the pickles that torch.save writes, and for no others (step 5 of cd_load,
 * see checkpoint.c).
 *
 * A pickle is a program for a stack machine: opcodes push values, put them into containers, and
 * call Python functions by name. This machine trusts nothing in it:
 *
 *   pickle.c          the loop over opcodes, the stack, the marks and the memo. It knows the
 *                     opcodes that Python's picklers write in protocols 2 to 5; any other opcode is
 *                     an error.
 *   pickle_globals.c  the fixed list of names that mean something here, and of those that are
 *                     refused.
 *   pickle_objects.c  REDUCE, NEWOBJ and BUILD, which make objects: the cases that a state dict
 *                     needs. Nothing is imported and nothing is called.
 *   pickle_values.c   the arrays that hold the values.
 *
 * A hostile pickle can at most describe tensors that do not exist: what it says of them is checked
 * against the file by the front end (pth_zip.c, pth_stream.c, pth_tar.c, pth_state.c). A function
 * or class that is not on the list is a value of its own kind, and a call of it makes an object of
 * which only its attributes are kept: never built, never run. So whatever stands beside the tensors
 * does no harm, and the attributes of a module lead to its tensors.
 *
 * All values lie in one array and refer to each other by index. They are never copied and never
 * freed one by one. A pickle may build cycles, so no code here follows references recursively. */
#ifndef CANDELA_IO_PICKLE_INTERNAL_H
#define CANDELA_IO_PICKLE_INTERNAL_H

#include "io/budget_internal.h"
#include "io/bytes_internal.h"
#include "io/file_dtype_internal.h"

/* The index of a value in cd_pickle.values. */
typedef uint32_t cd_pickle_id;

#define CD_PICKLE_NO_VALUE UINT32_MAX

/* After each kind: the members of cd_pickle_value that it uses. */
typedef enum cd_pickle_kind {
    CD_PICKLE_NONE,
    CD_PICKLE_BOOL,              /* as.integer: 0 or 1 */
    CD_PICKLE_INTEGER,           /* as.integer */
    CD_PICKLE_LONG,              /* as.text_at, count: an integer of more than 64 bits, in two's
                                    complement, low byte first */
    CD_PICKLE_FLOAT,             /* as.real */
    CD_PICKLE_TEXT,              /* as.text_at, count, is_c_string */
    CD_PICKLE_TUPLE,             /* as.cells, count: that many items in consecutive cells */
    CD_PICKLE_LIST,              /* as.cells, count: that many items in linked cells */
    CD_PICKLE_DICT,              /* as.cells, count: that many linked cells, a key and its value in
                                    turn, so twice as many as the dict has items */
    CD_PICKLE_GLOBAL,            /* as.index into the list of names */
    CD_PICKLE_STORAGE,           /* as.index into the front end's storages; dtype */
    CD_PICKLE_TENSOR,            /* as.index into cd_pickle.tensors */
    CD_PICKLE_UNBUILT_PARAMETER, /* a Parameter from NEWOBJ, until BUILD gives it its tensor */
    CD_PICKLE_UNBUILT_TENSOR,    /* a tensor from NEWOBJ, until BUILD gives it its storage */
    CD_PICKLE_OPAQUE,            /* an object that is never looked into: bytes, a device */
    CD_PICKLE_SET,               /* as.cells, count: as a list; a frozenset too */
    CD_PICKLE_NAME,              /* as.index into cd_pickle.names: a function or class that is not
                                    on the list of names */
    CD_PICKLE_OBJECT /* as.index into cd_pickle.objects: what a call of such a name would
                                    make */
} cd_pickle_kind;

typedef struct cd_pickle_value {
    uint8_t kind;     /* a cd_pickle_kind */
    uint8_t dtype;    /* a cd_file_dtype; CD_FILE_NONE for an untyped storage */
    bool is_c_string; /* the text is UTF-8 without NUL. Found once, as many references may ask */
    uint32_t count;   /* items, cells or bytes */
    union {
        int64_t integer;
        double real;
        uint64_t text_at; /* offset in the pickle's bytes */
        uint32_t index;
        struct {
            uint32_t first, last; /* indices in cd_pickle.cells */
        } cells;
    } as;
} cd_pickle_value;

/* An item of a tuple or list, or a key or value of a dict. */
typedef struct cd_pickle_cell {
    cd_pickle_id value;
    uint32_t next; /* the index of the next cell, or CD_PICKLE_NO_CELL */
} cd_pickle_cell;

#define CD_PICKLE_NO_CELL UINT32_MAX

/* A tensor as the pickle describes it, in the terms of torch._utils._rebuild_tensor_v2. Size and
 * stride are tuples of integers >= 0 (checked here); whether they fit the storage is checked by the
 * front end, which knows how large the storage is. Of a tensor with a refusal (sparse, quantised)
 * only `refusal` and `opcode_at` are set: such a tensor beside a state dict does no harm. */
typedef struct cd_pickle_tensor {
    uint64_t opcode_at;     /* offset of the opcode that built the tensor, for messages */
    const char *refusal;    /* why the tensor cannot be read: "it is sparse: save it as
                               t.to_dense()"; NULL when it can */
    int64_t storage_offset; /* in elements */
    uint32_t storage;       /* index of the front end's storages */
    cd_file_dtype dtype;
    cd_pickle_id size, stride;
} cd_pickle_tensor;

/* A function or class that is not on the list: where the pickle's bytes have its module and its
 * name. */
typedef struct cd_pickle_name {
    uint64_t module_at, name_at;
    uint32_t module_size, name_size;
} cd_pickle_name;

/* An object of an unknown class. CD_PICKLE_NO_VALUE where the pickle gave none. */
typedef struct cd_pickle_object {
    cd_pickle_id class; /* what was called to make it: a name or another object */
    cd_pickle_id items; /* a dict: the items that were set in it, as in a class derived from dict */
    cd_pickle_id state; /* its attributes, as BUILD gave them: most often a dict */
} cd_pickle_object;

typedef struct cd_pickle cd_pickle;

/* The front end's persistent_load: turns the persistent id of BINPERSID into a storage, with the
 * functions below. False with an error. */
typedef bool cd_pickle_persistent_load(cd_pickle *pickle, cd_pickle_id id, cd_pickle_id *out,
                                       void *user);

struct cd_pickle {
    cd_cursor cursor; /* the opcodes still to come; its bytes are the front end's */
    size_t begin;     /* offset of the pickle's first byte */
    size_t opcode_at; /* offset of the opcode that is being run, for messages */
    bool starved;     /* it failed because the bytes ended: with more of the file it may succeed */
    cd_budget *budget;
    cd_pickle_persistent_load *persistent_load;
    void *user; /* for persistent_load */

    /* All arrays are the machine's and charged to the budget. */
    cd_pickle_value *values;
    cd_pickle_cell *cells;
    cd_pickle_tensor *tensors;
    cd_pickle_name *names;
    cd_pickle_object *objects;
    cd_pickle_id *stack;
    cd_pickle_id *memo; /* CD_PICKLE_NO_VALUE where nothing was put */
    uint32_t *marks;    /* the heights that the stack had at each open MARK */
    size_t value_count, cell_count, tensor_count, name_count, object_count, height, mark_count,
        memo_size;
    size_t value_capacity, cell_capacity, tensor_capacity, name_capacity, object_capacity,
        stack_capacity, mark_capacity, memo_capacity;
};

/* A machine without values. Release it in any case. */
void cd_pickle_start(cd_pickle *pickle, cd_budget *budget,
                     cd_pickle_persistent_load *persistent_load, void *user);
void cd_pickle_release(cd_pickle *pickle);
/* Forgets all values, and keeps the memory for others. */
void cd_pickle_forget(cd_pickle *pickle);

/* Runs one pickle, from the cursor's position to its STOP. *value is the value that STOP leaves,
 * and *cursor moves behind STOP. The stack and the memo begin empty; the values of earlier runs
 * stay, and their texts as long as the bytes are the same. False with CD_ERR_FORMAT,
 * CD_ERR_UNSUPPORTED (a name that is refused; the error quotes it) or CD_ERR_MEMORY. */
bool cd_pickle_run(cd_pickle *pickle, cd_cursor *cursor, cd_pickle_id *value);

/* --- values ----------------------------------------------------------------------------------- */

/* Valid until the next value is made. */
static inline const cd_pickle_value *cd_pickle_value_of(const cd_pickle *pickle, cd_pickle_id id)
{
    return &pickle->values[id];
}

/* The kind's name as a Python programmer would say it: "a dict", "a string". */
const char *cd_pickle_kind_name(cd_pickle_kind kind);
/* Adds a copy of `value` to the values. */
bool cd_pickle_new(cd_pickle *pickle, cd_pickle_value value, cd_pickle_id *out);
/* Item `i` of a tuple, which must have that many. */
cd_pickle_id cd_pickle_item(const cd_pickle *pickle, const cd_pickle_value *tuple, uint32_t i);
/* Whether the value is a tuple with `at_least` to `at_most` items. */
bool cd_pickle_is_tuple(const cd_pickle *pickle, cd_pickle_id id, uint32_t at_least,
                        uint32_t at_most);
/* Whether the value is an integer >= 0; *out is that integer. */
bool cd_pickle_unsigned(const cd_pickle *pickle, cd_pickle_id id, int64_t *out);
/* Whether the value is a text. *text points to its bytes in the pickle: no NUL follows them. */
bool cd_pickle_text(const cd_pickle *pickle, cd_pickle_id id, const char **text, size_t *size);
/* The same, for texts of UTF-8 without NUL only. */
bool cd_pickle_c_string(const cd_pickle *pickle, cd_pickle_id id, const char **text, size_t *size);
/* Whether the value is this text. */
bool cd_pickle_text_is(const cd_pickle *pickle, cd_pickle_id id, const char *text);
/* Makes a tuple of the items. */
bool cd_pickle_tuple(cd_pickle *pickle, const cd_pickle_id *items, uint32_t count,
                     cd_pickle_id *out);
/* Appends an item to a list or set, or a key or a value to a dict. */
bool cd_pickle_append(cd_pickle *pickle, cd_pickle_id container, cd_pickle_id item);
/* Adds a tensor; *out is a value for it, which the caller still has to store. */
bool cd_pickle_add_tensor(cd_pickle *pickle, cd_pickle_tensor tensor, cd_pickle_value *out);
/* Makes an object of an unknown class, without items and attributes. */
bool cd_pickle_new_object(cd_pickle *pickle, cd_pickle_id class, cd_pickle_id *out);

/* An item of a dict. */
typedef struct cd_pickle_pair {
    cd_pickle_id key, value;
} cd_pickle_pair;

/* The place of the next item of a dict, list, tuple or set. */
typedef struct cd_pickle_iterator {
    uint32_t cell, left;
} cd_pickle_iterator;

cd_pickle_iterator cd_pickle_iterate(const cd_pickle *pickle, cd_pickle_id container);
/* The next item of a list, tuple or set; false behind the last one. */
bool cd_pickle_next(const cd_pickle *pickle, cd_pickle_iterator *at, cd_pickle_id *out);
/* The next key and value of a dict; false behind the last ones. */
bool cd_pickle_next_pair(const cd_pickle *pickle, cd_pickle_iterator *at, cd_pickle_pair *out);
/* The value under a key, of equal keys the last one, as in Python; CD_PICKLE_NO_VALUE for none, and
 * for what is no dict. */
cd_pickle_id cd_pickle_get(const cd_pickle *pickle, cd_pickle_id dict, const char *key);

/* What a value is, for a sentence: cd_pickle_kind_name, or of an unknown class "an object of the
 * class torchvision.models.resnet.ResNet". Returns `text`. */
enum { CD_PICKLE_SHOWN = 200 };
const char *cd_pickle_show(const cd_pickle *pickle, cd_pickle_id id, char text[CD_PICKLE_SHOWN]);

/* Sets the error "LABEL: byte N: pickle: ...", N being the offset of the opcode that is being run.
 * Returns false. */
bool cd_pickle_fail(const cd_pickle *pickle, cd_code code, const char *format, ...) CD_PRINTF(3, 4);

/* --- names (pickle_globals.c) ----------------------------------------------------------------- */

/* What a name of the list means here. */
typedef enum cd_global_kind {
    CD_GLOBAL_ORDERED_DICT,
    CD_GLOBAL_REBUILD_TENSOR,
    CD_GLOBAL_REBUILD_TENSOR_V2,
    CD_GLOBAL_REBUILD_TENSOR_V3,
    CD_GLOBAL_REBUILD_PARAMETER,
    CD_GLOBAL_REBUILD_PARAMETER_WITH_STATE,
    CD_GLOBAL_PARAMETER,
    CD_GLOBAL_TENSOR_CLASS,
    CD_GLOBAL_REBUILD_FROM_TYPE,  /* calls a rebuild function above, then sets attributes */
    CD_GLOBAL_REBUILD_UNREADABLE, /* makes a tensor that cannot be read; the name has a refusal */
    CD_GLOBAL_SIZE,
    CD_GLOBAL_SET,
    CD_GLOBAL_OPAQUE,   /* a call of the name makes a CD_PICKLE_OPAQUE value */
    CD_GLOBAL_CONSTANT, /* a value by itself, never called */
    CD_GLOBAL_DTYPE,    /* has a refusal when cd_file_dtype lacks the dtype */
    CD_GLOBAL_STORAGE
} cd_global_kind;

/* Finds a name on the list; *index is its place there. False, without an error, if it is not on the
 * list. */
bool cd_pickle_find_global(const char *module, size_t module_size, const char *name,
                           size_t name_size, uint32_t *index);
/* Whether a name may stand in a pickle at all. False with CD_ERR_UNSUPPORTED for those with which a
 * pickle runs commands when Python loads it: nothing would happen here, but whoever wrote such a
 * file did not mean to share weights. */
bool cd_pickle_may_name(const cd_pickle *pickle, const char *module, size_t module_size,
                        const char *name, size_t name_size);
cd_global_kind cd_pickle_global_kind(uint32_t index);
/* The dtype of a storage class or dtype name; CD_FILE_NONE for the untyped storage. */
cd_file_dtype cd_pickle_global_dtype(uint32_t index);
/* Module and name: "torch._utils._rebuild_tensor_v2". */
const char *cd_pickle_global_name(uint32_t index);
/* Why a tensor made by this function, or of this dtype, cannot be read; NULL when it can. */
const char *cd_pickle_global_refusal(uint32_t index);

/* --- the three opcodes that make objects (pickle_objects.c) ----------------------------------- */

/* REDUCE: callable(*arguments). */
bool cd_pickle_reduce(cd_pickle *pickle, cd_pickle_id callable, cd_pickle_id arguments,
                      cd_pickle_id *out);
/* NEWOBJ: class.__new__(class, *arguments). */
bool cd_pickle_newobj(cd_pickle *pickle, cd_pickle_id class, cd_pickle_id arguments,
                      cd_pickle_id *out);
/* BUILD: object.__setstate__(state); changes `object` in place. */
bool cd_pickle_build(cd_pickle *pickle, cd_pickle_id object, cd_pickle_id state);

#endif
