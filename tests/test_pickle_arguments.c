/* The arguments that calls in a pickle may have, one by one, and the objects that are not built. */
#include "pickle_machine.h"

#define REBUILD_V3   "ctorch._utils\n_rebuild_tensor_v3\n"
#define FROM_TYPE    "ctorch._tensor\n_rebuild_from_type_v2\n"
#define TENSOR_CLASS "ctorch\nTensor\n"
/* A 0-d tensor's arguments before requires_grad: (storage, offset 0, size (), stride () */
#define SCALAR       "(" STORAGE "K\0))"
#define HOOKS        ORDERED_DICT ")R"

/* The result is a tensor with this text in its refusal; NULL: without a refusal. */
static void is_tensor_with(machine *m, const char *refusal)
{
    assert_ok();
    assert_int_equal(result(m)->kind, CD_PICKLE_TENSOR);
    const char *found = m->pickle.tensors[result(m)->as.index].refusal;
    assert_that(refusal ? found && strstr(found, refusal) : !found, "its refusal is \"%s\"",
                found ? found : "NULL");
    end(m);
}
#define MAKES(refusal_, body_)                                                                     \
    do {                                                                                           \
        machine m_;                                                                                \
        (void)run(&m_, "\x80\x02" body_ ".", sizeof("\x80\x02" body_ ".") - 1);                    \
        is_tensor_with(&m_, refusal_);                                                             \
    } while (0)

/* --- tensors ---------------------------------------------------------------------------------- */

/* The storage of torch._neg_view(t), or of z.conj().imag, holds the values with the other sign. */
static void a_negated_tensor_is_not_taken_for_its_storage(void **state)
{
    (void)state;
    MAKES("negative bit", REBUILD SCALAR "\x89" HOOKS "}X\3\0\0\0neg\x88stR");
    MAKES("conjugate bit", REBUILD SCALAR "\x89" HOOKS "}X\4\0\0\0conj\x88stR");
    MAKES("negative bit", REBUILD SCALAR "\x89N}(U\4conj\x89U\3neg\x88utR");
    MAKES(NULL, REBUILD SCALAR "\x89N}(U\4conj\x89U\3neg\x89utR");
    MAKES("negative bit", REBUILD_V3 SCALAR "\x89Nctorch\nfloat32\n}U\3neg\x88stR");
    MAKES("negative bit", FROM_TYPE "(" REBUILD TENSOR_CLASS SCALAR "\x89N}U\3neg\x88st}tR");
    MAKES("negative bit",
          "ctorch._utils\n_rebuild_parameter\n" REBUILD SCALAR "\x89N}U\3neg\x88stR\x88N\x87R");
}

static void metadata_that_are_not_understood_refuse_the_tensor(void **state)
{
    (void)state;
    static const char strange[] = "its metadata say something that is not understood";
    MAKES(strange, REBUILD SCALAR "\x89N}U\4zero\x88stR");
    MAKES(strange, REBUILD SCALAR "\x89N}U\4zero\x89stR");
    MAKES(strange, REBUILD SCALAR "\x89N}U\3negK\1stR");
    MAKES(strange, REBUILD SCALAR "\x89N}K\1\x88stR");
    MAKES(strange, REBUILD SCALAR "\x89N}(U\4conj\x89U\3neg\x89U\3neg\x89utR");
    MAKES(NULL, REBUILD SCALAR "\x89NNtR");
    MAKES(NULL, REBUILD SCALAR "\x89N}tR");
    REFUSES("the metadata of a tensor has arguments", REBUILD SCALAR "\x89N]tR");
    REFUSES("the metadata of a tensor has arguments", REBUILD SCALAR "\x89N\x88tR");
}

