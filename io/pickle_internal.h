/* A machine for the pickles that torch.save writes, and for no others.
 *
 * It knows the opcodes of PyTorch's restricted unpickler, what the protocols 3 to 5 write in their
 * stead, and a fixed list of names. A name is looked up there and means one of a few things this
 * file knows; nothing is imported and nothing is called, so a hostile pickle can at most be wrong.
 * What PyTorch's unpickler builds beside tensors (a Counter, a set, a device) is dropped unbuilt.
 * There is no second, more permissive way in: every container of PyTorch goes through
 * cd_pickle_run.
 *
 * Values are nodes in one array, referred to by index, never copied and never freed one by one; a
 * pickle may build cycles, and nothing here follows references further than one step. */
#ifndef CANDELA_IO_PICKLE_INTERNAL_H
#define CANDELA_IO_PICKLE_INTERNAL_H

#include "io/budget_internal.h"
#include "io/bytes_internal.h"
#include "io/file_dtype_internal.h"

typedef uint32_t cd_pickle_id;

typedef enum cd_node_kind {
    CD_PICKLE_NONE,
    CD_PICKLE_BOOL,      /* integer: 0 or 1 */
    CD_PICKLE_INTEGER,   /* integer */
    CD_PICKLE_LONG,      /* text: two's complement, low byte first; more than 64 bits */
    CD_PICKLE_FLOAT,     /* real */
    CD_PICKLE_TEXT,      /* text, which need not be sane */
    CD_PICKLE_TUPLE,     /* count items in consecutive cells from first */
    CD_PICKLE_LIST,      /* count items, linked */
    CD_PICKLE_DICT,      /* count cells, linked: key, value, key, value */
    CD_PICKLE_GLOBAL,    /* global: an index to the list of names */
    CD_PICKLE_STORAGE,   /* index: of the front end's storages; dtype */
    CD_PICKLE_TENSOR,    /* index: of the machine's tensors */
    CD_PICKLE_PARAMETER, /* made by NEWOBJ without arguments, until BUILD gives it a tensor */
    CD_PICKLE_BLANK,     /* a tensor object made by NEWOBJ, until BUILD gives it its storage */
    CD_PICKLE_OPAQUE     /* an object that nobody looks into: a set, bytes, a torch.device */
} cd_node_kind;

typedef struct cd_pickle_value {
    uint8_t kind;
    uint8_t dtype;  /* of a storage; CD_FILE_NONE for an untyped one */
    bool sane;      /* of a text: UTF-8 without NUL. Found out once, as many may refer to it */
    uint32_t count; /* of items or bytes */
    union {
        int64_t integer;
        double real;
        uint64_t text_at; /* offset in the pickle's bytes */
        uint32_t index;
        struct {
            uint32_t first, last; /* cells */
        } chain;
    } as;
} cd_pickle_value;

typedef struct cd_cell {
    cd_pickle_id value;
    uint32_t next; /* cell, or CD_NO_CELL */
} cd_cell;

#define CD_NO_CELL UINT32_MAX

/* A rebuilt tensor as the pickle describes it; what it says is checked by the front end once it
 * knows the size of the storage. Sizes and strides are tuples of integers (checked). Of one that
 * cannot be read (sparse, negated, ...) only `refusal` and `at` count: beside a state dict it does
 * no harm. */
typedef struct cd_pickle_tensor {
    uint64_t at;         /* byte offset of the opcode that built it, for messages */
    const char *refusal; /* "it is sparse: save it as t.to_dense()"; NULL: it can be read */
    int64_t offset;
    uint32_t storage;
    cd_file_dtype dtype;
    cd_pickle_id size, stride;
} cd_pickle_tensor;

typedef struct cd_pickle cd_pickle;

/* What a persistent id (BINPERSID) stands for: the front end makes it a storage or a tensor with
 * the functions below. False with an error. */
typedef bool cd_pickle_persistent(cd_pickle *pickle, cd_pickle_id id, cd_pickle_id *out,
                                  void *user);

struct cd_pickle {
    cd_cursor cursor; /* the opcodes still to come */
    size_t begin;     /* where the pickle begins in the file */
    size_t op_at;     /* offset of the opcode that is being done, for messages */
    cd_budget *budget;
    cd_pickle_persistent *persistent;
    void *user;

    cd_pickle_value *nodes;
    cd_cell *cells;
    cd_pickle_tensor *tensors;
    cd_pickle_id *stack, *memo; /* memo: CD_NO_NODE where nothing was put */
    uint32_t *marks;            /* heights of the stack */
    size_t node_count, cell_count, tensor_count, height, mark_count, memo_size;
    size_t node_room, cell_room, tensor_room, stack_room, mark_room, memo_room;
};

#define CD_NO_NODE UINT32_MAX

/* A machine with nothing in it. Release it in any case. */
void cd_pickle_start(cd_pickle *pickle, cd_budget *budget, cd_pickle_persistent *persistent,
                     void *user);
