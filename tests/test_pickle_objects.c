/* What pickles may name, and the three opcodes that make objects. */
#include "pickle_machine.h"

/* --- names ------------------------------------------------------------------------------------ */

static void names_are_looked_up_and_quoted(void **state)
{
    (void)state;
    REFUSES_AS(CD_ERR_UNSUPPORTED, "it names os.system, which is never loaded", "cos\nsystem\n");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "posix.system", "cposix\nsystem\n");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "nt.system", "cnt\nsystem\n");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "sys.modules", "csys\nmodules\n");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "builtins.eval", "cbuiltins\neval\n");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "__builtin__.__import__", "c__builtin__\n__import__\n");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "subprocess.Popen", "csubprocess\nPopen\n");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "names os.sys\\x01em",
               "cos\nsys\x01"
               "em\n");
}

/* Runs the pickle, whose value must be an unknown name or an object of one, and be shown so. */
static void is_shown(const char *body, size_t size, cd_pickle_kind kind, const char *shown)
{
    char pickle[200] = "\x80\x02", text[CD_PICKLE_SHOWN];
    assert_true(size + 3 <= sizeof pickle);
    memcpy(pickle + 2, body, size);
    pickle[size + 2] = '.';
    machine m;
    assert_that(run(&m, pickle, size + 3), "%s", cd_error_message());
    assert_int_equal(result(&m)->kind, kind);
    assert_string_equal(cd_pickle_show(&m.pickle, m.value, text), shown);
    end(&m);
}
#define SHOWS(kind_, shown_, body_) is_shown(body_, sizeof(body_) - 1, kind_, shown_)

/* A name that is not on the list is only noted, whatever it is called, and so is what a call of it
 * would make. */
static void other_names_are_only_noted(void **state)
{
    (void)state;
    SHOWS(CD_PICKLE_NAME, "a function or class numpy.core.multiarray._reconstruct",
          "cnumpy.core.multiarray\n_reconstruct\n");
    SHOWS(CD_PICKLE_NAME, "a function or class .", "c\n\n");
    SHOWS(CD_PICKLE_NAME, "a function or class a\\x01.b", "ca\x01\nb\n");
    SHOWS(CD_PICKLE_NAME, "a function or class collections.deque",
          "\x8C\013collections\x8C\5deque\x93");
    SHOWS(CD_PICKLE_OBJECT, "an object of torchvision.models.resnet.ResNet",
          "ctorchvision.models.resnet\nResNet\n)\x81");
    SHOWS(CD_PICKLE_OBJECT, "an object of functools.partial",
          "cfunctools\npartial\nca\nb\n\x85R(ca\nb\n)}Nt"
          "b");
    SHOWS(CD_PICKLE_OBJECT, "an object of a.B", "ca\nB\n)R(K\1K\2e"); /* derived from list */
    SHOWS(CD_PICKLE_OBJECT, "an object of a.B", "ca\nB\n)R(K\1K\2K\3K\4u");
    SHOWS(CD_PICKLE_OBJECT, "an object of a.B", "ca\nB\n)}\x92");
    SHOWS(CD_PICKLE_OBJECT, "an object of a.B", "(ca\nB\no");
    SHOWS(CD_PICKLE_OBJECT, "an object of a.B", "(ca\nB\nK\1Noq\0}U\1xh\0sb");
    SHOWS(CD_PICKLE_OBJECT, "an object of an unknown class", "ca\nB\n)R)R"); /* a method */
    REFUSES("NEWOBJ_EX of a function or class", ORDERED_DICT ")}\x92");
    REFUSES("the stack is empty", ")}\x92");
    REFUSES("OBJ of a function or class", "(" ORDERED_DICT "o");
    REFUSES("OBJ of an integer", "(K\1o");
    REFUSES("OBJ without a class", "(o");
    REFUSES("there is no mark", "ca\nB\no");
    REFUSES("a key without a value", "ca\nB\n)R(K\1u");
}