static void gradient_flag_and_hooks_are_looked_at(void **state)
{
    (void)state;
    MAKES(NULL, REBUILD SCALAR "\x88" HOOKS "tR");
    REFUSES("_rebuild_tensor_v2 has arguments", REBUILD SCALAR "NNtR");
    REFUSES("_rebuild_tensor_v2 has arguments", REBUILD SCALAR "K\1NtR");
    REFUSES("_rebuild_tensor_v2 has arguments", REBUILD SCALAR "\x89]tR");
    REFUSES("_rebuild_tensor_v2 has arguments", REBUILD SCALAR "\x89}K\1NstR"); /* a hook */
    REFUSES("_rebuild_tensor_v3 has arguments", REBUILD_V3 SCALAR "NNctorch\nfloat32\ntR");
    REFUSES("_rebuild_tensor_v3 has arguments", REBUILD_V3 SCALAR "\x89]ctorch\nfloat32\ntR");
    REFUSES("a Parameter has", "ctorch._utils\n_rebuild_parameter\n" TENSOR "NN\x87R");
    REFUSES("a Parameter has", "ctorch._utils\n_rebuild_parameter\n" TENSOR "\x88]\x87R");
    REFUSES("a Parameter has arguments", PARAMETER TENSOR "N\x86\x81");
    REFUSES("BUILD of a Parameter", PARAMETER ")\x81(" TENSOR "NN\x88Ntb");
    REFUSES("BUILD of a Parameter", PARAMETER ")\x81(" TENSOR "N]\x88\x89tb");
    REFUSES("BUILD of a tensor", TENSOR "NNN\x87"
                                        "b");
    REFUSES("BUILD of a tensor", TENSOR "\x88\x89]\x87"
                                        "b");
    REFUSES("BUILD of a tensor", TENSOR "}b");
}

/* Attributes that were set in Python (t.name = "x"; torch.nn.Buffer(t) sets one, too) say nothing
 * about the values. */
static void attributes_of_a_tensor_are_dropped(void **state)
{
    (void)state;
    MAKES(NULL, FROM_TYPE "(" REBUILD TENSOR_CLASS TENSOR_ARGS "}U\x0A_is_buffer\x88stR");
    MAKES(NULL,
          FROM_TYPE "(" REBUILD TENSOR_CLASS TENSOR_ARGS "}}\x86tR"); /* __dict__ and __slots__ */
    MAKES(NULL, FROM_TYPE "(" REBUILD TENSOR_CLASS TENSOR_ARGS "NtR");
    MAKES(NULL, FROM_TYPE "(ctorch._utils\n_rebuild_parameter\n" PARAMETER TENSOR "\x88N\x87}tR");
    MAKES(NULL, "ctorch._utils\n_rebuild_parameter_with_state\n(" TENSOR "\x88N}U\1aK\1stR");
    /* as PyTorch 1.9 and 1.10, and 1.7 and 1.8, have it */
    MAKES(NULL, "ctorch._tensor\n_rebuild_from_type\n(" REBUILD TENSOR_CLASS TENSOR_ARGS "}tR");
    MAKES(NULL, "ctorch.tensor\n_rebuild_from_type\n(" REBUILD TENSOR_CLASS TENSOR_ARGS "}tR");
    MAKES("derived from torch.Tensor",
          "ctorch.tensor\n_rebuild_from_type\n(" REBUILD "ca\nT\n" TENSOR_ARGS "}tR");
    static const char wrong[] = "_rebuild_from_type_v2 has arguments";
    REFUSES(wrong, FROM_TYPE "(" REBUILD TENSOR_CLASS TENSOR_ARGS "tR");
    REFUSES(wrong, FROM_TYPE "(" REBUILD TENSOR_CLASS TENSOR_ARGS "K\1tR");
    REFUSES(wrong, FROM_TYPE "(" REBUILD ORDERED_DICT TENSOR_ARGS "}tR");
    REFUSES(wrong, FROM_TYPE "(" REBUILD TENSOR_CLASS "]}tR");
    REFUSES(wrong, FROM_TYPE "(N" TENSOR_CLASS TENSOR_ARGS "}tR");
    REFUSES(wrong, FROM_TYPE "(" ORDERED_DICT TENSOR_CLASS ")}tR"); /* makes no tensor */
    REFUSES(wrong, FROM_TYPE "(" FROM_TYPE TENSOR_CLASS "(" REBUILD TENSOR_CLASS TENSOR_ARGS
                             "}t}tR"); /* a nested call could go on without end */
    REFUSES_AS(CD_ERR_UNSUPPORTED, "torch.float32 is never called",
               FROM_TYPE "(ctorch\nfloat32\n" TENSOR_CLASS ")}tR");
    REFUSES("a Parameter has",
            "ctorch._utils\n_rebuild_parameter_with_state\n(" TENSOR "\x88NK\1tR");
}