void cd_pickle_release(cd_pickle *pickle);

/* Runs one pickle, from the cursor's position to its STOP; *value is what it leaves, and *cursor
 * stands behind it. Stack and memo begin empty; nodes of earlier runs stay. False with
 * CD_ERR_FORMAT, CD_ERR_UNSUPPORTED (a name that is not on the list; it is quoted) or
 * CD_ERR_MEMORY. */
bool cd_pickle_run(cd_pickle *pickle, cd_cursor *cursor, cd_pickle_id *value);

/* --- values ------------------------------------------------------------------------------------
 */

static inline const cd_pickle_value *cd_pickle_value_of(const cd_pickle *pickle, cd_pickle_id id)
{
    return &pickle->nodes[id];
}

/* The kind's name as a Python programmer would say it: "a dict", "a string". */
const char *cd_node_kind_name(cd_node_kind kind);
bool cd_pickle_new(cd_pickle *pickle, cd_pickle_value node, cd_pickle_id *out);
/* Item `i` of a tuple, which must have it. */
cd_pickle_id cd_pickle_item(const cd_pickle *pickle, const cd_pickle_value *tuple, uint32_t i);
bool cd_pickle_is_tuple(const cd_pickle *pickle, cd_pickle_id id, uint32_t at_least,
                        uint32_t at_most);
/* An integer that is not negative. */
bool cd_pickle_unsigned(const cd_pickle *pickle, cd_pickle_id id, int64_t *out);
bool cd_pickle_text(const cd_pickle *pickle, cd_pickle_id id, const char **text, size_t *size);
/* The same of a text that may become a C string. */
bool cd_pickle_sane_text(const cd_pickle *pickle, cd_pickle_id id, const char **text, size_t *size);
bool cd_pickle_text_is(const cd_pickle *pickle, cd_pickle_id id, const char *text);
/* Puts the items in a new tuple. */
bool cd_pickle_tuple(cd_pickle *pickle, const cd_pickle_id *items, uint32_t count,
                     cd_pickle_id *out);
/* Appends to a list or dict. */
bool cd_pickle_append(cd_pickle *pickle, cd_pickle_id chain, cd_pickle_id value);

/* An error "LABEL: byte AT: pickle: ...", at the opcode being done. Returns false. */
bool cd_pickle_fail(const cd_pickle *pickle, cd_code code, const char *format, ...) CD_PRINTF(3, 4);

/* --- names --------------------------------------------------------------------------------------
 */

typedef enum cd_global_kind {
    CD_GLOBAL_ORDERED_DICT,
    CD_GLOBAL_REBUILD_TENSOR, /* v1, v2 and v3 by the number of arguments they take */
    CD_GLOBAL_REBUILD_TENSOR_V2,
    CD_GLOBAL_REBUILD_TENSOR_V3,
    CD_GLOBAL_REBUILD_PARAMETER,
    CD_GLOBAL_REBUILD_PARAMETER_WITH_STATE,
    CD_GLOBAL_PARAMETER,
    CD_GLOBAL_TENSOR_CLASS,
    CD_GLOBAL_REBUILD_FROM_TYPE, /* of a tensor with attributes: one of the above, and those */
    CD_GLOBAL_REBUILD_SPECIAL,   /* of a tensor that cannot be read: it has a refusal */
    CD_GLOBAL_SIZE,
    CD_GLOBAL_DROPPED, /* what is made by a call of it is not built, and no value of a tensor */
    CD_GLOBAL_CONSTANT,
    CD_GLOBAL_DTYPE, /* of no file dtype: it has a refusal */
    CD_GLOBAL_STORAGE
} cd_global_kind;

/* The index of a name that is allowed. False with CD_ERR_UNSUPPORTED, which quotes it. */
bool cd_pickle_find_global(const cd_pickle *pickle, const char *module, size_t module_size,
                           const char *name, size_t name_size, uint32_t *index);
cd_global_kind cd_pickle_global_kind(uint32_t index);
/* Of a storage class or dtype; CD_FILE_NONE for the untyped storage. */
cd_file_dtype cd_pickle_global_dtype(uint32_t index);
/* "torch._utils._rebuild_tensor_v2". */
const char *cd_pickle_global_name(uint32_t index);
/* Why a tensor made by this function or of this dtype cannot be read, or NULL. */
const char *cd_pickle_global_refusal(uint32_t index);

/* --- the three opcodes that make objects ---------------------------------------------------------
 */

bool cd_pickle_reduce(cd_pickle *pickle, cd_pickle_id callable, cd_pickle_id arguments,
                      cd_pickle_id *out);
bool cd_pickle_newobj(cd_pickle *pickle, cd_pickle_id class, cd_pickle_id arguments,
                      cd_pickle_id *out);
/* Changes `object` in place. */
bool cd_pickle_build(cd_pickle *pickle, cd_pickle_id object, cd_pickle_id state);

#endif
