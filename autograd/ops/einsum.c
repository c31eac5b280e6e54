/* einsum: sums of products of elements, by an equation such as "ij,jk->ik" that names the
 * dimensions of the operands and of the result. Made of other ops, as in PyTorch.
 *
 * A slot is what the equation can name: a letter, or a dimension that "..." stands for, counted
 * from the last of these, since they broadcast. Each slot that occurs gets a place: first those of
 * the result, in its order, then those that are summed. Every operand becomes a view with a
 * dimension for each place, of size 1 where the operand lacks it. Then the operands are multiplied
 * from left to right, two at a time by bmm, and a slot is summed as soon as no operand that follows
 * has it. */
#include <string.h>

#include "autograd/ops_internal.h"
#include "autograd/product_ops.h"

enum { LETTERS = 52, SLOTS = LETTERS + CD_MAX_DIMS };

/* What stands between two commas of the equation. */
typedef struct term {
    int letters;  /* how many */
    int ellipsis; /* how many letters stand before "..."; -1: there is none */
    int letter[LETTERS];
} term;

typedef struct equation {
    const char *text; /* what is still to be read */
    bool comma;       /* it stands behind one */
    int of_ellipsis;  /* how many dimensions "..." stands for */
    int times[SLOTS]; /* how often it occurs among the operands */
    int wide[SLOTS];  /* in how many operands its size is not 1 */
    int64_t size[SLOTS];
    int sized[SLOTS]; /* the operand that gave the size */
    int place[SLOTS]; /* -1: none */
    int kept, places; /* those of the result, and all */
} equation;

/* The slots of an operand's dimensions. */
typedef struct axes {
    int count;
    int slot[CD_MAX_DIMS];
} axes;

/* --- reading the equation --------------------------------------------------------------------- */

/* Upper case comes first in the order of a result that is not written out. */
static int letter_number(char c)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const char *at = c ? strchr(letters, c) : NULL;
    return at ? (int)(at - letters) : -1;
}

static char letter_of(int number)
{
    return (char)(number < 26 ? 'A' + number : 'a' + number - 26);
}

static bool at_end_of_term(const char *text)
{
    return *text == '\0' || *text == ',' || strncmp(text, "->", 2) == 0;
}

static bool read_term(equation *e, term *t)
{
    const char *s = e->text;
    *t = (term){ .ellipsis = -1 };
    for (; !at_end_of_term(s); s++) {
        const int letter = letter_number(*s);
        if (*s == ' ') continue;
        if (strncmp(s, "...", 3) == 0) {
            if (t->ellipsis >= 0)
                return cd_fail(CD_ERR_ARGUMENT, "einsum: \"...\" twice in a term");
            t->ellipsis = t->letters;
            s += 2;
        } else if (letter < 0) {
            return cd_fail(CD_ERR_ARGUMENT,
                           "einsum: the equation has a character that is no letter: at \"%.20s\"",
                           s);
        } else if (t->letters == LETTERS) {
            return cd_fail(CD_ERR_ARGUMENT, "einsum: a term has more than %d letters", LETTERS);
        } else {
            t->letter[t->letters++] = letter;
        }
    }
    e->text = s;
    return true;
}

/* Reads the term of operand k, and the comma after it. */
static bool read_operand(equation *e, const cd_tensor *x, int k, axes *a)
{
    term t;
    if (!read_term(e, &t)) return false;
    e->comma = *e->text == ',';
    if (e->comma) e->text++;
    const int hidden = x->shape.ndim - t.letters;
    if (hidden < 0 || (hidden > 0 && t.ellipsis < 0)) {
        char text[CD_SHAPE_TEXT];
        return cd_fail(CD_ERR_SHAPE, "einsum: operand %d has shape %s, and %d letter%s%s", k,
                       cd_sizes_text(&x->shape, text), t.letters, t.letters == 1 ? "" : "s",
                       t.ellipsis < 0 ? " without \"...\"" : "");
    }
    a->count = 0;
    for (int i = 0; i <= t.letters; i++) {
        for (int left = hidden; i == t.ellipsis && left > 0; left--) {
            a->slot[a->count++] = LETTERS + left - 1;
        }
        if (i < t.letters) a->slot[a->count++] = t.letter[i];
    }
    if (e->of_ellipsis < hidden) e->of_ellipsis = hidden;
    return true;
}

