/* The tables of the fields of attributes, which printing and comparing ops rely on. */
#include "test.h"

#include "autograd/dispatch/descriptor_internal.h"

static const cd_op *const all[] = {
#define CD_OP(name_)             &cd_op_##name_,
#define CD_OP_PART(name_, part_) &cd_op_##part_,
#define CD_OP_NODE(name_)        &cd_op_##name_,
#include "autograd/ops.def"
#undef CD_OP
};
enum { OPS = sizeof all / sizeof *all };

static size_t size_of(const cd_field *field)
{
    switch ((cd_field_kind)field->kind) {
    case CD_FIELD_BOOL:
        return sizeof(bool);
    case CD_FIELD_DIM:
        return sizeof(int);
    case CD_FIELD_DIMS:
        return sizeof(cd_dims);
    case CD_FIELD_INTEGER:
        return sizeof(int64_t);
    case CD_FIELD_PAIR:
        return 2 * sizeof(int64_t);
    case CD_FIELD_REAL:
        return sizeof(double);
    case CD_FIELD_DTYPE:
        return sizeof(cd_dtype);
    case CD_FIELD_SHAPE:
        return sizeof(cd_shape);
    case CD_FIELD_NUMBER:
        return sizeof(cd_number);
    case CD_FIELD_REDUCTION:
        return sizeof(cd_reduction);
    case CD_FIELD_END:
        break;
    }
    fail_msg("%s is of an unknown kind", field->name);
    return 0;
}

/* Names differ, and no byte belongs to two fields. */
static void check_pair(const cd_op *op, const cd_field *one, const cd_field *other)
{
    assert_that(strcmp(one->name, other->name) != 0, "%s: two fields %s", op->name, one->name);
    bool apart = one->offset + size_of(one) <= other->offset ||
                 other->offset + size_of(other) <= one->offset;
    assert_that(apart, "%s: %s and %s overlap", op->name, one->name, other->name);
}

static void fields_are_in_the_attributes_and_do_not_overlap(void **state)
{
    (void)state;
    int fields = 0;
    for (int i = 0; i < OPS; i++) {
        const cd_op *op = all[i];
        for (const cd_field *f = op->fields; f && f->kind != CD_FIELD_END; f++) {
            assert_that(f->offset + size_of(f) <= op->attribute_bytes, "%s: %s lies outside",
                        op->name, f->name);
            for (const cd_field *g = op->fields; g < f; g++) check_pair(op, g, f);
            fields++;
        }
    }
    assert_true(fields > 80);
}

static void ops_with_attributes_have_a_table(void **state)
{
    (void)state;
    assert_true(OPS > 100);
    for (int i = 0; i < OPS; i++) {
        bool right = (all[i]->attribute_bytes > 0) == (all[i]->fields != NULL);
        assert_that(right, "%s", all[i]->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fields_are_in_the_attributes_and_do_not_overlap),
        TEST(ops_with_attributes_have_a_table),
    };
    return RUN(tests);
}