static void tensors_that_cannot_be_read_say_why(void **state)
{
    (void)state;
    MAKES("sparse", "ctorch._utils\n_rebuild_sparse_tensor\n(NtR");
    MAKES("quantised", "ctorch._utils\n_rebuild_qtensor\n(NtR");
    MAKES("nested", "ctorch._utils\n_rebuild_nested_tensor\n(NtR");
    MAKES("\"meta\"", "ctorch._utils\n_rebuild_meta_tensor_no_storage\n)R");
    MAKES("wraps other tensors", "ctorch._utils\n_rebuild_wrapper_subclass\n)R");
    MAKES("t.cpu()", "ctorch._utils\n_rebuild_device_tensor_from_cpu_tensor\n)R");
    MAKES("its dtype is torch.complex32,", REBUILD_V3 SCALAR "\x89Nctorch\ncomplex32\ntR");
    MAKES("its dtype is torch.float4_e2m1fn_x2,",
          REBUILD_V3 SCALAR "\x89Nctorch\nfloat4_e2m1fn_x2\ntR");
    MAKES("its dtype is torch.uint4,", REBUILD_V3 SCALAR "\x89Nctorch\nuint4\ntR");
    MAKES("sparse", "ctorch._utils\n_rebuild_parameter\nctorch._utils\n_rebuild_sparse_tensor\n"
                    ")R\x88N\x87R");
}

/* Each argument of each call: of the right kind, and of a wrong one. */
static void every_argument_is_looked_at(void **state)
{
    (void)state;
    static const char v1[] = "_rebuild_tensor has arguments";
    REFUSES(v1, "ctorch._utils\n_rebuild_tensor\n(" STORAGE "K\0)tR");
    REFUSES(v1, "ctorch._utils\n_rebuild_tensor\n(" STORAGE "K\0))NtR");
    REFUSES("the storage, offset, size or stride of a tensor has",
            "ctorch._utils\n_rebuild_tensor\n(" STORAGE "K\0)NtR");
#define WITH_STATE(state_)                                                                         \
    "ctorch._utils\n_rebuild_parameter_with_state\n(" TENSOR "\x88N" state_ "tR"
    MAKES(NULL, WITH_STATE("N}\x86"));
    MAKES(NULL, WITH_STATE("}N\x86"));
    MAKES(NULL, WITH_STATE("NN\x86"));
    MAKES(NULL, WITH_STATE("N"));
    REFUSES("a Parameter has", WITH_STATE("K\1}\x86"));
    REFUSES("a Parameter has", WITH_STATE("}K\1\x86"));
    REFUSES("a Parameter has", WITH_STATE("}\x85"));
#undef WITH_STATE
    MAKES(NULL, PARAMETER TENSOR "\x88\x86\x81");
    REFUSES("NEWOBJ has arguments", "ctorch\nFloatTensor\n" TENSOR "\x85\x81");
    REFUSES("NEWOBJ has arguments", PARAMETER TENSOR "\x88N\x87\x81");
    MAKES(NULL, TENSOR "\x88\x89N\x87"
                       "b");
    REFUSES("BUILD of a tensor", TENSOR "N\x89N\x87"
                                        "b");
    REFUSES("BUILD of a tensor", TENSOR "\x88NN\x87"
                                        "b");
    REFUSES("BUILD of a Parameter", PARAMETER ")\x81(" TENSOR "NNN\x89tb");
    REFUSES("BUILD of a Parameter", PARAMETER ")\x81(" TENSOR "NN\x88\x89Ntb");
    REFUSES("the storage, offset, size or stride of a tensor has",
            "ctorch\nFloatTensor\n)\x81(NK\0))tb");
}

