/* What people put around a state dict when they torch.save it, each loaded into a module by value,
 * in the pickle stream of PyTorch before 1.6. What PyTorch itself wrote is in test_pth_forms. */
#include "hostile.h"

#include <candela.h>

/* --- writing pickles -------------------------------------------------------------------------- */

/* A str. */
static void add_string(buffer *out, const char *text, size_t size)
{
    const unsigned char head[5] = { 'X', (unsigned char)size };
    add(out, head, sizeof head);
    add(out, text, size);
}

/* A tensor of float32 over the storage "0", which has the numbers 0 to 5. `layout` is its offset,
 * size and stride. */
static void add_tensor(buffer *out, const char *layout, size_t size)
{
    ADD(out, "ctorch._utils\n_rebuild_tensor_v2\n((U\7storagectorch\nFloatStorage\nU\0010U\3cpu"
             "K\6NtQ");
    add(out, layout, size);
    ADD(out, "\x89NtR");
}

static void add_named(buffer *out, const char *prefix, const char *name, const char *layout,
                      size_t size)
{
    char full[64];
    int length = snprintf(full, sizeof full, "%s%s", prefix, name);
    add_string(out, full, (size_t)length);
    add_tensor(out, layout, size);
}
#define LAYOUT(text_) (text_), sizeof(text_) - 1

/* The state dict of a linear layer of 3 inputs and 2 outputs: the weight is 0 to 5 and the bias 4,
 * 5. With `average` the weight is 0, 2, 4, 1, 3, 5, and the bias 1, 2. */
static void add_state(buffer *out, const char *prefix, bool average)
{
    ADD(out, "ccollections\nOrderedDict\n)R(");
    if (average) {
        add_named(out, prefix, "weight", LAYOUT("K\0K\2K\3\x86K\1K\2\x86"));
        add_named(out, prefix, "bias", LAYOUT("K\1K\2\x85K\1\x85"));
    } else {
        add_named(out, prefix, "weight", LAYOUT("K\0K\2K\3\x86K\3K\1\x86"));
        add_named(out, prefix, "bias", LAYOUT("K\4K\2\x85K\1\x85"));
    }
    ADD(out, "u}U\x09_metadata}sb");
}

/* The same tensors as those of a whole module whose class nobody knows. */
static void add_module(buffer *out)
{
    ADD(out, "cmy.code\nNet\n)\x81}(U\x08trainingI01\nU\x0b_parameters");
    add_state(out, "", false);
    ADD(out, "U\x08_buffers}U\x08_modules}ub");
}

/* Writes the value that `text` stands for, and returns what is behind it:
 *
 *   {key:value,key:value}   a dict             S   the state dict, its names behind `prefix`
 *   [value,value]           a list             A   its average, behind `prefix` too
 *   1                       the number 1       M   a whole module with the tensors of S
 *   N                       a Namespace        O   what Adam remembers of the layer
 *   L                       a tensor: a loss   C   the state dict of a loss with weights */
static const char *add_value(buffer *out, const char *text, const char *prefix)
{
    const char first = *text++;
    switch (first) {
    case '{':
    case '[':
        if (first == '{') ADD(out, "}(");
        if (first == '[') ADD(out, "](");
        while (*text != '}' && *text != ']') {
            if (*text == ',') text++;
            const char *colon = strchr(text, ':');
            if (first == '{') {
                add_string(out, text, (size_t)(colon - text));
                text = colon + 1;
            }
            text = add_value(out, text, prefix);
        }
        add(out, first == '{' ? "u" : "e", 1);
        return text + 1;
    case 'S':
    case 'A':
        add_state(out, prefix, first == 'A');
        break;
    case 'M':
        add_module(out);
        break;
    case 'N':
        ADD(out, "cargparse\nNamespace\n)\x81}(U\2lrG\x3f\xb9\x99\x99\x99\x99\x99\x9aU\4seedK\1ub");
        break;
    case 'L':
        add_tensor(out, LAYOUT("K\1))"));
        break;
    case 'O':
        ADD(out, "}(U\5state}K\0}(U\4stepK\1U\7exp_avg");
        add_tensor(out, LAYOUT("K\0K\6\x85K\1\x85"));
        ADD(out, "usU\x0cparam_groups]}(U\2lrG\x3f\xb9\x99\x99\x99\x99\x99\x9aU\6params]K\0auau");
        break;
    case 'C':
        ADD(out, "}");
        add_string(out, "weight", 6);
        add_tensor(out, LAYOUT("K\0K\3\x85K\1\x85"));
        ADD(out, "s");
        break;
    default:
        ADD(out, "K\1");
    }
    return text;
}

/* Writes a pickle stream with this value. Returns its path. */
static const char *write_stream(const char *text, const char *prefix)
{
    buffer out = { .size = 0 };
    ADD(&out, "\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19.\x80\x02M\xE9\x03.");
    ADD(&out, "\x80\x02}U\x0Dlittle_endian\x88s.\x80\x02");
    assert_int_equal(*add_value(&out, text, prefix), '\0');
    ADD(&out, ".\x80\x02]U\0010a.\6\0\0\0\0\0\0\0");
    static const float numbers[] = { 0, 1, 2, 3, 4, 5 };
    add(&out, numbers, sizeof numbers);
    return test_write("wrapped.pth", out.at, out.size);
}

/* --- the wrappers ----------------------------------------------------------------------------- */

typedef struct wrapper {
    const char *text, *prefix;
    const char *key;   /* what is given as .key; NULL: none */
    const char *found; /* the key under which the tensors lie */
    bool average;      /* whether they are those of A */
} wrapper;