/* The items of an object are those that were set, and its state is the last that was given. */
static void objects_keep_items_and_state(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, "ca\nB\n)\x81(K\1K\2uK\3K\4sK\5bK\6b");
    const cd_pickle_object *object = &m.pickle.objects[result(&m)->as.index];
    assert_int_equal(m.pickle.object_count, 1);
    assert_int_equal(cd_pickle_value_of(&m.pickle, object->items)->count, 4);
    assert_int_equal(cd_pickle_value_of(&m.pickle, object->state)->as.integer, 6);
    end(&m);
    RUN_BODY(&m, "ca\nB\n)\x81");
    object = &m.pickle.objects[result(&m)->as.index];
    assert_int_equal(object->items, CD_PICKLE_NO_VALUE);
    assert_int_equal(object->state, CD_PICKLE_NO_VALUE);
    end(&m);
}

static void names_are_compared_whole(void **state)
{
    (void)state;
    SHOWS(CD_PICKLE_NAME, "a function or class torch.Siz", "ctorch\nSiz\n");
    SHOWS(CD_PICKLE_NAME, "a function or class torch.Sizes", "ctorch\nSizes\n");
    SHOWS(CD_PICKLE_NAME, "a function or class torch.cuda.FloatStorage",
          "ctorch\ncuda.FloatStorage\n");
    SHOWS(CD_PICKLE_NAME, "a function or class torch._utils._rebuild.tensor_v2",
          "ctorch._utils._rebuild\ntensor_v2\n");
    SHOWS(CD_PICKLE_NAME, "a function or class ossystem.x", "cossystem\nx\n");
    SHOWS(CD_PICKLE_NAME, "a function or class o.ssystem", "co\nssystem\n");
    SHOWS(CD_PICKLE_NAME, "a function or class builtins.evaluate", "cbuiltins\nevaluate\n");
    SHOWS(CD_PICKLE_NAME, "a function or class a.eval", "ca\neval\n");
    machine m;
    RUN_BODY(&m, "ctorch.cuda\nFloatStorage\n");
    end(&m);
}

static void every_storage_class_has_its_dtype(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        cd_file_dtype dtype;
    } classes[] = { { "Double", CD_FILE_F64 },       { "Float", CD_FILE_F32 },
                    { "Half", CD_FILE_F16 },         { "BFloat16", CD_FILE_BF16 },
                    { "Long", CD_FILE_I64 },         { "Int", CD_FILE_I32 },
                    { "Short", CD_FILE_I16 },        { "Char", CD_FILE_I8 },
                    { "Byte", CD_FILE_U8 },          { "Bool", CD_FILE_BOOL },
                    { "ComplexFloat", CD_FILE_C64 }, { "ComplexDouble", CD_FILE_C128 } };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        for (int cuda = 0; cuda < 2; cuda++) {
            char pickle[100];
            int size = snprintf(pickle, sizeof pickle,
                                "\x80\x02"
                                "c%s\n%sStorage\n.",
                                cuda ? "torch.cuda" : "torch", classes[i].name);
            machine m;
            assert_true(run(&m, pickle, (size_t)size));
            assert_int_equal(cd_pickle_global_kind(result(&m)->as.index), CD_GLOBAL_STORAGE);
            assert_int_equal(cd_pickle_global_dtype(result(&m)->as.index), classes[i].dtype);
            end(&m);
        }
    }
}

/* --- objects ---------------------------------------------------------------------------------- */

static void tensors_are_rebuilt(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, TENSOR);
    assert_int_equal(result(&m)->kind, CD_PICKLE_TENSOR);
    assert_int_equal(m.pickle.tensor_count, 1);
    assert_int_equal(m.pickle.tensors[0].dtype, CD_FILE_F32);
    end(&m);
    RUN_BODY(&m, REBUILD "(" STORAGE "K\0))\x89NNtR"); /* v2 with metadata */
    end(&m);
    RUN_BODY(&m, "ctorch._utils\n_rebuild_tensor\n(" STORAGE "K\0))tR");
    end(&m);
    RUN_BODY(&m, "ctorch._utils\n_rebuild_tensor_v3\n(" STORAGE "K\0))\x89Nctorch\nuint16\ntR");
    assert_int_equal(m.pickle.tensors[0].dtype, CD_FILE_U16);
    end(&m);
}