/* A persistent_load that makes an UntypedStorage, whose elements have no dtype. */
static bool untyped_storage(cd_pickle *p, cd_pickle_id id, cd_pickle_id *out, void *user)
{
    (void)id;
    (void)user;
    return cd_pickle_new(p, (cd_pickle_value){ .kind = CD_PICKLE_STORAGE, .dtype = CD_FILE_NONE },
                         out);
}

static bool run_untyped(machine *m, const void *pickle, size_t size)
{
    cd_bytes_borrow(&m->bytes, "p.pkl", pickle, size);
    m->budget = (cd_budget){ .limit = CD_BUDGET_DEFAULT, .label = "p.pkl" };
    m->cursor = cd_cursor_over(&m->bytes);
    cd_pickle_start(&m->pickle, &m->budget, untyped_storage, NULL);
    return cd_pickle_run(&m->pickle, &m->cursor, &m->value);
}

static void the_dtype_comes_from_the_storage_or_the_call(void **state)
{
    (void)state;
    machine m;
#define RUN_UNTYPED(body_) run_untyped(&m, "\x80\x02" body_ ".", sizeof("\x80\x02" body_ ".") - 1)
    assert_false(RUN_UNTYPED(TENSOR));
    end(&m);
    assert_failed_with(CD_ERR_FORMAT, "a tensor over an untyped storage has no dtype");
    assert_true(RUN_UNTYPED(REBUILD_V3 SCALAR "\x89Nctorch\nint16\ntR"));
    assert_int_equal(m.pickle.tensors[0].dtype, CD_FILE_I16);
    is_tensor_with(&m, NULL);
    assert_true(RUN_UNTYPED(REBUILD_V3 SCALAR "\x89Nctorch\nuint4\ntR"));
    is_tensor_with(&m, "its dtype is torch.uint4,");
#undef RUN_UNTYPED
}

/* --- what is dropped -------------------------------------------------------------------------- */

static void is_kind(const char *body, size_t size, cd_pickle_kind kind, uint32_t count)
{
    char pickle[200] = "\x80\x02";
    assert_true(size + 3 <= sizeof pickle);
    memcpy(pickle + 2, body, size);
    pickle[size + 2] = '.';
    machine m;
    assert_that(run(&m, pickle, size + 3), "%s", cd_error_message());
    assert_int_equal(result(&m)->kind, kind);
    if (kind == CD_PICKLE_SET) assert_int_equal(result(&m)->count, count);
    end(&m);
}
#define DROPS(body_)        is_kind(body_, sizeof(body_) - 1, CD_PICKLE_OPAQUE, 0)
#define SETS(count_, body_) is_kind(body_, sizeof(body_) - 1, CD_PICKLE_SET, count_)

/* The objects that torch.load builds with weights_only=True, as protocol 2 writes them. */
static void harmless_objects_are_dropped_unbuilt(void **state)
{
    (void)state;
    DROPS("ccollections\nCounter\n}(K\3K\1K\6K\2u\x85R");
    SETS(2, "c__builtin__\nset\n](K\1K\2e\x85R");
    SETS(1, "c__builtin__\nfrozenset\n](K\1e\x85R");
    SETS(0, "c__builtin__\nset\nK\1\x85R");
    DROPS("c__builtin__\ncomplex\nG\0\0\0\0\0\0\0\0G?\xF0\0\0\0\0\0\0\x86R");
    DROPS("c_codecs\nencode\nX\4\0\0\0abc\xC3X\6\0\0\0latin1\x86R");
    DROPS("c__builtin__\nbytearray\nX\1\0\0\0aX\7\0\0\0latin-1\x86R");
    DROPS("ctorch\ndevice\nU\4cudaK\1\x86R");
    DROPS("ctorch.serialization\n_get_layout\nX\x0D\0\0\0torch.strided\x85R");
}

