/* Requests of the scripts in golden/ that compare what PyTorch and Candela compute, and the parts
 * of answers: what the files of sample_driver share.
 *
 * A request is a line of words. A VALUE in it is
 *
 *     none   true   false   i:5   f:0x1p-1   w:mean   d:float32   s:0:9:1   [ VALUE... ]
 *     (a word has tabulators for its spaces)
 *     t:float32:g 2x3 3x1 0 6 ELEMENT...     a tensor: dtype, "g" for one to differentiate, sizes,
 *         strides ("." for no dimensions), offset, number and values of the storage's elements
 *     o:Linear ( KEY= VALUE... )             an object of this class, and what it is made with
 *
 * and KEY= may be KEY?=, for an argument that was left out, with its default in PyTorch.
 * In an answer a TENSOR is "none", or dtype, sizes, name of the grad_fn or "-", and elements. */
#ifndef CANDELA_TESTS_SAMPLE_REQUEST_H
#define CANDELA_TESTS_SAMPLE_REQUEST_H

#include "candela.h"

enum { MOST_VALUES = 1024, MOST_NAMED = 128, MOST_TENSORS = 128, MOST_RESULTS = 64 };
enum { WHY_BYTES = 256 };

typedef enum kind { NONE, BOOL, INTEGER, REAL, WORD, DTYPE, SLICE, TENSOR, LIST, OBJECT } kind;

typedef struct value {
    kind kind;
    int64_t integer;  /* of a bool too */
    double real;      /* of any number */
    const char *word; /* of an object its class */
    cd_dtype dtype;
    cd_subscript slice;
    cd_tensor *tensor;
    const struct value *item;  /* of a list */
    const struct named *named; /* of an object */
    int count;                 /* of items or names */
} value;

typedef struct named {
    const char *key;
    const value *value;
    bool standard; /* it was left out */
} named;

typedef struct request {
    char *rest; /* what is not read yet */
    value values[MOST_VALUES];
    named names[MOST_VALUES];
    int used, names_used;
    const value *positional;
    const named *name;
    int positionals, named;
    cd_tensor *tensor[MOST_TENSORS]; /* all tensors among the arguments */
    uint32_t version[MOST_TENSORS];
    cd_tensor *variable[MOST_TENSORS]; /* those to differentiate by */
    int tensors, variables;
} request;

/* Ends the program, for a request that makes no sense. */
_Noreturn void give_up(const char *why, const char *what);

char *next_word(request *r);
cd_dtype dtype_named(const char *name);
/* Reads the value that begins with this word. */
const value *read_value(request *r, char *word);
/* Reads positional and named arguments up to the word `last`. */
void read_arguments(request *r, const char *last);
/* Reads tensors or "none" up to the word `last`; returns how many. */
int read_until(request *r, const char *last, cd_tensor **out);

bool is_list_of(const value *v, kind of);
/* Whether an argument says what Candela does anyway. */
bool is_neutral(const char *key, const value *v);
/* Writes why a request cannot be written for Candela. Returns false. */
bool lack(char why[WHY_BYTES], const char *format, ...) CD_PRINTF(2, 3);

void print_tensor(const cd_tensor *t);
/* Takes the error that is pending, and prints its code and sentence behind the word. */
void print_failure(const char *word);
/* Prints a text as one word: what would end it as "%20", "%0a" and "%25". */
void print_text(const char *text);

/* The tensors of `of` that have a weight, side by side with the weights; returns how many. With
 * `recorded`, only those that can be differentiated. */
int weighted(cd_tensor **of, cd_tensor **weight, int count, bool recorded);

/* Answer the request that begins with the word "module", "optimizer" or "schedule", which is
 * read. */
void answer_module(request *r);
void answer_optimizer(request *r);
void answer_schedule(request *r);
/* Answer the requests "modules" and "optimizers" with names of classes. */
void answer_modules(request *r);
void answer_optimizers(request *r);

#endif