static void loads(const wrapper *w)
{
    CD_SCOPE();
    cd_tensor_file *f = cd_tensor_file_open(write_stream(w->text, w->prefix), .key = w->key);
    assert_that(f, "%s: %s", w->text, cd_error_message());
    assert_that(strcmp(cd_tensor_file_key(f), w->found) == 0, "%s: %s", w->text,
                cd_tensor_file_key(f));
    cd_module *m = cd_nn_linear(3, 2);
    int64_t loaded = 0;
    assert_that(cd_load(m, NULL, .file = f, .loaded = &loaded), "%s: %s", w->text,
                cd_error_message());
    assert_int_equal(loaded, 2);
    static const float plain[] = { 0, 1, 2, 3, 4, 5 }, average[] = { 0, 2, 4, 1, 3, 5 };
    static const float bias[] = { 4, 5 }, average_bias[] = { 1, 2 };
    const float *weight = cd_data(cd_module_tensor(m, "weight"));
    assert_memory_equal(weight, w->average ? average : plain, sizeof plain);
    assert_memory_equal(cd_data(cd_module_tensor(m, "bias")), w->average ? average_bias : bias,
                        sizeof bias);
}

static void the_usual_wrappers(void **state)
{
    (void)state;
    static const wrapper wrappers[] = {
        { "S", "", NULL, "", false },                 /* torch.save(m.state_dict()) */
        { "S", "transformer.h.0.", NULL, "", false }, /* transformers: pytorch_model.bin */
        { "{state_dict:S}", "", NULL, "state_dict", false },
        { "{model:S}", "", NULL, "model", false },
        { "{net:S,acc:1,epoch:1}", "module.", NULL, "net", false }, /* kuangliu's pytorch-cifar */
        /* PyTorch's ImageNet example, trained by DataParallel */
        { "{epoch:1,arch:1,state_dict:S,best_acc1:L,optimizer:O,scheduler:{last_epoch:1}}",
          "module.", NULL, "state_dict", false },
        /* PyTorch's tutorial on checkpoints */
        { "{epoch:1,model_state_dict:S,optimizer_state_dict:O,loss:L}", "", NULL,
          "model_state_dict", false },
        /* Lightning, whose modules have the network under `model` */
        { "{epoch:1,global_step:1,pytorch-lightning_version:1,state_dict:S,loops:{},callbacks:{"
          "ModelCheckpoint:{best_model_score:L,best_model_path:1}},optimizer_states:[O],"
          "lr_schedulers:[{last_epoch:1}],hyper_parameters:N}",
          "model.", NULL, "state_dict", false },
        /* torch.compile inside DistributedDataParallel */
        { "{model:S,iter_num:1,best_val_loss:L,config:{},optimizer:O}", "module._orig_mod.", NULL,
          "model", false },
        /* timm: the average is chosen */
        { "{epoch:1,arch:1,state_dict:S,optimizer:O,version:1,args:N,state_dict_ema:A,metric:1}",
          "", "state_dict_ema", "state_dict_ema", true },
        { "{epoch:1,arch:1,state_dict:S,optimizer:O,version:1,args:N,metric:1}", "", NULL,
          "state_dict", false },
        /* torchvision's references, DeiT, ConvNeXt */
        { "{model:S,optimizer:O,lr_scheduler:{},epoch:1,args:N,model_ema:A}", "", "model_ema",
          "model_ema", true },
        /* DINO and other teachers */
        { "{student:S,teacher:A,optimizer:O,epoch:1,args:N}", "module.backbone.", "teacher",
          "teacher", true },
        /* detectron2 */
        { "{model:S,optimizer:O,scheduler:{last_epoch:1},iteration:1,__author__:1}", "", NULL,
          "model", false },
        /* mmcv */
        { "{meta:{env_info:1,epoch:1},state_dict:S,optimizer:O}", "backbone.", NULL, "state_dict",
          false },
        /* fairseq */
        { "{args:N,model:S,optimizer_history:[{num_updates:1}],extra_state:{},"
          "last_optimizer_state:O}",
          "", NULL, "model", false },
        /* BasicSR */
        { "{params:S,params_ema:A}", "", "params_ema", "params_ema", true },
        /* ultralytics: whole modules */
        { "{epoch:1,best_fitness:1,model:M,ema:1,optimizer:1,date:1}", "", NULL, "model", false },
        { "M", "", NULL, "", false },
        { "[S,O]", "", NULL, "0", false },
        /* an own key, beside numbers that are tensors */
        { "{my_net:S,loss:L,optimizer:O}", "", NULL, "my_net", false },
        { "{my_net:M,loss:L}", "", NULL, "my_net", false },
        { "{model:S,criterion:C}", "", NULL, "model", false },
        { "{optimal_model:S,optimizer:O}", "", NULL, "optimal_model", false },
        { "{optimized_model:S,optimG:{x:C}}", "", NULL, "optimized_model", false },
        { "{a:{b:[1,S]},c:N}", "net.", NULL, "a.b.1", false },
    };
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) loads(&wrappers[i]);
}

/* Where two are alike, the error names both. */
static void what_is_not_obvious(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{state_dict:S,state_dict_ema:A}", "{model:S,ema:{module:A}}", "{student:S,teacher:A}",
        "{params:S,params_ema:A}",         "{model:M,ema:M}",          "{G:S,D:C}",
    };
    static const char *const lists[] = {
        "\"state_dict\", \"state_dict_ema\"",
        "\"model\", \"ema.module\"",
        "\"student\", \"teacher\"",
        "\"params\", \"params_ema\"",
        "\"model\", \"ema\"",
        "\"G\", \"D\"",
    };
    CD_SCOPE();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_null(cd_tensor_file_open(write_stream(texts[i], "")));
        assert_failed_with(CD_ERR_UNSUPPORTED, lists[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_usual_wrappers),
        TEST(what_is_not_obvious),
    };
    return RUN(tests);
}