/* The same objects as protocols 3 to 5 write them. */
static void newer_protocols_have_opcodes_for_them(void **state)
{
    (void)state;
    SETS(0, "cbuiltins\nset\n)R");
    DROPS("cbuiltins\ncomplex\n)R");
    DROPS("cbuiltins\nbytearray\n)R");
    DROPS("C\3abc");
    DROPS("B\3\0\0\0abc");
    DROPS("\x96\3\0\0\0\0\0\0\0abc");
    DROPS("\x8E\3\0\0\0\0\0\0\0abc");
    SETS(0, "\x8F");
    SETS(2, "\x8F(K\1K\2\x90");
    SETS(3, "\x8F(K\1K\2\x90(K\3\x90");
    SETS(2, "(K\1K\2\x91");
    /* The list grows behind the set's back. */
    SETS(1, "](K\1eq\0"
            "0c__builtin__\nset\nh\0\x85Rq\1"
            "0h\0K\2a0h\1");
    REFUSES("it ends within an opcode", "C\7ab");
    REFUSES("it ends within an opcode", "B\xFF\xFF\xFF\xFF");
    REFUSES("it ends within an opcode", "\x96\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
    REFUSES("there is no mark", "\x8F\x90");
    REFUSES("items of a set are added to a list", "](K\1\x90");
    REFUSES("items of a list are added to a set", "\x8F(K\1e");
    REFUSES("there is no mark", "\x91");
}

/* What runs code in Python is refused by its name; all else of builtins would only be noted. */
static void what_runs_code_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = { "eval",       "exec",  "compile", "open",   "execfile",
                                         "__import__", "apply", "input",   "globals" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char pickle[100];
        int size = snprintf(pickle, sizeof pickle,
                            "\x80\x02"
                            "c%s\n%s\n.",
                            i % 2 ? "builtins" : "__builtin__", names[i]);
        machine m;
        assert_false(run(&m, pickle, (size_t)size));
        end(&m);
        assert_failed_with(CD_ERR_UNSUPPORTED, "which is never loaded");
    }
}

/* dtypes and quantisation schemes are values, not functions: they are never called. */
static void constants_are_values(void **state)
{
    (void)state;
    static const char *const names[] = { "complex32",
                                         "bits8",
                                         "uint7",
                                         "int1",
                                         "qint8",
                                         "per_tensor_affine",
                                         "per_channel_affine_float_qparams" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        for (int called = 0; called < 2; called++) {
            char pickle[100];
            int size = snprintf(pickle, sizeof pickle,
                                "\x80\x02"
                                "ctorch\n%s\n%s.",
                                names[i], called ? ")R" : "");
            machine m;
            assert_int_equal(run(&m, pickle, (size_t)size), !called);
            end(&m);
            if (called) assert_failed_with(CD_ERR_UNSUPPORTED, "is never called");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_negated_tensor_is_not_taken_for_its_storage),
        TEST(metadata_that_are_not_understood_refuse_the_tensor),
        TEST(gradient_flag_and_hooks_are_looked_at),
        TEST(attributes_of_a_tensor_are_dropped),
        TEST(tensors_that_cannot_be_read_say_why),
        TEST(every_argument_is_looked_at),
        TEST(the_dtype_comes_from_the_storage_or_the_call),
        TEST(harmless_objects_are_dropped_unbuilt),
        TEST(newer_protocols_have_opcodes_for_them),
        TEST(what_runs_code_is_refused),
        TEST(constants_are_values),
    };
    return RUN(tests);
}