/* --- sizes and places ------------------------------------------------------------------------- */

/* A slot has the size `size` in operand k, and another one in operand j, or twice in operand k. */
static bool refuse_size(cd_tensors operands, int slot, int k, int64_t size, int j, int64_t other)
{
    const bool letter = slot < LETTERS;
    const char one[2] = { letter ? letter_of(slot) : '.', '\0' };
    const char *name = letter ? one : "...";
    char text_k[CD_SHAPE_TEXT], text_j[CD_SHAPE_TEXT];
    (void)cd_sizes_text(&operands.tensor[k]->shape, text_k);
    if (j == k) {
        return cd_fail(CD_ERR_SHAPE,
                       "einsum: %s stands for the sizes %lld and %lld of operand %d (%s)", name,
                       (long long)other, (long long)size, k, text_k);
    }
    return cd_fail(CD_ERR_SHAPE,
                   "einsum: %s has size %lld in operand %d (%s), and %lld in operand %d (%s)", name,
                   (long long)size, k, text_k, (long long)other, j,
                   cd_sizes_text(&operands.tensor[j]->shape, text_j));
}

/* Notes the sizes of operand k. A letter that it has twice must have one size; those of different
 * operands broadcast. */
static bool note_sizes(equation *e, cd_tensors operands, const axes *a, int k)
{
    const cd_tensor *x = operands.tensor[k];
    int64_t own[SLOTS] = { 0 };
    bool seen[SLOTS] = { false };
    for (int i = 0; i < a->count; i++) {
        const int slot = a->slot[i];
        const int64_t size = x->shape.dim[i];
        e->times[slot]++;
        if (seen[slot]) {
            if (size != own[slot]) return refuse_size(operands, slot, k, size, k, own[slot]);
            continue;
        }
        seen[slot] = true;
        own[slot] = size;
        if (size == 1) continue;
        if (e->wide[slot]++ > 0 && e->size[slot] != size) {
            return refuse_size(operands, slot, k, size, e->sized[slot], e->size[slot]);
        }
        e->size[slot] = size;
        e->sized[slot] = k;
    }
    return true;
}

static bool give_place(equation *e, int slot)
{
    if (e->places == CD_MAX_DIMS) {
        return cd_fail(CD_ERR_SHAPE, "einsum: the equation has more than %d different dimensions",
                       CD_MAX_DIMS);
    }
    e->place[slot] = e->places++;
    return true;
}

static bool place_ellipsis(equation *e)
{
    for (int left = e->of_ellipsis; left > 0; left--) {
        if (!give_place(e, LETTERS + left - 1)) return false;
    }
    return true;
}

/* The result that is not written out: what "..." stands for, then the letters that occur once. */
static bool place_implicit(equation *e)
{
    if (!place_ellipsis(e)) return false;
    for (int i = 0; i < LETTERS; i++) {
        if (e->times[i] == 1 && !give_place(e, i)) return false;
    }
    return true;
}

static bool place_result(equation *e)
{
    term t;
    e->text += 2;
    if (!read_term(e, &t)) return false;
    if (*e->text) {
        return cd_fail(CD_ERR_ARGUMENT, "einsum: a second result: \"%.20s\"", e->text);
    }
    for (int i = 0; i <= t.letters; i++) {
        if (i == t.ellipsis && !place_ellipsis(e)) return false;
        if (i == t.letters) break;
        const int letter = t.letter[i];
        if (e->times[letter] == 0 || e->place[letter] >= 0) {
            return cd_fail(CD_ERR_ARGUMENT, "einsum: %c %s", letter_of(letter),
                           e->times[letter] == 0 ? "of the result is in no operand"
                                                 : "is in the result twice");
        }
        if (!give_place(e, letter)) return false;
    }
    return true;
}