static void wrong_arguments_for_tensors(void **state)
{
    (void)state;
    static const char wrong[] = "arguments of the wrong number or type";
    REFUSES(wrong, REBUILD "(" STORAGE "K\0))\x89tR");                /* too few */
    REFUSES(wrong, REBUILD "(" STORAGE "K\0))\x89NNNtR");             /* too many */
    REFUSES(wrong, REBUILD "(NK\0))\x89NtR");                         /* no storage */
    REFUSES(wrong, REBUILD "(" TENSOR "K\0))\x89NtR");                /* a tensor for a storage */
    REFUSES(wrong, REBUILD "(" STORAGE "N))\x89NtR");                 /* no offset */
    REFUSES(wrong, REBUILD "(" STORAGE "J\xFF\xFF\xFF\xFF))\x89NtR"); /* negative offset */
    REFUSES(wrong, REBUILD "(" STORAGE "K\0])\x89NtR");               /* a list for a size */
    REFUSES(wrong, REBUILD "(" STORAGE "K\0N\x85K\1\x85\x89NtR");     /* None in the size */
    REFUSES(wrong,
            REBUILD "(" STORAGE "K\0J\xFF\xFF\xFF\xFF\x85K\1\x85\x89NtR"); /* negative size */
    REFUSES(wrong,
            REBUILD "(" STORAGE "K\0K\1\x85J\xFF\xFF\xFF\xFF\x85\x89NtR"); /* negative stride */
    REFUSES(wrong, REBUILD "(" STORAGE "K\0\x88\x85K\1\x85\x89NtR");       /* a bool in the size */
    REFUSES(wrong, "ctorch._utils\n_rebuild_tensor_v3\n(" STORAGE "K\0))\x89NNtR"); /* no dtype */
    REFUSES(wrong, "ctorch._utils\n_rebuild_tensor_v3\n(" STORAGE "K\0))\x89Nctorch\nSize\ntR");
}

static void very_long_sizes_are_refused(void **state)
{
    (void)state;
    REFUSES("wrong number or type", REBUILD
            "(" STORAGE "K\0(K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1"
            "K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1"
            "K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1t)\x89NtR");
}

static void parameters_are_their_tensors(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, "ctorch._utils\n_rebuild_parameter\n" TENSOR "\x88" ORDERED_DICT ")R\x87R");
    assert_int_equal(result(&m)->kind, CD_PICKLE_TENSOR);
    end(&m);
    RUN_BODY(&m, "ctorch._utils\n_rebuild_parameter_with_state\n(" TENSOR "\x88N}tR");
    assert_int_equal(result(&m)->kind, CD_PICKLE_TENSOR);
    end(&m);
    REFUSES("a Parameter has arguments of the wrong",
            "ctorch._utils\n_rebuild_parameter\nN\x88N\x87R");
    REFUSES("a Parameter has arguments of the wrong",
            "ctorch._utils\n_rebuild_parameter\n" TENSOR "\x88\x86R");
}

static void old_parameters_are_made_and_built(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, PARAMETER ")\x81(" TENSOR "NN\x88\x89tb");
    assert_int_equal(result(&m)->kind, CD_PICKLE_TENSOR);
    end(&m);
    RUN_BODY(&m, PARAMETER TENSOR "\x85\x81\x88\x89N\x87"
                                  "b");
    assert_int_equal(result(&m)->kind, CD_PICKLE_TENSOR);
    end(&m);
    RUN_BODY(&m, "ctorch\nFloatTensor\n)\x81(" STORAGE "K\0))tb");
    assert_int_equal(result(&m)->kind, CD_PICKLE_TENSOR);
    end(&m);
    REFUSES("BUILD of a Parameter", PARAMETER ")\x81Nb");
    REFUSES("BUILD of a Parameter", PARAMETER ")\x81(NNN\x88\x89tb");
    REFUSES("a Parameter has arguments", PARAMETER "N\x85\x81");
    REFUSES("NEWOBJ has arguments", PARAMETER "N\x81");
    REFUSES("BUILD has arguments", "ctorch\nFloatTensor\n)\x81)b");
}

/* PyTorch before 0.4 wrote type(self), (self.data,), (requires_grad, volatile, hooks). */
static void variables_of_old_files(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, "ctorch.autograd.variable\nVariable\n" TENSOR "\x85R\x88\x89" ORDERED_DICT ")R\x87"
                 "b");
    assert_int_equal(result(&m)->kind, CD_PICKLE_TENSOR);
    end(&m);
    RUN_BODY(&m, PARAMETER TENSOR "\x88\x86R");
    assert_int_equal(result(&m)->kind, CD_PICKLE_TENSOR);
    end(&m);
}