/* Gives all slots that occur their places. */
static bool place_all(equation *e)
{
    memset(e->place, -1, sizeof e->place);
    if (!(*e->text ? place_result(e) : place_implicit(e))) return false;
    e->kept = e->places;
    if (e->of_ellipsis > 0 && e->place[LETTERS] < 0 && !place_ellipsis(e)) return false;
    for (int i = 0; i < LETTERS; i++) {
        if (e->times[i] > 0 && e->place[i] < 0 && !give_place(e, i)) return false;
    }
    return true;
}

static bool read_equation(equation *e, const char *text, cd_tensors operands)
{
    *e = (equation){ .text = text };
    for (int k = 0; k < operands.count; k++) {
        axes a;
        if (k > 0 && !e->comma) {
            return cd_fail(CD_ERR_ARGUMENT, "einsum: %d operands, and %d term%s", operands.count, k,
                           k == 1 ? "" : "s");
        }
        if (!read_operand(e, operands.tensor[k], k, &a) || !note_sizes(e, operands, &a, k)) {
            return false;
        }
    }
    if (e->comma) {
        return cd_fail(CD_ERR_ARGUMENT, "einsum: more terms than the %d operands", operands.count);
    }
    return place_all(e);
}

/* --- computing -------------------------------------------------------------------------------- */

/* A view of x with its diagonal in place of dimension i, and without dimension j. */
static cd_tensor *take_diagonal(cd_tensor *x, axes *a, int i, int j)
{
    memmove(&a->slot[j], &a->slot[j + 1], (size_t)(a->count - 1 - j) * sizeof *a->slot);
    a->count--;
    return cd_movedim(cd_diagonal(x, 0, i, j), CD_SHAPE(-1), CD_SHAPE(i));
}

static cd_tensor *merge_repeated(cd_tensor *x, axes *a)
{
    for (int i = 0; i < a->count; i++) {
        for (int j = a->count - 1; j > i; j--) {
            if (a->slot[i] == a->slot[j]) x = take_diagonal(x, a, i, j);
        }
    }
    return x;
}

/* A view of the next operand, with a dimension for each place. */
static cd_tensor *align(equation *e, cd_tensor *x, int k)
{
    axes a;
    cd_shape order = { .ndim = e->places };
    for (int i = 0; i < e->places; i++) order.dim[i] = -1;
    if (!read_operand(e, x, k, &a)) return NULL;
    x = merge_repeated(x, &a);
    for (int i = 0; i < a.count; i++) order.dim[e->place[a.slot[i]]] = i;
    for (int i = 0; i < e->places; i++) {
        if (order.dim[i] >= 0) continue;
        order.dim[i] = a.count++;
        x = cd_unsqueeze(x, -1);
    }
    return cd_permute(x, order);
}

/* The dimensions of one side of a product, joined to one of this size. */
typedef struct group {
    cd_shape dims;
    int64_t size;
} group;

static void add_dim(group *g, int dim, int64_t size)
{
    g->dims.dim[g->dims.ndim++] = dim;
    g->size *= size;
}

static void append(cd_shape *order, const group *g)
{
    for (int i = 0; i < g->dims.ndim; i++) order->dim[order->ndim++] = g->dims.dim[i];
}

/* The sum of a b over the dimensions `summed`, which stay with size 1: a product of matrices for
 * each index of the dimensions that both have and the result too. */
static cd_tensor *multiply(cd_tensor *a, cd_tensor *b, unsigned summed)
{
    if (summed == 0) return cd_mul(a, b);
    const int ndim = a->shape.ndim;
    group both = { .size = 1 }, rows = both, inner = both, columns = both;
    for (int i = 0; i < ndim; i++) {
        const int64_t n = a->shape.dim[i], m = b->shape.dim[i];
        if (summed >> i & 1) {
            add_dim(&inner, i, n);
        } else if (n != 1 && m != 1) {
            add_dim(&both, i, n);
        } else if (n != 1) {
            add_dim(&rows, i, n);
        } else {
            add_dim(&columns, i, m);
        }
    }
    cd_shape left = { 0 }, right = { 0 }, made = { 0 }, sizes = { .ndim = ndim }, back = sizes;
    append(&left, &both), append(&left, &rows), made = left;
    append(&made, &inner), append(&made, &columns);
    append(&left, &inner), append(&left, &columns);
    append(&right, &both), append(&right, &inner), append(&right, &columns), append(&right, &rows);
    for (int i = 0; i < ndim; i++) {
        const int dim = (int)made.dim[i];
        const int64_t n = a->shape.dim[dim], m = b->shape.dim[dim];
        sizes.dim[i] = summed >> dim & 1 ? 1 : n != 1 ? n : m;
        back.dim[dim] = i;
    }
    cd_tensor *one = cd_reshape(cd_permute(a, left), CD_SHAPE(both.size, rows.size, inner.size));
    cd_tensor *two =
        cd_reshape(cd_permute(b, right), CD_SHAPE(both.size, inner.size, columns.size));
    return cd_permute(cd_view(cd_bmm(one, two), sizes), back);
}

/* a b, summed over the slots that no later operand has. wide[i] counts the operands from a on in
 * which place i has another size than 1. */
static cd_tensor *contract(const equation *e, cd_tensor *a, cd_tensor *b, int *wide)
{
    unsigned together = 0;
    cd_dims of_a = { .count = 0 }, of_b = { .count = 0 };
    if (!a || !b) return NULL;
    for (int i = e->kept; i < e->places; i++) {
        const bool in_a = a->shape.dim[i] != 1, in_b = b->shape.dim[i] != 1;
        if (in_a && in_b) {
            if (--wide[i] == 1) {
                together |= 1u << i;
                wide[i] = 0;
            }
        } else if (wide[i] == 1 && (in_a || in_b)) {
            cd_dims *own = in_a ? &of_a : &of_b;
            own->dim[own->count++] = i;
            wide[i] = 0;
        }
    }
    if (of_a.count > 0) a = cd_sum(a, .dims = of_a, .keepdim = true);
    if (of_b.count > 0) b = cd_sum(b, .dims = of_b, .keepdim = true);
    return a && b ? multiply(a, b, together) : NULL;
}

static cd_tensor *sum_of_one(const equation *e, cd_tensor *x)
{
    cd_dims dims = { .count = 0 };
    for (int i = e->kept; i < e->places; i++) dims.dim[dims.count++] = i;
    return dims.count > 0 ? cd_sum(x, .dims = dims) : x;
}

static cd_tensor *compute(equation *e, const char *text, cd_tensors operands)
{
    int wide[CD_MAX_DIMS] = { 0 };
    for (int i = 0; i < SLOTS; i++) {
        if (e->place[i] >= 0) wide[e->place[i]] = e->wide[i];
    }
    e->text = text;
    cd_tensor *y = align(e, operands.tensor[0], 0);
    if (operands.count == 1) return sum_of_one(e, y);
    for (int k = 1; k < operands.count && y; k++) {
        y = contract(e, y, align(e, operands.tensor[k], k), wide);
    }
    if (!y || e->kept == e->places) return y;
    cd_shape shape = y->shape;
    shape.ndim = e->kept;
    return cd_view(y, shape);
}

static bool check_operands(const char *text, cd_tensors operands)
{
    if (!text) return cd_fail(CD_ERR_ARGUMENT, "einsum: the equation is NULL");
    if (!operands.tensor || operands.count < 1) {
        return cd_fail(CD_ERR_ARGUMENT, "einsum: there must be at least one operand");
    }
    for (int k = 0; k < operands.count; k++) {
        if (!cd_check_tensor(operands.tensor[k], "einsum", "an operand") ||
            !cd_check_same_device("einsum", "the first operand", operands.tensor[0], "another",
                                  operands.tensor[k])) {
            return false;
        }
    }
    return true;
}

cd_tensor *cd_einsum(const char *text, cd_tensors operands)
{
    CD_CALLED("einsum");
    equation e;
    if (!check_operands(text, operands) || !read_equation(&e, text, operands)) return NULL;
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, compute(&e, text, operands));
}

const cd_op cd_op_einsum = {
    .name = "einsum",
    .like = "torch.einsum(equation, a, b)",
    .formula = "y = the sum over what the result does not name of the products of the operands",
    .gradient = "that of bmm, mul, sum and of views",
    .dtypes = "all but bool where sums are multiplied, the same for all",
    .composed = true,
};