static void newobj_makes_nothing_else(void **state)
{
    (void)state;
    REFUSES_AS(CD_ERR_UNSUPPORTED, "NEWOBJ of what is neither", ORDERED_DICT ")\x81");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "NEWOBJ of what is neither", REBUILD ")\x81");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "NEWOBJ of what is neither", "N)\x81");
}

static void reduce_calls_nothing_else(void **state)
{
    (void)state;
    REFUSES("REDUCE of None with a tuple", "N)R");
    REFUSES("REDUCE of a dict with a tuple", "})R");
    REFUSES("REDUCE of a function or class with None", REBUILD "NR");
    REFUSES("REDUCE of a function or class with a list", REBUILD "]R");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "torch.FloatStorage is never called",
               "ctorch\nFloatStorage\n)R");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "torch.float32 is never called", "ctorch\nfloat32\n)R");
    REFUSES("a Parameter has arguments", PARAMETER ")R");
}

static void build_changes_nothing_else(void **state)
{
    (void)state;
    REFUSES("BUILD of None", "NNb");
    REFUSES("BUILD of a list", "]}b");
    REFUSES("BUILD of a function or class", ORDERED_DICT "}b");
    REFUSES("BUILD of an OrderedDict has arguments", ORDERED_DICT ")RNb");
    REFUSES("BUILD of a tensor has arguments", TENSOR "Nb");
    machine m;
    RUN_BODY(&m, ORDERED_DICT ")R}U\x09_metadata}sb");
    assert_int_equal(result(&m)->kind, CD_PICKLE_DICT);
    assert_int_equal(result(&m)->count, 0);
    end(&m);
}

static void ordered_dicts_from_python_2(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, ORDERED_DICT "](](U\1aK\1e](U\1bK\2ee\x85R");
    assert_int_equal(result(&m)->count, 4);
    end(&m);
    RUN_BODY(&m, ORDERED_DICT "]U\1aK\1\x86"
                              "a\x85R");
    assert_int_equal(result(&m)->count, 2);
    end(&m);
    REFUSES("OrderedDict has arguments", ORDERED_DICT "N\x85R");
    REFUSES("OrderedDict has arguments", ORDERED_DICT "]Na\x85R");
    REFUSES("OrderedDict has arguments", ORDERED_DICT "]]a\x85R");
    REFUSES("OrderedDict has arguments", ORDERED_DICT "NN\x86R");
}

static void sizes_and_devices(void **state)
{
    (void)state;
    machine m;
    RUN_BODY(&m, "ctorch\nSize\nK\2K\3\x86\x85R");
    assert_int_equal(result(&m)->kind, CD_PICKLE_TUPLE);
    assert_int_equal(result(&m)->count, 2);
    end(&m);
    RUN_BODY(&m, "ctorch\ndevice\nU\3cpu\x85R");
    assert_int_equal(result(&m)->kind, CD_PICKLE_OPAQUE);
    end(&m);
    REFUSES("torch.Size has arguments", "ctorch\nSize\n)R");
    REFUSES("torch.Size has arguments", "ctorch\nSize\nN\x85R");
    REFUSES("torch.Size has arguments", "ctorch\nSize\nN\x85\x85R");
}

static void persistent_ids_are_the_front_ends(void **state)
{
    (void)state;
    REFUSES("no tuple", "NQ");
    machine m;
    RUN_BODY(&m, "NN\x86Q");
    assert_int_equal(result(&m)->as.index, 2);
    end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_are_looked_up_and_quoted),
        TEST(other_names_are_only_noted),
        TEST(objects_keep_items_and_state),
        TEST(variables_of_old_files),
        TEST(names_are_compared_whole),
        TEST(every_storage_class_has_its_dtype),
        TEST(tensors_are_rebuilt),
        TEST(wrong_arguments_for_tensors),
        TEST(very_long_sizes_are_refused),
        TEST(parameters_are_their_tensors),
        TEST(old_parameters_are_made_and_built),
        TEST(newobj_makes_nothing_else),
        TEST(reduce_calls_nothing_else),
        TEST(build_changes_nothing_else),
        TEST(ordered_dicts_from_python_2),
        TEST(sizes_and_devices),
        TEST(persistent_ids_are_the_front_ends),
    };
    return RUN(tests);
}
